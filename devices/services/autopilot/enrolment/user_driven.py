"""User-driven: a licensed user signs in on a registered device, and it becomes a Windows device.

Rule: a device is among Windows devices only when its registration succeeded and a licensed user has
signed in on it ("Registration overview" [D]).
"""

from datetime import datetime

from django.db import transaction

from devices.models import AutopilotDevice, DeploymentProfile, ManagedDevice
from devices.services.autopilot.enrolment import candidates, people, pre_provisioning, recording
from devices.services.autopilot.enrolment.machines import Machine
from tenants.models import DirectoryUser, Tenant
from tenants.permissions import Actor


def enroll(
    *,
    tenant: Tenant,
    actor: Actor,
    device: AutopilotDevice,
    user: DirectoryUser,
    machine: Machine,
    now: datetime,
) -> ManagedDevice:
    """Join and enroll a device for a user; a device that a technician prepared gets its user.

    Raises the refusals of candidates.lock and people.admit, and ModeNotAllowed.
    """
    with transaction.atomic():
        candidate = candidates.lock(tenant=tenant, device_id=device.pk, machine=machine)
        candidates.require_mode(candidate, DeploymentProfile.DeviceUsage.USER_DRIVEN)
        person = people.admit(tenant=tenant, user=user, earlier=candidate.earlier)
        if pre_provisioning.is_waiting_for_its_user(candidate):
            managed = pre_provisioning.hand_over(
                candidate, actor=actor, user=person, machine=machine, now=now
            )
        else:
            mode = ManagedDevice.Mode.USER_DRIVEN
            managed = recording.enrolled(
                candidate, actor=actor, mode=mode, user=person, machine=machine, now=now
            )
    device.refresh_from_db()
    return managed
