"""Filters of a partner's batches, rows and devices."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from devices.models import Submission, SubmissionRow
from portal.ui.filters import BladeFilterSet, DateRangeFilter, PickFilter, ValuesFilter
from tenants.services.partners import consents


def customers(request: Any) -> Iterable[str]:
    """The names of the tenants that authorized the partner."""
    return list(consents.served(request.partner).values_list("name", flat=True)[:100])


class SubmissionFilters(BladeFilterSet):
    """By kind, state, customer and date."""

    kind = PickFilter(label=_("Kind"), choices=Submission.Kind.choices)
    state = PickFilter(label=_("State"), choices=Submission.State.choices)
    customer = ValuesFilter(label=_("Customer"), field_name="tenant__name", suggestions=customers)
    created_at = DateRangeFilter(label=_("Sent"))


class SubmissionRowFilters(BladeFilterSet):
    """By what became of the device."""

    outcome = PickFilter(
        label=_("Outcome"), choices=[choice for choice in SubmissionRow.Outcome.choices if choice[0]]
    )


class PartnerDeviceFilters(BladeFilterSet):
    """By customer, tag, purchase order and date."""

    customer = ValuesFilter(label=_("Customer"), field_name="tenant__name", suggestions=customers)
    group_tag = ValuesFilter(label=_("Group tag"))
    purchase_order = ValuesFilter(label=_("Purchase order"))
    registered_at = DateRangeFilter(label=_("Registered"))
