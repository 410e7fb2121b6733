"""Builders of rows for tests, one function a noun; nothing here checks rights."""

import base64
import itertools
from typing import Any

from django.utils import timezone

from devices.connectors import connector_for
from devices.connectors.base import Claim
from devices.hardware import synthetic
from devices.hardware.encode import encode
from devices.hardware.identity import HardwareIdentity
from devices.models import (
    AutopilotDevice,
    DeploymentProfile,
    EntraDevice,
    Group,
    ProfileAssignment,
    Registration,
    RegistrationHash,
)
from devices.registry import physical_ids
from devices.services.profiles import membership
from devices.services.profiles.rules import templates
from devices.services.syncs import mirroring
from tenants.models import (
    ApiClient,
    AuthorizationRequest,
    DirectoryUser,
    Membership,
    Partner,
    PartnerConsent,
    PartnerMembership,
    Region,
    Tenant,
    User,
)
from tenants.permissions import PARTNER_ADMINISTRATOR, Actor
from tenants.services import api_clients
from tenants.services.partners import requests

PASSWORD = "correct-horse-42"
_number = itertools.count(1)


def make_tenant(name: str = "Contoso", **fields: Any) -> Tenant:
    """A local tenant; its address is its name in lower case."""
    return Tenant.objects.create(name=name, slug=fields.pop("slug", name.lower()), **fields)


def make_person(email: str, *, name: str = "", **fields: Any) -> User:
    """Someone who can sign in with PASSWORD."""
    return User.objects.create_user(email, PASSWORD, name=name, **fields)


def join(tenant: Tenant, user: User, *roles: str, **fields: Any) -> Membership:
    """A membership with roles."""
    return Membership.objects.create(tenant=tenant, user=user, roles=list(roles), **fields)


def make_partner(name: str = "Tailwind", **fields: Any) -> Partner:
    """A direct CSP reseller of Europe, or an OEM of all made-up machines; the address is the name's."""
    fields.setdefault("kind", Partner.Kind.DIRECT_CSP)
    fields.setdefault("sales_region", "" if fields["kind"] == Partner.Kind.OEM else Region.EUROPE)
    fields.setdefault("manufacturers", [*synthetic.MODELS] if fields["kind"] == Partner.Kind.OEM else [])
    return Partner.objects.create(
        name=name, slug=fields.pop("slug", name.lower().replace(" ", "-")), **fields
    )


def work_for(
    partner: Partner, user: User, role: str = PARTNER_ADMINISTRATOR, **fields: Any
) -> PartnerMembership:
    """A person of a partner."""
    return PartnerMembership.objects.create(partner=partner, user=user, role=role, **fields)


def ask(partner: Partner, **fields: Any) -> AuthorizationRequest:
    """An open authorization request."""
    return requests.create(partner=partner, actor=Actor.command(), **fields)


def authorize(partner: Partner, tenant: Tenant, **fields: Any) -> PartnerConsent:
    """A live consent; the tenant's region becomes the partner's."""
    Tenant.objects.filter(pk=tenant.pk).update(region=partner.sales_region)
    return PartnerConsent.objects.create(tenant=tenant, partner=partner, granted_by_label="Test", **fields)


def make_client(partner: Partner, name: str = "Script") -> tuple[ApiClient, str]:
    """An API client of a partner and its secret."""
    lifetime = api_clients.LIFETIMES[0]
    return api_clients.create(partner=partner, actor=Actor.command(), name=name, lifetime=lifetime)


def make_directory_user(tenant: Tenant, upn: str = "", **fields: Any) -> DirectoryUser:
    """A directory user of a tenant, licensed unless told otherwise."""
    upn = upn or f"person{next(_number)}@contoso.example"
    fields.setdefault("display_name", upn.partition("@")[0].title())
    fields.setdefault("is_licensed", True)
    return DirectoryUser.objects.create(tenant=tenant, user_principal_name=upn, **fields)


def register(tenant: Tenant, serial: str, **fields: Any) -> Registration:
    """A live registration with its Entra object, as the registry leaves them; not mirrored yet."""
    fields.setdefault("manufacturer", "Contoso")
    row = Registration.objects.create(
        tenant=tenant,
        authority=tenant.authority,
        serial_number=serial,
        registered_by="Test",
        **fields,
    )
    ids = physical_ids.compose(ztdid=row.pk, group_tag=row.group_tag, purchase_order=row.purchase_order)
    EntraDevice.objects.create(
        tenant=tenant, display_name=serial, serial_number=serial, ztdid=row.pk, physical_ids=ids
    )
    return row


def register_machine(tenant: Tenant, machine: HardwareIdentity, **fields: Any) -> Registration:
    """A machine registered by the tenant itself, through the connector; not mirrored yet."""
    claims = [Claim(reference=1, identity=machine, blob=encode(machine), **fields)]
    (result,) = connector_for(tenant).register(
        tenant=tenant, claims=claims, registered_by="Test", channel="import", now=timezone.now()
    )
    return Registration.objects.of(tenant).get(pk=result.device_id)


def listed(tenant: Tenant, serial: str, **fields: Any) -> AutopilotDevice:
    """A device in the tenant's list: registered and mirrored through the service."""
    row = register(tenant, serial, **fields)
    mirroring.mirror(tenant=tenant, device_ids=[row.pk], now=timezone.now())
    return AutopilotDevice.objects.of(tenant).get(pk=row.pk)


READY_RULES = {
    "all_autopilot": lambda value: templates.all_autopilot(),
    "order_id": templates.order_id,
    "purchase_order": templates.purchase_order,
}


def make_group(tenant: Tenant, name: str, *, rule: str = "", rule_value: str = "", **fields: Any) -> Group:
    """A group; pass rule_text for a dynamic one, or the word of a ready rule and its rule_value."""
    text = fields.pop("rule_text", READY_RULES[rule](rule_value) if rule else "")
    if text:
        fields.setdefault("membership", Group.Membership.DYNAMIC)
    group = Group.objects.create(tenant=tenant, name=name, **fields)
    if text:
        membership.keep_rule(group, text)
    return group


def make_profile(tenant: Tenant, name: str, *groups: Group, **fields: Any) -> DeploymentProfile:
    """A profile that includes the groups."""
    profile = DeploymentProfile.objects.create(tenant=tenant, display_name=name, **fields)
    for group in groups:
        ProfileAssignment.objects.create(profile=profile, group=group)
    return profile


def register_many(tenant: Tenant, count: int, **fields: Any) -> list[Registration]:
    """Many live registrations with their Entra objects."""
    rows = [
        Registration(
            tenant=tenant,
            authority=tenant.authority,
            serial_number=f"MANY-{next(_number):06d}",
            manufacturer="Contoso",
            registered_by="Test",
            **fields,
        )
        for _ in range(count)
    ]
    Registration.objects.bulk_create(rows)
    EntraDevice.objects.bulk_create(
        EntraDevice(
            tenant=tenant,
            display_name=row.serial_number,
            serial_number=row.serial_number,
            ztdid=row.pk,
            physical_ids=physical_ids.compose(
                ztdid=row.pk, group_tag=row.group_tag, purchase_order=row.purchase_order
            ),
        )
        for row in rows
    )
    return rows


def actor(user: User, partner: Partner | None = None) -> Actor:
    """A person acting in the browser, or for a partner in its portal."""
    return Actor(user=user, partner=partner, via=Actor.PARTNER if partner else "browser")


def machines(tenant: Tenant, count: int = 1, *, first: int = 1, **fields: Any) -> list[AutopilotDevice]:
    """Devices in the tenant's list, each with a synthetic hash, through connector and mirror."""
    return claim(tenant, *(synthetic.machine(seed=first + number) for number in range(count)), **fields)


def claim(tenant: Tenant, *identities: HardwareIdentity, **fields: Any) -> list[AutopilotDevice]:
    """These machines in the tenant's list, through connector and mirror."""
    now = timezone.now()
    claims = [Claim(number, each, encode(each), **fields) for number, each in enumerate(identities)]
    results = connector_for(tenant).register(
        tenant=tenant, claims=claims, registered_by="Test", channel="import", now=now
    )
    ids = [result.device_id for result in results]
    mirroring.mirror(tenant=tenant, device_ids=ids, now=now)
    found = AutopilotDevice.objects.of(tenant).in_bulk(ids)
    return [found[pk] for pk in ids]


def hash_start(device: AutopilotDevice) -> str:
    """How the stored hash of this device begins, long enough that nothing else reads so."""
    held = RegistrationHash.objects.get(registration=device.pk)
    return base64.b64encode(bytes(held.blob)).decode()[:40]
