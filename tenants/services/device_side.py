"""The device side of a local tenant: off until its Global Administrator switches it on, guarded by a key.

Nobody signs in with a real password there, so the key is what keeps strangers on the network from
enrolling machines into a tenant (design ruling). It is shown once; only its digest is kept.
"""

import secrets
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from portal.errors import Conflict, Refused
from tenants.models import DeviceSide, EnrollmentKey, Tenant
from tenants.permissions import Actor
from tenants.services import audit
from tenants.services.links import digest_of

PREFIX = "hangar-enroll-"
RUN_LIFETIME = timedelta(hours=6)
CHANGEABLE = ("is_on", "device_limit", "allows_personal")


class UnknownKey(Refused):
    """The key opens no tenant: missing, wrong, replaced or expired."""

    code = "unknown_enrollment_key"
    status = 401


class SwitchedOff(Refused):
    """The tenant's Global Administrator has not switched the device side on."""

    code = "device_side_off"
    status = 403


class OnlyLocal(Conflict):
    """Machines of a connected tenant ask Microsoft's service."""

    code = "only_local"


def of(tenant: Tenant) -> DeviceSide:
    """The tenant's settings; the defaults, unsaved and with revision 0, where it has none yet."""
    found: DeviceSide | None = DeviceSide.objects.of(tenant).first()
    return found or DeviceSide(tenant=tenant, revision=0)


def key_of(tenant: Tenant) -> EnrollmentKey | None:
    """The key in force, without its secret."""
    rows = EnrollmentKey.objects.of(tenant).filter(is_for_one_run=False, revoked_at=None)
    found: EnrollmentKey | None = rows.first()
    return found


@transaction.atomic
def change(
    *, tenant: Tenant, actor: Actor, values: dict[str, Any], revision: int, now: datetime
) -> DeviceSide:
    """Save settings (keys from CHANGEABLE); raises OnlyLocal, or Conflict for an old revision."""
    Tenant.objects.select_for_update().get(pk=tenant.pk)
    current = of(tenant)
    if current.revision != revision:
        sentence = _("Someone changed this meanwhile. Reload to see the change, then edit again.")
        raise Conflict(sentence, code="changed_meanwhile")
    if values.get("is_on") and not tenant.is_local:
        raise OnlyLocal(_("Only a local tenant has a device side: other machines ask Microsoft's service."))
    before = {name: getattr(current, name) for name in CHANGEABLE}
    after = {name: values[name] for name in CHANGEABLE if name in values and values[name] != before[name]}
    if not after:
        return current
    for name, value in after.items():
        setattr(current, name, value)
    current.revision, current.changed_at = current.revision + 1, now
    current.save()
    _record(tenant, actor, "device_side.changed", {name: before[name] for name in after}, after)
    return current


@transaction.atomic
def rotate(*, tenant: Tenant, actor: Actor, now: datetime) -> str:
    """Make a new key and end the one before; returns the secret, which is shown once."""
    Tenant.objects.select_for_update().get(pk=tenant.pk)
    EnrollmentKey.objects.of(tenant).filter(is_for_one_run=False, revoked_at=None).update(revoked_at=now)
    secret = _made(tenant, actor, now)
    _record(tenant, actor, "device_side.key_made", None, {"key": f"…{secret[-4:]}"})
    return secret


@transaction.atomic
def key_for_one_run(*, tenant: Tenant, actor: Actor, now: datetime) -> str:
    """A key that ends by itself, for a command of the machine's operator; raises SwitchedOff."""
    _require_on(tenant)
    secret = _made(tenant, actor, now, is_for_one_run=True, expires_at=now + RUN_LIFETIME)
    after = {"key": f"…{secret[-4:]}", "for_one_run": True}
    _record(tenant, actor, "device_side.key_made", None, after)
    return secret


def revoke(*, tenant: Tenant, secret: str, now: datetime) -> None:
    """End a key that is known by its secret."""
    EnrollmentKey.objects.of(tenant).filter(digest=digest_of(secret), revoked_at=None).update(revoked_at=now)


def tenant_of(*, secret: str, now: datetime) -> Tenant:
    """The tenant a key opens; raises UnknownKey, SwitchedOff."""
    rows = EnrollmentKey.unscoped.select_related("tenant").filter(digest=digest_of(secret), revoked_at=None)
    found = rows.first()
    if found is None or (found.expires_at is not None and found.expires_at <= now):
        raise UnknownKey(_("Give a valid enrollment key of the tenant."))
    _require_on(found.tenant)
    tenant: Tenant = found.tenant
    return tenant


def _require_on(tenant: Tenant) -> None:
    if not (tenant.is_local and of(tenant).is_on):
        sentence = _("The device side of %(tenant)s is off. A Global Administrator can switch it on.")
        raise SwitchedOff(sentence % {"tenant": tenant.name})


def _made(tenant: Tenant, actor: Actor, now: datetime, **values: Any) -> str:
    secret = f"{PREFIX}{secrets.token_urlsafe(32)}"
    EnrollmentKey.objects.create(
        tenant=tenant,
        digest=digest_of(secret),
        hint=secret[-4:],
        created_by=actor.label,
        created_at=now,
        **values,
    )
    return secret


def _record(
    tenant: Tenant, actor: Actor, activity: str, before: dict[str, Any] | None, after: dict[str, Any]
) -> None:
    target = audit.Target("device_side", tenant.name, tenant.pk, before=before, after=after)
    audit.record(tenant=tenant, actor=actor, activity=activity, targets=[target])
