"""The registered device that enrolls, locked, and what stands in its way whatever the mode."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from devices.models import AutopilotDevice, DeploymentProfile, EntraDevice, ManagedDevice
from devices.services.autopilot.enrolment.machines import Machine
from devices.services.autopilot.enrolment.refusals import (
    AlreadyEnrolled,
    AttentionRequired,
    BeingDeleted,
    EntraDeviceDisabled,
    EntraDeviceMissing,
    ModeNotAllowed,
    NotRegistered,
    OnlyLocal,
)
from tenants.models import Tenant

Remediation = AutopilotDevice.RemediationState
State = ManagedDevice.State


@dataclass(slots=True)
class Candidate:
    """The device, its Entra object (None: deleted), its live Intune record of before (None: none)."""

    device: AutopilotDevice
    entra: EntraDevice | None
    earlier: ManagedDevice | None

    @property
    def profile(self) -> DeploymentProfile | None:
        """The effective profile; None is the built-in default."""
        return self.device.assigned_profile

    @property
    def is_hybrid(self) -> bool:
        """Whether the profile joins to the on-premises domain as well."""
        return self.profile is not None and self.profile.join_type == DeploymentProfile.JoinType.HYBRID


def lock(*, tenant: Tenant, device_id: UUID, machine: Machine) -> Candidate:
    """Lock the device and its records; raises NotRegistered, BeingDeleted, AttentionRequired,
    EntraDeviceDisabled, AlreadyEnrolled, OnlyLocal.

    A real machine that asks stands in its set-up, so its record of before will be replaced; a simulated
    one has no machine behind it, and enrolls once until it is wiped.
    """
    if not tenant.is_local:
        raise OnlyLocal(_("A sign-in can be simulated only in a local tenant."))
    rows = AutopilotDevice.objects.of(tenant).live().select_for_update(of=("self",))
    row: AutopilotDevice | None = rows.select_related("assigned_profile").filter(pk=device_id).first()
    if row is None:
        raise NotRegistered(_("This device is not registered in this tenant."))
    if row.deletion_requested_at is not None:
        raise BeingDeleted(_("This device is being deleted and cannot enroll."))
    if row.remediation_state == Remediation.ATTENTION_REQUIRED:
        raise AttentionRequired(
            _("The hardware of this device changed and could not be registered: it gets no profile.")
        )
    entra = _live_object(tenant, row)
    if entra is not None and not entra.is_enabled:
        raise EntraDeviceDisabled(_("The Microsoft Entra object of this device is disabled."))
    earlier = _live_record(tenant, row)
    if earlier is not None and machine.is_simulated and earlier.state != State.RESET:
        raise AlreadyEnrolled(_("This device is already enrolled. Delete it from Windows devices first."))
    return Candidate(row, entra, earlier)


def _live_record(tenant: Tenant, device: AutopilotDevice) -> ManagedDevice | None:
    rows: Any = ManagedDevice.objects.of(tenant).live().select_for_update(of=("self",))
    found: ManagedDevice | None = rows.filter(autopilot_device=device).first()
    return found


def _live_object(tenant: Tenant, device: AutopilotDevice) -> EntraDevice | None:
    rows = EntraDevice.objects.of(tenant).live().select_for_update()
    found: EntraDevice | None = rows.filter(pk=device.entra_device_id).first()
    return found


def require_object(candidate: Candidate) -> EntraDevice:
    """The Entra object, without which nobody can join for the device; raises EntraDeviceMissing.

    Source: what deleting the object breaks, "Known issues" [D].
    """
    if candidate.entra is None:
        raise EntraDeviceMissing(
            _("The Microsoft Entra object of this device was deleted, so it cannot prove its ZTDID.")
        )
    return candidate.entra


def require_mode(candidate: Candidate, usage: str) -> None:
    """Raises ModeNotAllowed unless the effective profile deploys in this way."""
    profile = candidate.profile
    wanted = profile.device_usage_type if profile else DeploymentProfile.DeviceUsage.USER_DRIVEN
    if wanted == usage:
        return
    name = profile.display_name if profile else _("Default (built-in)")
    sentence = _("The profile “%(name)s” deploys in the mode “%(mode)s” only.")
    label = DeploymentProfile.DeviceUsage(wanted).label
    raise ModeNotAllowed(sentence % {"name": name, "mode": label})
