"""The fix of each defect for one record; every write goes through the service a person would use."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.db.models import F
from django.utils.translation import gettext as _

from devices.connectors import connector_for
from devices.connectors.base import Change
from devices.models import AutopilotDevice, EntraDevice, ManagedDevice, Orphan, UndoKit
from devices.services.autopilot import editing, restoring, undo_kits, users
from devices.services.directory import entra_devices
from devices.services.profiles import assignment
from devices.services.reconciling import checking
from devices.services.reconciling.defects import KINDS
from portal.errors import Conflict, Refused
from tenants.models import Tenant
from tenants.permissions import Actor, missing

Defect = Orphan.Defect


class MendedMeanwhile(Conflict):
    """The record no longer has the defect."""

    code = "mended_meanwhile"


class CannotBeFixed(Refused):
    """There is nothing Hangar can do about it by itself; the sentence says what a person can."""

    code = "cannot_be_fixed"


def apply(*, tenant: Tenant, actor: Actor, orphan: Orphan, now: datetime) -> None:
    """Mend one record, if it still has the defect; call it in a transaction.

    Raises Forbidden, MendedMeanwhile, CannotBeFixed, or what the service it calls refuses.
    """
    kind = KINDS[orphan.defect]
    for permission in kind.permissions:
        if not actor.can(permission, tenant=tenant):
            raise missing(permission)
    if not checking.is_there(orphan=orphan, kind=kind):
        raise MendedMeanwhile(_("This was mended meanwhile."))
    FIXES[orphan.defect](tenant, actor, orphan.object_id, now)


def _register_with_new_object(tenant: Tenant, actor: Actor, pk: UUID, now: datetime) -> None:
    """Release the registration and register the same hash again: that creates the object anew."""
    kits = undo_kits.pack(
        tenant=tenant, actor=actor, device_ids=[pk], reason=UndoKit.Reason.REPAIRED, now=now
    )
    kit, has_hash = kits[pk]
    if not has_hash:
        raise CannotBeFixed(
            _("No hardware hash is held for this device: delete it and import a new capture.")
        )
    connector_for(tenant).release(tenant=tenant, device_ids=[pk], reason=UndoKit.Reason.REPAIRED, now=now)
    AutopilotDevice.objects.of(tenant).filter(pk=pk).update(
        removed_at=now, removal_reason=UndoKit.Reason.REPAIRED, revision=F("revision") + 1
    )
    _restore(tenant, actor, UndoKit.objects.of(tenant).get(pk=kit), pk, now)


def _register_again(tenant: Tenant, actor: Actor, pk: UUID, now: datetime) -> None:
    """Register an enrolled device again from the kit of the registration it had."""
    managed = ManagedDevice.objects.of(tenant).live().get(pk=pk)
    kits = UndoKit.objects.of(tenant).filter(
        device_id=managed.autopilot_device_id, restored_at=None, expires_at__gt=now
    )
    kit = kits.exclude(blob=None).order_by("-created_at").first()
    if kit is None:
        raise CannotBeFixed(
            _(
                "No hardware hash is held for this device. Import one, or let a profile with “Convert all "
                "targeted devices to Autopilot” register it at its next check-in."
            )
        )
    _restore(tenant, actor, kit, kit.device_id, now)


def _restore(tenant: Tenant, actor: Actor, kit: UndoKit, was: UUID, now: datetime) -> None:
    """Register from a kit, and lead the Intune record of the old registration to the new one."""
    device_id = restoring.restore(tenant=tenant, actor=actor, kit=kit, now=now)
    rows = ManagedDevice.objects.of(tenant).live().filter(autopilot_device=was)
    if rows.update(autopilot_device=device_id, revision=F("revision") + 1):
        AutopilotDevice.objects.of(tenant).filter(pk=device_id).update(
            enrollment_state=AutopilotDevice.EnrollmentState.ENROLLED, revision=F("revision") + 1
        )
        assignment.refresh(tenant=tenant, device_ids=[device_id], now=now)


def _drop_ztdid(tenant: Tenant, actor: Actor, pk: UUID, now: datetime) -> None:
    """Take the dead registration off the object; one that never enrolled goes altogether."""
    device = _object(tenant, pk)
    device.ztdid, device.physical_ids, device.revision = None, [], device.revision + 1
    device.save(update_fields=["ztdid", "physical_ids", "revision"])
    if device.has_enrolled:
        assignment.refresh_objects(tenant=tenant, entra_device_ids=[pk], now=now)
    else:
        entra_devices.delete(tenant=tenant, actor=actor, device=device, now=now)


def _delete_object(tenant: Tenant, actor: Actor, pk: UUID, now: datetime) -> None:
    entra_devices.delete(tenant=tenant, actor=actor, device=_object(tenant, pk), now=now)


def _write_tag(tenant: Tenant, actor: Actor, pk: UUID, now: datetime) -> None:
    tag = AutopilotDevice.objects.of(tenant).live().values_list("group_tag", flat=True).get(pk=pk)
    connector_for(tenant).update(tenant=tenant, changes=[Change(pk, {"group_tag": tag})], now=now)
    assignment.refresh(tenant=tenant, device_ids=[pk], now=now)


def _enable(tenant: Tenant, actor: Actor, pk: UUID, now: datetime) -> None:
    device = _object(tenant, pk)
    device.is_enabled, device.revision = True, device.revision + 1
    device.save(update_fields=["is_enabled", "revision"])
    assignment.refresh_objects(tenant=tenant, entra_device_ids=[pk], now=now)


def _unassign(tenant: Tenant, actor: Actor, pk: UUID, now: datetime) -> None:
    editing.write(tenant=tenant, changes=[Change(pk, users.NOBODY)], now=now)


def _object(tenant: Tenant, pk: UUID) -> EntraDevice:
    device: EntraDevice = EntraDevice.objects.of(tenant).live().select_for_update().get(pk=pk)
    return device


FIXES: dict[str, Callable[[Tenant, Actor, UUID, datetime], None]] = {
    Defect.NO_ENTRA_DEVICE: _register_with_new_object,
    Defect.ZTDID_WITHOUT_REGISTRATION: _drop_ztdid,
    Defect.STALE_TWIN: _delete_object,
    Defect.TAG_DIFFERS: _write_tag,
    Defect.DISABLED: _enable,
    Defect.USER_GONE: _unassign,
    Defect.NOT_REGISTERED: _register_again,
}
