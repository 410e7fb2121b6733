"""Filters of a partner's customers and requests, and of a tenant's consent ledger."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from portal.ui.filters import BladeFilterSet, DateRangeFilter, PickFilter, YesNoFilter
from tenants.models import AuthorizationRequest, PartnerConsent


class StatusFilter(YesNoFilter):
    """Authorized or revoked."""

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        """Both words together ask for everything."""
        if len(set(value or [])) != 1:
            return qs
        return qs.filter(revoked_at__isnull=value[0] == "authorized")


class CustomerFilters(BladeFilterSet):
    """By state and date."""

    status = StatusFilter(label=_("State"), choices=PartnerConsent.STATUSES)
    granted_at = DateRangeFilter(label=_("Authorized on"))


class LedgerFilters(BladeFilterSet):
    """By state and date."""

    status = StatusFilter(label=_("State"), choices=PartnerConsent.STATUSES)
    granted_at = DateRangeFilter(label=_("Granted"))


class RequestFilters(BladeFilterSet):
    """By state and date."""

    state = PickFilter(label=_("State"), choices=AuthorizationRequest.State.choices)
    created_at = DateRangeFilter(label=_("Created"))
