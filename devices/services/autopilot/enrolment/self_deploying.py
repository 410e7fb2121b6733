"""Self-deploying: the TPM alone proves the device; nobody signs in and it has no primary user.

Source: "Configure Windows Autopilot profiles", deployment mode [D].
"""

from datetime import datetime

from django.db import transaction

from devices.models import AutopilotDevice, DeploymentProfile, ManagedDevice
from devices.services.autopilot.enrolment import candidates, recording, userless
from devices.services.autopilot.enrolment.machines import Machine
from tenants.models import Tenant
from tenants.permissions import Actor


def enroll(
    *, tenant: Tenant, actor: Actor, device: AutopilotDevice, machine: Machine, now: datetime
) -> ManagedDevice:
    """Join and enroll a device by itself.

    Raises the refusals of candidates.lock and userless.admit, and ModeNotAllowed.
    """
    with transaction.atomic():
        candidate = candidates.lock(tenant=tenant, device_id=device.pk, machine=machine)
        userless.admit(candidate, machine)
        candidates.require_mode(candidate, DeploymentProfile.DeviceUsage.SELF_DEPLOYING)
        mode = ManagedDevice.Mode.SELF_DEPLOYING
        managed = recording.enrolled(candidate, actor=actor, mode=mode, user=None, machine=machine, now=now)
    device.refresh_from_db()
    return managed
