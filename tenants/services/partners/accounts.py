"""Partners as the operator of the installation keeps them: created, edited, deactivated."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from portal.errors import Conflict, Refused
from tenants.models import Partner, PartnerConsent, Region
from tenants.permissions import Actor
from tenants.services import audit
from tenants.services.partners.authority import AUTHORITIES

Kind = Partner.Kind


class PartnerExists(Refused):
    """Another partner has this name or address; `field` says which."""

    code = "partner_exists"


class BadProvider(Refused):
    """Only an indirect reseller has a provider, and only an indirect provider is one."""

    code = "bad_provider"


class NeedsRegion(Refused):
    """A CSP serves the tenants of one sales region."""

    code = "needs_region"


class KindInUse(Refused):
    """Kind and provider are what customers consented to; they cannot change under a consent."""

    code = "kind_in_use"


class BadManufacturer(Refused):
    """A manufacturer name is too long or not printable, or there are too many."""

    code = "bad_manufacturer"


FIELDS = ("name", "kind", "sales_region", "provider_id", "manufacturers")
MOST_MANUFACTURERS, LONGEST_MANUFACTURER = 50, 255


def create(
    *,
    actor: Actor,
    name: str,
    slug: str,
    kind: str,
    sales_region: str = "",
    provider_id: UUID | None = None,
    manufacturers: Sequence[str] = (),
) -> Partner:
    """A new active partner; raises PartnerExists, BadProvider, BadManufacturer or NeedsRegion."""
    values = _checked(
        {
            "name": name,
            "kind": kind,
            "sales_region": sales_region,
            "provider_id": provider_id,
            "manufacturers": manufacturers,
        }
    )
    _refuse_taken(slug=slug, name=values["name"])
    try:
        with transaction.atomic():
            partner = Partner.objects.create(slug=slug, **values)
            _record(partner, actor, "partner.created", after={**_shown(values), "address": slug})
    except IntegrityError as error:
        raise _taken("name") from error
    return partner


def edit(*, actor: Actor, partner: Partner, revision: int, **wanted: Any) -> Partner:
    """Change name, kind, sales region, provider or manufacturer names (the address stays).

    Raises Conflict for an old revision, PartnerExists, BadProvider, BadManufacturer, NeedsRegion, KindInUse.
    """
    wanted = _checked({"manufacturers": partner.manufacturers, **wanted})
    try:
        with transaction.atomic():
            return _edit(actor, partner, revision, wanted)
    except IntegrityError as error:
        raise _taken("name") from error


def _edit(actor: Actor, partner: Partner, revision: int, wanted: dict[str, Any]) -> Partner:
    current = Partner.objects.select_for_update().get(pk=partner.pk)
    if current.revision != revision:
        sentence = _("Someone changed this meanwhile. Reload to see the change, then edit again.")
        raise Conflict(sentence, code="changed_meanwhile")
    before = {name: getattr(current, name) for name in FIELDS if getattr(current, name) != wanted[name]}
    if not before:
        return current
    if {"kind", "provider_id"} & set(before):
        _refuse_change_of_kind(current)
    for name in before:
        setattr(current, name, wanted[name])
    current.revision += 1
    current.save(update_fields=[*before, "revision"])
    after = {name: wanted[name] for name in before}
    _record(current, actor, "partner.updated", before=_shown(before), after=_shown(after))
    return current


def _refuse_change_of_kind(partner: Partner) -> None:
    if partner.resellers.exists():
        raise KindInUse(_("This provider has resellers; its kind cannot change."))
    if PartnerConsent.unscoped.live().filter(partner=partner).exists():
        sentence = _("Tenants authorized this partner as what it is; kind and provider cannot change.")
        raise KindInUse(sentence)


@transaction.atomic
def set_active(*, actor: Actor, partner: Partner, is_active: bool) -> Partner:
    """Let a partner in again, or shut its portal, its uploads and its API clients at once."""
    current = Partner.objects.select_for_update().get(pk=partner.pk)
    if current.is_active == is_active:
        return current
    current.is_active = is_active
    current.revision += 1
    current.save(update_fields=["is_active", "revision"])
    activity = "partner.activated" if is_active else "partner.deactivated"
    _record(current, actor, activity, before={"active": not is_active}, after={"active": is_active})
    return current


def _checked(values: dict[str, Any]) -> dict[str, Any]:
    values = {**values, "name": values["name"].strip(), "manufacturers": _manufacturers(values)}
    has_provider = values["provider_id"] is not None
    if has_provider != (values["kind"] == Kind.INDIRECT_RESELLER):
        sentence = _("An indirect reseller needs its provider; every other kind has none.")
        raise BadProvider(sentence, field="provider_id")
    providers = Partner.objects.filter(kind=Kind.INDIRECT_PROVIDER)
    if has_provider and not providers.filter(pk=values["provider_id"]).exists():
        raise BadProvider(_("The provider has to be an indirect CSP provider."), field="provider_id")
    if not AUTHORITIES[values["kind"]].is_regional:
        return {**values, "sales_region": ""}
    if values["sales_region"] not in Region.values:
        raise NeedsRegion(_("Choose the region this partner sells in."), field="sales_region")
    return values


def _manufacturers(values: dict[str, Any]) -> list[str]:
    """The names of an OEM, each once, in the spelling given; other kinds report nothing and have none."""
    names = dict.fromkeys(name.strip() for name in values["manufacturers"])
    names.pop("", None)
    if any(len(name) > LONGEST_MANUFACTURER or not name.isprintable() for name in names):
        sentence = _("A manufacturer name has at most %(most)d characters, all of them printable.")
        raise BadManufacturer(sentence % {"most": LONGEST_MANUFACTURER}, field="manufacturers")
    if len(names) > MOST_MANUFACTURERS:
        sentence = _("An OEM has at most %(most)d manufacturer names.")
        raise BadManufacturer(sentence % {"most": MOST_MANUFACTURERS}, field="manufacturers")
    return list(names) if values["kind"] == Kind.OEM else []


def _refuse_taken(*, slug: str, name: str) -> None:
    if Partner.objects.filter(slug=slug).exists():
        raise _taken("slug")
    if Partner.objects.filter(name__iexact=name).exists():
        raise _taken("name")


def _taken(field: str) -> PartnerExists:
    words = {"slug": _("Another partner has this address."), "name": _("Another partner has this name.")}
    return PartnerExists(words[field], field=field)


def _shown(values: dict[str, Any]) -> dict[str, Any]:
    """The values as an audit target carries them: the provider by name."""
    shown = {name: value for name, value in values.items() if name != "provider_id"}
    if "provider_id" in values:
        provider = Partner.objects.filter(pk=values["provider_id"]).first()
        shown["provider"] = provider.name if provider else ""
    return shown


def _record(partner: Partner, actor: Actor, activity: str, **values: Any) -> None:
    seen = audit.Target(kind="partner", label=partner.name, object_id=partner.pk, **values)
    audit.record(tenant=None, partner=partner, actor=actor, activity=activity, targets=[seen])
