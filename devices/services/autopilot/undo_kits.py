"""Undo kits: what a deletion takes away, kept before anything is deleted."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection

from devices.models import UndoKit
from devices.models.autopilot import UNDO_KIT_DAYS
from tenants.models import Job, Tenant
from tenants.permissions import Actor

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
RETURNING device_id, id, blob IS NOT NULL
"""


def pack(
    *, tenant: Tenant, job: Job, actor: Actor, device_ids: Sequence[UUID], reason: str, now: datetime
) -> dict[UUID, tuple[UUID, bool]]:
    """Keep hash, tag, user, names and direct profile of live devices, UNDO_KIT_DAYS days.

    Returns device id → (kit id, whether a hash is held).
    """
    expires = now + timedelta(days=UNDO_KIT_DAYS)
    with connection.cursor() as cursor:
        cursor.execute(PACK, [reason, job.pk, actor.label, now, expires, tenant.pk, list(device_ids)])
        return {device_id: (kit, has_hash) for device_id, kit, has_hash in cursor}


def discard(*, tenant: Tenant, kits: Sequence[UUID]) -> None:
    """Drop kits of devices that were not deleted after all."""
    UndoKit.objects.of(tenant).filter(pk__in=kits).delete()
