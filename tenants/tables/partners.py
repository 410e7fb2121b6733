"""Columns of a partner's lists: its customers and its authorization requests."""

from django.utils.translation import gettext_lazy as _

from portal.ui.columns import ChoiceColumn, Column, DateTimeColumn, NumberColumn
from portal.ui.tables import BladeTable
from tenants.models import AuthorizationRequest, PartnerConsent, Scope

REQUEST_TONES = {
    "open": "info",
    "accepted": "success",
    "declined": "danger",
    "withdrawn": "neutral",
    "expired": "neutral",
}


class CustomerTable(BladeTable):
    """Tenants that authorized the partner, or one of its resellers."""

    tenant = Column(_("Customer"))
    status = ChoiceColumn(
        _("State"),
        choices=PartnerConsent.STATUSES,
        tones={"authorized": "success", "revoked": "neutral"},
    )
    scope = ChoiceColumn(_("Scope"), choices=Scope)
    partner = Column(_("Through"))
    granted_at = DateTimeColumn(_("Authorized on"), sort="granted_at")
    last_used_at = DateTimeColumn(_("Last used"), empty=_("Never"))
    device_count = NumberColumn(_("Devices registered"))
    tenant_id = Column(_("Tenant ID"), css="mono")


class RequestTable(BladeTable):
    """Requests and their answers."""

    created_at = DateTimeColumn(_("Created"), sort="created_at")
    note = Column(_("Customer"))
    email = Column(_("Sent to"))
    status = ChoiceColumn(_("State"), choices=AuthorizationRequest.STATUSES, tones=REQUEST_TONES)
    tenant = Column(_("Answered by"))
    decided_at = DateTimeColumn(_("Answered"), shown=False)
    created_by_label = Column(_("Created by"))
    expires_at = DateTimeColumn(_("Expires"))
