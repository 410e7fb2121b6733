"""A machine in its set-up presents its hash and is told its effective profile, as the client would be.

Rules: the profile is fetched when the network connects and at every reboot of the set-up ("Configure
Windows Autopilot profiles" [D]); client events 807, 809, 815 and 908 ("Troubleshooting FAQ" [D]).
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from devices.models import AutopilotDevice, DeploymentProfile, ManagedDevice
from devices.registry.recognition import Kind, Place
from devices.services.autopilot.enrolment import joining
from devices.services.device_side import machines
from devices.services.device_side.machines import Capture
from devices.services.managed import resetting
from tenants.models import Tenant
from tenants.permissions import Actor
from tenants.services.links import digest_of

Remediation = AutopilotDevice.RemediationState
Mode, State = ManagedDevice.Mode, ManagedDevice.State
REGISTERED, ATTENTION = "registered", "attention_required"
STANDINGS = {
    Kind.FREE: "not_registered",
    Kind.BOARD: "not_registered",
    Kind.ELSEWHERE: "registered_elsewhere",
    Kind.UNCLEAR: "not_unique",
}


@dataclass(frozen=True, slots=True)
class Event:
    """What the client would write into its event log."""

    number: int
    name: str
    sentence: str


@dataclass(slots=True)
class Presented:
    """The answer: device is None where the machine is not registered here, or not listed yet.

    standing: registered, attention_required, or a word of STANDINGS; profile None is the built-in default.
    """

    standing: str
    ztdid: UUID | None = None
    device: AutopilotDevice | None = None
    profile: DeploymentProfile | None = None
    device_name: str = ""
    events: list[Event] = field(default_factory=list)

    @property
    def has_profile(self) -> bool:
        """Whether the machine goes through Autopilot at all."""
        return self.standing == REGISTERED


def present(
    *,
    tenant: Tenant,
    actor: Actor,
    capture: Capture,
    secret: str,
    held_profile: UUID | None,
    now: datetime,
) -> Presented:
    """Answer a machine; one that was enrolled and shows no secret any more has been reset.

    held_profile: the profile it kept from before, whose loss is event 809.
    """
    place = machines.place_of(tenant=tenant, capture=capture)
    with transaction.atomic():
        device = machines.device_of(tenant=tenant, place=place, now=now)
        if device is not None:
            _contact(tenant, actor, device, secret, now)
        answer = _answer(place, device)
    if answer.standing == REGISTERED:
        answer.events += _events(tenant, place, answer, held_profile)
    return answer


def _contact(tenant: Tenant, actor: Actor, device: AutopilotDevice, secret: str, now: datetime) -> None:
    rows: Any = ManagedDevice.objects.of(tenant).live().select_for_update(of=("self",))
    managed: ManagedDevice | None = rows.filter(autopilot_device=device).first()
    if managed is not None and _has_been_reset(managed, secret):
        resetting.note(actor=actor, managed=managed, now=now)
    AutopilotDevice.objects.of(tenant).filter(pk=device.pk).update(last_contacted_at=now)


def _has_been_reset(managed: ManagedDevice, secret: str) -> bool:
    if managed.state == State.RESET:
        return False
    is_prepared = managed.mode == Mode.PRE_PROVISIONING and not managed.user_principal_name
    return not is_prepared and (not secret or digest_of(secret) != managed.secret_digest)


def _answer(place: Place, device: AutopilotDevice | None) -> Presented:
    if place.kind != Kind.HERE or place.holder is None:
        events = [_not_registered(place)]
        return Presented(STANDINGS[place.kind], events=events)
    ztdid = place.holder.registration
    if device is None:
        return Presented(REGISTERED, ztdid)
    if device.remediation_state == Remediation.ATTENTION_REQUIRED:
        return Presented(ATTENTION, ztdid, device)
    profile = device.assigned_profile
    return Presented(REGISTERED, ztdid, device, profile, joining.name_of(device, profile))


def _not_registered(place: Place) -> Event:
    if place.kind == Kind.UNCLEAR:
        return Event(813, "ZtdDeviceIsNotUnique", _("The machine cannot be told apart from another one."))
    sentence = {
        Kind.BOARD: _("A device with this serial number is registered with another mainboard."),
        Kind.ELSEWHERE: _("This machine is not registered with the tenant that was asked."),
    }.get(place.kind, _("This machine is not registered; its set-up is the normal one."))
    return Event(807, "ZtdDeviceIsNotRegistered", sentence)


def _events(tenant: Tenant, place: Place, answer: Presented, held: UUID | None) -> list[Event]:
    found = []
    for mismatch in place.mismatches:
        found.append(Event(908, mismatch, _("The machine contradicts its registration: register it again.")))
    if held and not DeploymentProfile.objects.of(tenant).filter(pk=held).exists():
        found.append(Event(809, "ZtdProfileIsNotRegistered", _("The profile this machine kept was deleted.")))
    if answer.profile is None:
        sentence = _("No profile is assigned and none is for all devices: the built-in default applies.")
        found.append(Event(815, "ZtdDeviceHasNoAssignedProfile", sentence))
    return found
