"""Filters of the audit log."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from portal.ui.distinct import MOST, distinct
from portal.ui.filters import BladeFilterSet, DateRangeFilter, PickFilter, ValuesFilter
from tenants.models import AuditEvent, Membership


def activities(request: Any) -> Iterable[str]:
    """The activities that occurred in the tenant."""
    return distinct(AuditEvent, "activity", scope="tenant_id = %s", values=[request.tenant.pk])


def people(request: Any) -> Iterable[str]:
    """The members' addresses."""
    rows = Membership.objects.of(request.tenant).order_by("user__email")
    return list(rows.values_list("user__email", flat=True)[:MOST])


class TargetFilter(ValuesFilter):
    """Events with a target whose name holds the text, ignoring case."""

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        """Each text narrows further."""
        for text in value or []:
            qs = qs.filter(targets__label__icontains=text).distinct() if text else qs
        return qs


class AuditFilters(BladeFilterSet):
    """Activity, person, date, result, target."""

    activity = ValuesFilter(label=_("Activity"), suggestions=activities)
    actor_label = ValuesFilter(label=_("Initiated by"), suggestions=people)
    at = DateRangeFilter(label=_("Date"))
    result = PickFilter(label=_("Result"), choices=AuditEvent.Result.choices)
    target = TargetFilter(label=_("Target"))
