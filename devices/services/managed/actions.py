"""Remote actions on Windows devices: asked for in the portal, carried out by the device at its check-in.

Rule: wiping does not deregister ("Wipe" of device actions [D]). A device that enrolled by a simulated
sign-in has no machine that could check in: its wipe is carried out at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from devices.models import AutopilotDevice, DeviceAction, EntraDevice, ManagedDevice
from devices.services.autopilot import editing
from devices.services.managed import resetting
from devices.services.profiles import assignment
from portal.errors import Conflict, Refused
from tenants.models import Tenant
from tenants.permissions import Actor
from tenants.services import audit

Kind, Outcome, State = DeviceAction.Kind, DeviceAction.Outcome, ManagedDevice.State


class NotRenamed(Refused):
    """A device in this state or of this join type cannot be renamed."""

    code = "cannot_be_renamed"


class NoSuchDevice(Conflict):
    """The device was deleted meanwhile."""

    code = "device_gone"


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """What a device says of an action it was given."""

    action: UUID
    is_done: bool


def wipe(*, tenant: Tenant, actor: Actor, device_ids: Sequence[UUID], now: datetime) -> tuple[int, int]:
    """Ask these devices to wipe themselves; how many wait for their check-in, and how many are done."""
    with transaction.atomic():
        rows = ManagedDevice.objects.of(tenant).live().filter(pk__in=device_ids, state=State.MANAGED)
        found = list(rows.select_for_update(of=("self",)).order_by("pk"))
        DeviceAction.objects.bulk_create(_asked(row, Kind.WIPE, actor, now) for row in found)
        waiting = [row for row in found if row.secret_digest]
        ManagedDevice.objects.of(tenant).filter(pk__in=[row.pk for row in waiting]).update(
            state=State.WIPE_ISSUED, state_changed_at=now, revision=F("revision") + 1
        )
        if found:
            targets = [target for row in found for target in _targets(row)]
            audit.record(
                tenant=tenant, actor=actor, activity="managed_device.wipe_requested", targets=targets
            )
        for row in found:
            if not row.secret_digest:
                resetting.note(actor=actor, managed=row, now=now)
    return len(waiting), len(found) - len(waiting)


def rename(*, tenant: Tenant, actor: Actor, device: ManagedDevice, name: str, now: datetime) -> bool:
    """Ask a device to take another name; False where it was renamed at once, having no machine.

    Raises BadValue, NotRenamed or NoSuchDevice.
    """
    editing.check_name(name)
    with transaction.atomic():
        rows: Any = ManagedDevice.objects.of(tenant).live().select_for_update(of=("self",))
        row = rows.select_related("entra_device").filter(pk=device.pk).first()
        if row is None:
            raise NoSuchDevice(_("This device was deleted meanwhile."))
        _require_renamable(row, name)
        waiting = DeviceAction.objects.of(tenant).filter(managed_device=row, outcome=Outcome.PENDING)
        waiting.filter(kind=Kind.RENAME).update(outcome=Outcome.CANCELED, ended_at=now)
        action = _asked(row, Kind.RENAME, actor, now, new_name=name)
        action.save(force_insert=True)
        after = {"device_name": name}
        targets = _targets(row, before={"device_name": row.device_name}, after=after)
        audit.record(tenant=tenant, actor=actor, activity="managed_device.rename_requested", targets=targets)
        if row.secret_digest:
            return True
        _carry_out(row, action, now)
        return False


def _require_renamable(row: ManagedDevice, name: str) -> None:
    if not name:
        raise NotRenamed(_("Give the device a name."), field="name")
    if row.entra_device is not None and row.entra_device.trust_type == EntraDevice.TrustType.HYBRID:
        raise NotRenamed(_("The name of a hybrid joined device comes from the domain."), field="name")
    if row.state != State.MANAGED:
        raise NotRenamed(_("This device is being wiped or was reset."), field="name")


def deliver(managed: ManagedDevice, *, now: datetime) -> list[DeviceAction]:
    """What waits for the device, oldest first; each is given until the device has answered."""
    rows = DeviceAction.objects.of(managed.tenant).filter(managed_device=managed, outcome=Outcome.PENDING)
    found = list(rows.order_by("requested_at", "pk"))
    rows.filter(delivered_at=None).update(delivered_at=now)
    return found


def acknowledge(
    managed: ManagedDevice, *, actor: Actor, answers: Sequence[Acknowledged], now: datetime
) -> bool:
    """Take a device's answers; unknown and ended actions are passed over. Whether it was wiped."""
    known = {each.action: each.is_done for each in answers}
    rows = DeviceAction.objects.of(managed.tenant).filter(managed_device=managed, outcome=Outcome.PENDING)
    found = list(rows.filter(pk__in=known).order_by("requested_at", "pk"))
    for action in found:
        if not known[action.pk]:
            _fail(managed, action, now)
        elif action.kind == Kind.RENAME:
            _carry_out(managed, action, now)
    if any(action.kind == Kind.WIPE and known[action.pk] for action in found):
        resetting.note(actor=actor, managed=managed, now=now)
        return True
    return False


def _fail(managed: ManagedDevice, action: DeviceAction, now: datetime) -> None:
    action.outcome, action.ended_at = Outcome.FAILED, now
    action.save(update_fields=["outcome", "ended_at"])
    if action.kind == Kind.WIPE:
        managed.state, managed.state_changed_at = State.MANAGED, now
        managed.save(update_fields=["state", "state_changed_at"])


def _carry_out(managed: ManagedDevice, action: DeviceAction, now: datetime) -> None:
    """The new name on the Intune record, the Entra object and the registered device."""
    action.outcome, action.ended_at = Outcome.DONE, now
    action.save(update_fields=["outcome", "ended_at"])
    tenant, name = managed.tenant, action.new_name
    managed.device_name, managed.revision = name, managed.revision + 1
    managed.save(update_fields=["device_name", "revision"])
    if managed.entra_device_id:
        objects = EntraDevice.objects.of(tenant).filter(pk=managed.entra_device_id)
        objects.update(display_name=name, revision=F("revision") + 1)
        assignment.refresh_objects(tenant=tenant, entra_device_ids=[managed.entra_device_id], now=now)
    listed = AutopilotDevice.objects.of(tenant).live().filter(pk=managed.autopilot_device_id).first()
    if listed is not None:
        changes = [editing.Change(listed.pk, {"display_name": name})]
        editing.write(tenant=tenant, changes=changes, now=now)


def _asked(
    row: ManagedDevice, kind: DeviceAction.Kind, actor: Actor, now: datetime, new_name: str = ""
) -> DeviceAction:
    return DeviceAction(
        tenant=row.tenant,
        managed_device=row,
        kind=kind,
        new_name=new_name,
        requested_by=actor.label,
        requested_at=now,
    )


def _targets(row: ManagedDevice, **values: Any) -> list[audit.Target]:
    targets = [audit.Target("managed_device", row.device_name, row.pk, **values)]
    if row.autopilot_device_id:
        targets.append(audit.Target("autopilot_device", row.serial_number, row.autopilot_device_id, **values))
    return targets
