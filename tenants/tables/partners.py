"""Columns of a partner's customers, requests and API clients, and of a tenant's consent ledger."""

from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from portal.ui.columns import ChoiceColumn, Column, DateTimeColumn, NumberColumn, time_element
from portal.ui.tables import BladeTable
from tenants.models import ApiClient, AuthorizationRequest, Partner, PartnerConsent, Scope

REQUEST_TONES = {
    "open": "info",
    "accepted": "success",
    "declined": "danger",
    "withdrawn": "neutral",
    "expired": "neutral",
}
CLIENT_TONES = {"active": "success", "expired": "warning", "revoked": "neutral"}


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


class ClientTable(BladeTable):
    """A partner's API clients."""

    client = Column(_("Name"), accessor="name")
    client_id = Column(_("Client ID"), css="mono")
    status = ChoiceColumn(_("State"), choices=ApiClient.STATUSES, tones=CLIENT_TONES)
    last_used_at = DateTimeColumn(_("Last used"), empty=_("Never"))
    expires_at = DateTimeColumn(_("Expires"))
    created_by_label = Column(_("Created by"))
    created = DateTimeColumn(_("Created"), sort="created", shown=False)


class LedgerTable(BladeTable):
    """Whom a tenant authorized, and what came of it."""

    partner = Column(_("Partner"))
    kind = ChoiceColumn(_("Kind"), accessor="partner__kind", choices=Partner.Kind)
    scope = ChoiceColumn(_("Scope"), choices=Scope)
    status = Column(_("State"))
    granted_by_label = Column(_("Granted by"))
    granted_at = DateTimeColumn(_("Granted"), sort="granted_at")
    last_used_at = DateTimeColumn(_("Last used"), empty=_("Never"))
    device_count = NumberColumn(_("Devices registered"))

    def render_partner(self, value: Partner, record: PartnerConsent) -> Any:
        """The name, and of an indirect reseller its provider's, which acts on the same consent."""
        if value.provider is None:
            return value.name
        note = _("and its provider %(provider)s") % {"provider": value.provider.name}
        return format_html('{} <span class="muted">{}</span>', value.name, note)

    def render_status(self, value: str, record: PartnerConsent) -> SafeString:
        """Revoked by whom and when, or what keeps the partner from acting."""
        partner = record.partner
        if record.revoked_at is not None:
            when = time_element(record.revoked_at)
            notes = (mark_safe(when), record.revoked_by_label)  # noqa: S308
            return _dot("neutral", _("Revoked"), *notes)
        if not partner.is_active:
            return _dot("warning", _("Partner deactivated"))
        if partner.sales_region and partner.sales_region != record.tenant.region:
            words = {"region": partner.get_sales_region_display()}
            return _dot(
                "warning", _("Other sales region"), _("It serves tenants in %(region)s only.") % words
            )
        return _dot("success", _("Authorized"))


def _dot(tone: str, label: Any, *notes: Any) -> SafeString:
    """A status with muted lines below it."""
    lines = format_html_join("", '<div class="muted">{}</div>', ((note,) for note in notes))
    return format_html('<span class="status" data-tone="{}">{}</span>{}', tone, label, lines)
