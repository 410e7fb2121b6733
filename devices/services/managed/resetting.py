"""A device that starts over: its agent forgets its secret, and what waited for the reset ends.

Rules: a profile assigned anew is pending until the reset (Graph enrollmentState [D]); neither wipe nor
reset deregisters, and the Intune record stays until the device enrolls again [D, I].
"""

from datetime import datetime

from django.db.models import F

from devices.models import AutopilotDevice, DeviceAction, ManagedDevice
from tenants.permissions import Actor
from tenants.services import audit

State, Enrollment = ManagedDevice.State, AutopilotDevice.EnrollmentState
ENDS_WITH_A_RESET = (Enrollment.ENROLLED, Enrollment.PENDING_RESET)


def note(*, actor: Actor, managed: ManagedDevice, now: datetime) -> None:
    """Write a reset down; call it in a transaction, with the record locked."""
    tenant = managed.tenant
    was_wiped = _end_actions(managed, now)
    managed.state, managed.state_changed_at, managed.secret_digest = State.RESET, now, None
    managed.revision += 1
    managed.save(update_fields=["state", "state_changed_at", "secret_digest", "revision"])
    rows = (
        AutopilotDevice.objects.of(tenant)
        .live()
        .filter(pk=managed.autopilot_device_id, enrollment_state__in=ENDS_WITH_A_RESET)
    )
    rows.update(enrollment_state=Enrollment.NOT_CONTACTED, revision=F("revision") + 1)
    targets = [audit.Target("managed_device", managed.device_name, managed.pk)]
    if managed.autopilot_device_id:
        targets.insert(
            0, audit.Target("autopilot_device", managed.serial_number, managed.autopilot_device_id)
        )
    activity = "managed_device.wiped" if was_wiped else "device.reset"
    audit.record(tenant=tenant, actor=actor, activity=activity, targets=targets)


def _end_actions(managed: ManagedDevice, now: datetime) -> bool:
    """A reset carries out a pending wipe and overtakes everything else; whether it was a wipe."""
    Kind, Outcome = DeviceAction.Kind, DeviceAction.Outcome
    waiting = DeviceAction.objects.of(managed.tenant).filter(managed_device=managed, outcome=Outcome.PENDING)
    wiped = waiting.filter(kind=Kind.WIPE).update(outcome=Outcome.DONE, ended_at=now)
    waiting.update(outcome=Outcome.CANCELED, ended_at=now)
    return bool(wiped)
