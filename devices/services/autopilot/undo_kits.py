"""Undo kits: what a removal takes away, kept before anything is removed, on whichever path."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from devices.models import AutopilotDevice, IdentityKey, Registration, RegistrationHash, UndoKit
from devices.models.autopilot import UNDO_KIT_DAYS
from tenants.models import Job, Tenant
from tenants.permissions import Actor, missing
from tenants.services import audit

PACK = """
INSERT INTO devices_undokit (id, tenant_id, device_id, serial_number, manufacturer, model, blob,
    group_tag, purchase_order, user_principal_name, addressable_user_name, display_name,
    direct_profile_id, reason, job_id, created_by, created_at, expires_at)
SELECT gen_random_uuid(), a.tenant_id, a.id, a.serial_number, a.manufacturer, a.model, h.blob,
    a.group_tag, a.purchase_order, a.user_principal_name, a.addressable_user_name, a.display_name,
    d.profile_id, %s, %s, %s, %s, %s
FROM devices_autopilotdevice a
LEFT JOIN devices_registrationhash h ON h.registration_id = a.id
LEFT JOIN LATERAL (
    SELECT g.direct_profile_id AS profile_id FROM devices_groupmember m
    JOIN devices_group g ON g.id = m.group_id
    WHERE m.device_id = a.entra_device_id AND g.direct_profile_id IS NOT NULL LIMIT 1
) d ON true
WHERE a.tenant_id = %s AND a.id = ANY(%s) AND a.removed_at IS NULL
ORDER BY a.id
ON CONFLICT (device_id) DO NOTHING
"""
PACKED = """
SELECT k.device_id, k.id, k.blob IS NOT NULL FROM devices_undokit k
JOIN devices_autopilotdevice a ON a.id = k.device_id
WHERE k.tenant_id = %s AND k.device_id = ANY(%s) AND a.removed_at IS NULL
"""
RENEW = """
UPDATE devices_undokit k SET group_tag = a.group_tag, purchase_order = a.purchase_order,
    display_name = a.display_name, reason = %s, job_id = %s, created_by = %s, created_at = %s,
    expires_at = %s, user_principal_name = coalesce(nullif(a.user_principal_name, ''), k.user_principal_name),
    addressable_user_name = coalesce(nullif(a.addressable_user_name, ''), k.addressable_user_name)
FROM devices_autopilotdevice a
WHERE a.id = k.device_id AND a.removed_at IS NULL AND k.tenant_id = %s AND k.device_id = ANY(%s)
"""


def pack(
    *,
    tenant: Tenant,
    actor: Actor,
    device_ids: Sequence[UUID],
    reason: str,
    now: datetime,
    job: Job | None = None,
) -> dict[UUID, tuple[UUID, bool]]:
    """Keep hash, tag, user, names and direct profile of live devices, UNDO_KIT_DAYS days.

    Call it before the removal, whoever removes: reason is a word of UndoKit.Reason. A device has one kit;
    one that has it already keeps the first. Returns device id → (kit id, whether a hash is held).
    """
    ids, expires = list(device_ids), now + timedelta(days=UNDO_KIT_DAYS)
    with connection.cursor() as cursor:
        job_id = job.pk if job else None
        cursor.execute(PACK, [reason, job_id, actor.label, now, expires, tenant.pk, ids])
        cursor.execute(PACKED, [tenant.pk, ids])
        return {device_id: (kit, has_hash) for device_id, kit, has_hash in cursor}


def renew(
    *, tenant: Tenant, actor: Actor, device_ids: Sequence[UUID], reason: str, now: datetime, job: Job
) -> None:
    """Bring kits that an earlier, failed removal left up to date; a user it took is kept."""
    expires = now + timedelta(days=UNDO_KIT_DAYS)
    with connection.cursor() as cursor:
        cursor.execute(RENEW, [reason, job.pk, actor.label, now, expires, tenant.pk, list(device_ids)])


def discard(*, tenant: Tenant, device_ids: Sequence[UUID]) -> None:
    """Drop kits of devices that were not removed after all."""
    stayed = AutopilotDevice.objects.of(tenant).live().filter(pk__in=device_ids)
    UndoKit.objects.of(tenant).filter(device_id__in=stayed.values("pk")).delete()


@transaction.atomic
def erase(*, tenant: Tenant, actor: Actor, kits: QuerySet[UndoKit]) -> int:
    """Delete kits for good, each with the hash and keys its ended registration still holds.

    Returns how many; raises Forbidden. The devices' history stays.
    """
    if not actor.can("devices.delete", tenant=tenant):
        raise missing("devices.delete")
    rows: Any = listed(tenant=tenant).filter(pk__in=kits.order_by().values("pk")).order_by("pk")
    found = list(rows.values_list("pk", "device_id", "serial_number", "has_hash"))
    ids = [device_id for _pk, device_id, _serial, _has_hash in found]
    ended = Registration.objects.of(tenant).filter(pk__in=ids, ended_at__isnull=False)
    RegistrationHash.objects.filter(registration__in=ended.values("pk")).delete()
    IdentityKey.objects.filter(registration__in=ended.values("pk"), is_live=False).delete()
    UndoKit.objects.of(tenant).filter(pk__in=[row[0] for row in found]).delete()
    targets = [
        audit.Target("autopilot_device", serial, device_id, before={"has_hash": has_hash})
        for _pk, device_id, serial, has_hash in found
    ]
    if targets:
        audit.record(tenant=tenant, actor=actor, activity="undo_kit.deleted", targets=targets)
    return len(found)


def listed(*, tenant: Tenant) -> QuerySet[UndoKit]:
    """The kits of devices that have left the list, each with `has_hash`, without the hash itself."""
    gone = AutopilotDevice.objects.of(tenant).filter(pk=OuterRef("device_id"), removed_at__isnull=False)
    rows: QuerySet[UndoKit] = UndoKit.objects.of(tenant).filter(Exists(gone)).defer("blob")
    return rows.annotate(has_hash=Q(blob__isnull=False))
