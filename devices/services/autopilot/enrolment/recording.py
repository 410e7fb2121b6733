"""The Intune record that an enrolment makes, both associations, and the act in the audit log."""

from datetime import datetime
from typing import Any

from django.db.models import F

from devices.models import AutopilotDevice, DeviceAction, EntraDevice, ManagedDevice
from devices.services.autopilot.enrolment import joining
from devices.services.autopilot.enrolment.candidates import Candidate
from devices.services.autopilot.enrolment.machines import Machine
from tenants.models import DirectoryUser, Tenant
from tenants.permissions import Actor
from tenants.services import audit

Userless = AutopilotDevice.UserlessEnrollment
WITHOUT_USER = (ManagedDevice.Mode.SELF_DEPLOYING, ManagedDevice.Mode.PRE_PROVISIONING)


def enrolled(
    candidate: Candidate,
    *,
    actor: Actor,
    mode: ManagedDevice.Mode,
    user: DirectoryUser | None,
    machine: Machine,
    now: datetime,
) -> ManagedDevice:
    """Join the object, make the record, associate both ways, and write the audit event."""
    device = candidate.device
    name = joining.name_of(device, candidate.profile)
    entra = joining.join(candidate, name=name, machine=machine, now=now)
    end_earlier(candidate.earlier, now)
    managed = _record_of(candidate, entra, name, mode, user, machine, now)
    associate(device, mode, now)
    joining.refresh_groups(tenant=device.tenant, device=device, objects=[entra], now=now)
    note(device.tenant, actor, device, managed)
    return managed


def end_earlier(earlier: ManagedDevice | None, now: datetime) -> None:
    """A new enrolment of a machine replaces its Intune record of before."""
    if earlier is None:
        return
    rows = ManagedDevice.objects.of(earlier.tenant).filter(pk=earlier.pk)
    rows.update(removed_at=now, secret_digest=None, revision=F("revision") + 1)
    waiting = DeviceAction.objects.of(earlier.tenant).filter(
        managed_device=earlier, outcome=DeviceAction.Outcome.PENDING
    )
    waiting.update(outcome=DeviceAction.Outcome.CANCELED, ended_at=now)


def _record_of(
    candidate: Candidate,
    entra: EntraDevice,
    name: str,
    mode: ManagedDevice.Mode,
    user: DirectoryUser | None,
    machine: Machine,
    now: datetime,
) -> ManagedDevice:
    device, profile = candidate.device, candidate.profile
    made: ManagedDevice = ManagedDevice.objects.create(
        tenant=device.tenant,
        device_name=name,
        mode=mode,
        os_version=machine.os_version,
        last_check_in_at=now,
        enrolled_at=now,
        user=user,
        user_principal_name=user.user_principal_name if user else "",
        serial_number=device.serial_number,
        manufacturer=device.manufacturer,
        model=device.model,
        enrollment_profile=profile.display_name if profile else "",
        profile_id_at_enrollment=profile.pk if profile else None,
        is_simulated=machine.is_simulated,
        secret_digest=machine.secret_digest,
        autopilot_device=device,
        entra_device=entra,
    )
    return made


def associate(device: AutopilotDevice, mode: ManagedDevice.Mode, now: datetime) -> None:
    """A device that enrolled without a user may not do so a second time ("Troubleshooting FAQ" [D])."""
    values: dict[str, Any] = {"enrollment_state": AutopilotDevice.EnrollmentState.ENROLLED}
    if mode in WITHOUT_USER:
        values["userless_enrollment"] = Userless.BLOCKED
    rows = AutopilotDevice.objects.of(device.tenant).filter(pk=device.pk)
    rows.update(**values, last_contacted_at=now, revision=F("revision") + 1)


def note(tenant: Tenant, actor: Actor, device: AutopilotDevice | None, managed: ManagedDevice) -> None:
    """The enrolment in the audit log, under both records."""
    after: dict[str, Any] = {
        "user": managed.user_principal_name,
        "device_name": managed.device_name,
        "mode": managed.mode,
        "simulated": managed.is_simulated,
    }
    targets = [audit.Target("managed_device", managed.device_name, managed.pk, after=after)]
    if device is not None:
        targets.insert(0, audit.Target("autopilot_device", device.serial_number, device.pk, after=after))
    audit.record(tenant=tenant, actor=actor, activity="device.enrolled", targets=targets)
