"""Consents: on which one a partner acts in a tenant, what is noted of its use, and its revocation.

"Registration authorization" [D]; that an administrator can revoke, and at once, is our own (the original
takes an OEM's consent back by mail only).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.errors import Conflict, Refused
from tenants.models import Partner, PartnerConsent, Tenant
from tenants.permissions import Actor
from tenants.services import audit
from tenants.services.partners.authority import authority_of
from tenants.services.partners.requests import other_region


class NoConsent(Refused):
    """The tenant did not authorize the partner, or no longer does."""

    code = "no_consent"
    status = 403


class ApiNotAllowed(Refused):
    """The partner's kind has to use the portal with CSV files."""

    code = "api_not_allowed"
    status = 403


@dataclass(frozen=True, slots=True)
class Standing:
    """A partner in a tenant: the live consent it acts on, and its kind's authority."""

    partner: Partner
    tenant: Tenant
    consent: PartnerConsent


def standing(*, partner: Partner, tenant: Tenant, is_held: bool = False) -> Standing:
    """On which consent the partner acts now; raises NoConsent (with the reason) or OtherRegion.

    is_held: for this transaction, so that a revocation waits for it and nothing is done after one.
    """
    current = Partner.objects.get(pk=partner.pk)
    if not current.is_active:
        raise NoConsent(_("%(partner)s was deactivated in this installation.") % {"partner": current.name})
    consents = _of(current, PartnerConsent.objects.of(tenant)).select_related("partner")
    live = consents.live().filter(partner__is_active=True).order_by("granted_at")
    consent = (live.select_for_update(of=("self",)) if is_held else live).first()
    if consent is None:
        raise NoConsent(_reason(current, tenant, consents))
    place = Tenant.objects.get(pk=tenant.pk)
    if authority_of(current).is_regional and place.region != current.sales_region:
        raise other_region(current, place)
    return Standing(current, place, consent)


def may_use_api(partner: Partner) -> None:
    """Raise ApiNotAllowed for a kind that has to use the portal."""
    if not authority_of(partner).may_use_api:
        raise ApiNotAllowed(
            _("An indirect reseller uses the portal with CSV files; its provider may use the API.")
        )


def _of(partner: Partner, rows: Any) -> Any:
    """The consents a partner acts on: its own, or, for a provider, its resellers'."""
    if authority_of(partner).asks_itself:
        return rows.filter(partner=partner)
    return rows.filter(partner__provider=partner)


def _reason(partner: Partner, tenant: Tenant, consents: Any) -> str:
    words = {"partner": partner.name, "tenant": tenant.name}
    last = consents.exclude(revoked_at=None).order_by("-revoked_at").first()
    if last is not None:
        words["day"] = timezone.localtime(last.revoked_at).strftime("%Y-%m-%d %H:%M")
        return (
            _(
                "%(tenant)s revoked its authorization of %(partner)s on %(day)s. Send it a new "
                "authorization request to serve it again."
            )
            % words
        )
    return _("%(tenant)s has not authorized %(partner)s. Send it an authorization request first.") % words


def customers(partner: Partner) -> Any:
    """Every consent the partner acts or acted on, live or revoked."""
    return _of(partner, PartnerConsent.unscoped.all())


def known(partner: Partner) -> Any:
    """The tenants that authorized the partner once, whether they still do or not."""
    return Tenant.objects.filter(pk__in=customers(partner).values("tenant")).order_by("name")


def served(partner: Partner) -> Any:
    """The tenants the partner may act in now, by name."""
    live = customers(partner).live().filter(partner__is_active=True)
    rows = Tenant.objects.filter(pk__in=live.values("tenant"))
    if authority_of(partner).is_regional:
        rows = rows.filter(region=partner.sales_region)
    return rows.order_by("name")


def note_use(*, consent: PartnerConsent, registered: int, now: datetime) -> None:
    """Keep when a consent was last used, and how many devices were registered on it."""
    rows = PartnerConsent.unscoped.filter(pk=consent.pk)
    rows.update(last_used_at=now, device_count=F("device_count") + registered)


def ledger(tenant: Tenant) -> Any:
    """A tenant's consents, live and revoked, newest first."""
    rows = PartnerConsent.objects.of(tenant).select_related("tenant", "partner__provider")
    return rows.order_by("-granted_at")


def keeps_provider(consent: PartnerConsent) -> bool:
    """Whether the consent's provider goes on acting in the tenant on another reseller's consent."""
    provider = consent.partner.provider
    if provider is None:
        return False
    others = _of(provider, PartnerConsent.objects.of(consent.tenant)).live().exclude(pk=consent.pk)
    return bool(others.filter(partner__is_active=True).exists())


@transaction.atomic
def revoke(*, tenant: Tenant, actor: Actor, consent: PartnerConsent) -> None:
    """Take a consent back, effective at once; what was registered stays. Raises Conflict."""
    rows = PartnerConsent.objects.of(tenant).live().filter(pk=consent.pk)
    if not rows.update(revoked_at=timezone.now(), revoked_by_label=actor.label[:254]):
        raise Conflict(_("This authorization was revoked already."), code="already_revoked")
    partner = consent.partner
    before = {"scope": consent.get_scope_display()}
    seen = audit.Target(kind="partner", label=partner.name, object_id=partner.pk, before=before)
    audit.record(tenant=tenant, partner=partner, actor=actor, activity="partner.revoked", targets=[seen])
