"""Delete Windows devices from Intune: the Autopilot registration stays, not contacted again."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F

from devices.connectors import connector_for
from devices.models import AutopilotDevice, ManagedDevice
from tenants.models import Tenant
from tenants.permissions import Actor
from tenants.services import audit


def delete(*, tenant: Tenant, actor: Actor, device_ids: Sequence[UUID], now: datetime) -> int:
    """Delete these Windows devices; returns how many were still enrolled.

    A device that had enrolled without a user may do so again: deleting the record unblocks it.
    """
    with transaction.atomic():
        accepted = connector_for(tenant).remove_managed(tenant=tenant, managed_ids=device_ids, now=now)
        found = mirror_removal(tenant=tenant, managed_ids=accepted, now=now)
        if found:
            targets = [target for row in found for target in _targets(row)]
            audit.record(tenant=tenant, actor=actor, activity="managed_device.deleted", targets=targets)
    return len(found)


def mirror_removal(*, tenant: Tenant, managed_ids: Sequence[UUID], now: datetime) -> list[ManagedDevice]:
    """Show records the service has removed as removed, and their registrations as not enrolled."""
    rows = ManagedDevice.objects.of(tenant).filter(pk__in=managed_ids)
    rows.live().update(removed_at=now, revision=F("revision") + 1)
    found: list[ManagedDevice] = list(rows.order_by("pk"))
    registered = [row.autopilot_device_id for row in found if row.autopilot_device_id]
    AutopilotDevice.objects.of(tenant).live().filter(pk__in=registered).update(
        enrollment_state=AutopilotDevice.EnrollmentState.NOT_CONTACTED,
        userless_enrollment=AutopilotDevice.UserlessEnrollment.UNKNOWN,
        revision=F("revision") + 1,
    )
    return found


def _targets(row: ManagedDevice) -> list[audit.Target]:
    before = {"user": row.user_principal_name, "device_name": row.device_name}
    targets = [audit.Target("managed_device", row.device_name, row.pk, before=before)]
    if row.autopilot_device_id:
        targets.append(
            audit.Target("autopilot_device", row.serial_number, row.autopilot_device_id, before=before)
        )
    return targets
