"""Simulated enrolment: the portal and the command line play the machine of a local tenant's device."""

from datetime import datetime
from uuid import UUID

from devices.models import AutopilotDevice, DeploymentProfile, ManagedDevice
from devices.services.autopilot import facts
from devices.services.autopilot.enrolment import self_deploying, user_driven
from devices.services.autopilot.enrolment.machines import Machine, has_tpm, simulated_machine
from tenants.models import DirectoryUser, Tenant
from tenants.permissions import Actor


def enroll(
    *,
    tenant: Tenant,
    actor: Actor,
    device: AutopilotDevice,
    user: DirectoryUser | None,
    simulated: bool,
    now: datetime,
) -> ManagedDevice:
    """Enroll a device for a user; without one, as its profile deploys itself.

    simulated: False where a machine that Hangar does not play stands behind it. Raises the refusals of
    user_driven.enroll or self_deploying.enroll.
    """
    machine = simulated_machine(has_tpm=_has_tpm(tenant, device.pk)) if simulated else Machine()
    if user is None:
        return self_deploying.enroll(tenant=tenant, actor=actor, device=device, machine=machine, now=now)
    return user_driven.enroll(tenant=tenant, actor=actor, device=device, user=user, machine=machine, now=now)


def deploys_itself(device: AutopilotDevice) -> bool:
    """Whether nobody signs in on the device, by its effective profile."""
    profile = device.assigned_profile
    return profile is not None and profile.device_usage_type == DeploymentProfile.DeviceUsage.SELF_DEPLOYING


def _has_tpm(tenant: Tenant, device_id: UUID) -> bool:
    """Whether the registered hash shows an endorsement key."""
    hardware = facts.hardware_of(tenant=tenant, device_id=device_id)
    return hardware is not None and has_tpm(hardware)
