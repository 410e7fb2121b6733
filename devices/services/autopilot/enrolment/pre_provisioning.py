"""Pre-provisioning: a technician prepares the device by its TPM, and its user signs in later.

Source: "Configure Windows Autopilot profiles", Allow pre-provisioned deployment; 0x80180005 otherwise [D].
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from devices.models import AutopilotDevice, DeploymentProfile, ManagedDevice
from devices.services.autopilot.enrolment import candidates, joining, recording, userless
from devices.services.autopilot.enrolment.candidates import Candidate
from devices.services.autopilot.enrolment.machines import Machine
from devices.services.autopilot.enrolment.refusals import PreProvisioningNotAllowed
from tenants.models import DirectoryUser, Tenant
from tenants.permissions import Actor

Mode, State = ManagedDevice.Mode, ManagedDevice.State


def prepare(
    *, tenant: Tenant, actor: Actor, device: AutopilotDevice, machine: Machine, now: datetime
) -> ManagedDevice:
    """The technician's phase: the device joins and enrolls without a user.

    Raises the refusals of candidates.lock and userless.admit, and PreProvisioningNotAllowed.
    """
    with transaction.atomic():
        candidate = candidates.lock(tenant=tenant, device_id=device.pk, machine=machine)
        userless.admit(candidate, machine)
        candidates.require_mode(candidate, DeploymentProfile.DeviceUsage.USER_DRIVEN)
        if candidate.profile is None or not candidate.profile.preprovisioning_allowed:
            raise PreProvisioningNotAllowed(
                _("The profile of this device does not allow pre-provisioned deployment.")
            )
        managed = recording.enrolled(
            candidate, actor=actor, mode=Mode.PRE_PROVISIONING, user=None, machine=machine, now=now
        )
    device.refresh_from_db()
    return managed


def is_waiting_for_its_user(candidate: Candidate) -> bool:
    """Whether a technician prepared the device and nobody has signed in since."""
    earlier = candidate.earlier
    if earlier is None or earlier.mode != Mode.PRE_PROVISIONING or earlier.user_principal_name:
        return False
    return earlier.state != State.RESET


def hand_over(
    candidate: Candidate, *, actor: Actor, user: DirectoryUser, machine: Machine, now: datetime
) -> ManagedDevice:
    """The user's phase: the record that the technician made gets its user, and the device a new secret."""
    managed = candidate.earlier
    if managed is None:
        raise ValueError("only a prepared device is handed over")
    managed.user, managed.user_principal_name = user, user.user_principal_name
    managed.last_check_in_at, managed.secret_digest = now, machine.secret_digest
    managed.os_version = machine.os_version or managed.os_version
    managed.revision += 1
    managed.save()
    device = candidate.device
    AutopilotDevice.objects.of(device.tenant).filter(pk=device.pk).update(
        enrollment_state=AutopilotDevice.EnrollmentState.ENROLLED, last_contacted_at=now
    )
    joining.refresh_groups(tenant=device.tenant, device=device, objects=[], now=now)
    recording.note(device.tenant, actor, device, managed)
    return managed
