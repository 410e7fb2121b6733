"""A machine enrolls through the device side: the mode it asks for, a secret for its check-ins, and a
failure record where it is refused.
"""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from devices.models import AutopilotDevice, ManagedDevice
from devices.registry.recognition import Kind, Place
from devices.services.autopilot.enrolment import (
    failures,
    people,
    pre_provisioning,
    self_deploying,
    unregistered,
    user_driven,
)
from devices.services.autopilot.enrolment.failures import Attempt
from devices.services.autopilot.enrolment.machines import Machine, has_tpm
from devices.services.autopilot.enrolment.refusals import (
    EnrollmentRefused,
    HardwareMismatch,
    NotRegistered,
    NotUnique,
    RegisteredElsewhere,
)
from devices.services.autopilot.enrolment.unregistered import Hardware
from devices.services.device_side import machines
from devices.services.device_side.machines import Capture
from tenants.models import Tenant
from tenants.permissions import Actor

Mode = ManagedDevice.Mode
REGISTERED_MODES = (Mode.USER_DRIVEN, Mode.SELF_DEPLOYING, Mode.PRE_PROVISIONING)
UNREGISTERED_MODES = (Mode.ENTRA_JOIN, Mode.HYBRID_JOIN, Mode.WORK_ACCOUNT, Mode.MDM_ONLY)


@dataclass(frozen=True, slots=True)
class Enrolled:
    """The Intune record, and the secret, which is told once."""

    managed: ManagedDevice
    secret: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What a machine asks for; upn is empty where nobody signs in."""

    mode: ManagedDevice.Mode
    capture: Capture
    upn: str = ""
    os_version: str = ""


def enroll(*, tenant: Tenant, actor: Actor, asked: Asked, now: datetime) -> Enrolled:
    """Enroll a machine; a refusal (any EnrollmentRefused) is written down before it is raised."""
    place = machines.place_of(tenant=tenant, capture=asked.capture)
    device = machines.device_of(tenant=tenant, place=place, now=now, lists=True)
    secret, digest = machines.new_secret()
    machine = Machine(asked.os_version, has_tpm(asked.capture.identity), digest)
    try:
        if asked.mode in UNREGISTERED_MODES:
            managed = _join(tenant, actor, asked, device, machine, now)
        else:
            _require_here(place)
            managed = _enroll(tenant, actor, asked, _known(device), machine, now)
    except EnrollmentRefused as refusal:
        attempt = _attempt(asked, device)
        failures.record(tenant=tenant, actor=actor, attempt=attempt, refusal=refusal, now=now)
        raise
    return Enrolled(managed, secret)


def _require_here(place: Place) -> None:
    """Raises RegisteredElsewhere, NotUnique, NotRegistered or HardwareMismatch."""
    if place.kind == Kind.ELSEWHERE:
        raise RegisteredElsewhere(_("This machine is registered with another organization."))
    if place.kind == Kind.UNCLEAR:
        raise NotUnique(_("The machine cannot be told apart from another registered one."))
    if place.kind == Kind.BOARD:
        raise NotRegistered(
            _("A device with this serial number is registered with another mainboard, so this one is new.")
        )
    if place.kind == Kind.FREE:
        raise NotRegistered(_("This machine is not registered in this tenant."))
    if place.mismatches:
        sentence = _("%(names)s: the machine contradicts its registration.")
        raise HardwareMismatch(sentence % {"names": ", ".join(place.mismatches)})


def _known(device: AutopilotDevice | None) -> AutopilotDevice:
    if device is None:
        raise NotRegistered(_("This device is not registered in this tenant."))
    return device


def _enroll(
    tenant: Tenant,
    actor: Actor,
    asked: Asked,
    device: AutopilotDevice,
    machine: Machine,
    now: datetime,
) -> ManagedDevice:
    if asked.mode == Mode.SELF_DEPLOYING:
        return self_deploying.enroll(tenant=tenant, actor=actor, device=device, machine=machine, now=now)
    if asked.mode == Mode.PRE_PROVISIONING:
        return pre_provisioning.prepare(tenant=tenant, actor=actor, device=device, machine=machine, now=now)
    user = people.find_user(tenant=tenant, upn=asked.upn)
    return user_driven.enroll(tenant=tenant, actor=actor, device=device, user=user, machine=machine, now=now)


def _join(
    tenant: Tenant,
    actor: Actor,
    asked: Asked,
    device: AutopilotDevice | None,
    machine: Machine,
    now: datetime,
) -> ManagedDevice:
    identity = asked.capture.identity
    return unregistered.join(
        tenant=tenant,
        actor=actor,
        mode=asked.mode,
        user=people.find_user(tenant=tenant, upn=asked.upn),
        hardware=Hardware(asked.capture.serial, identity.manufacturer or "", identity.model or ""),
        machine=machine,
        registered=device.pk if device else None,
        now=now,
    )


def _attempt(asked: Asked, device: AutopilotDevice | None) -> Attempt:
    identity = asked.capture.identity
    return Attempt(
        mode=asked.mode,
        serial_number=asked.capture.serial,
        manufacturer=identity.manufacturer or "",
        model=identity.model or "",
        user_principal_name=asked.upn,
        device=device,
    )
