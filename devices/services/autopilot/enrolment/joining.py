"""The Entra object of a device that enrolls: joined, renamed, and told what manages it.

Rules: "Registration overview", "Known issues" [D]: the object made at registration is joined; a hybrid
join makes a second one, without ZTDID, beside it; where a user signs in after the object was deleted, a
new object without ZTDID is made.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from devices.models import AutopilotDevice, DeploymentProfile, EntraDevice
from devices.services.autopilot.enrolment.candidates import Candidate
from devices.services.autopilot.enrolment.machines import OPERATING_SYSTEM, Machine
from devices.services.profiles import assignment, names
from tenants.models import Tenant

MDM = "MDM"
WINDOWS_OWN = "DESKTOP-%RAND:7%"
TrustType = EntraDevice.TrustType


def name_of(device: AutopilotDevice, profile: DeploymentProfile | None) -> str:
    """The joined device's name: its own, else by the profile's template, else as Windows makes one.

    The same at every asking, so that what a device was told in its set-up is what it is called.
    """
    is_hybrid = profile is not None and profile.join_type == DeploymentProfile.JoinType.HYBRID
    if device.display_name and not is_hybrid:
        return device.display_name
    template = profile.device_name_template if profile is not None and not is_hybrid else ""
    template = template or WINDOWS_OWN
    digit = names.digits_of(f"{device.pk} {template}")
    return names.expand(template, serial=device.serial_number, digit=digit) or device.serial_number


def join(candidate: Candidate, *, name: str, machine: Machine, now: datetime) -> EntraDevice:
    """Join the device by its profile's join type; returns the object that the device now is."""
    facts = facts_of(name, machine, candidate.profile.display_name if candidate.profile else "")
    if candidate.is_hybrid:
        return joined(_twin(candidate, now), {**facts, "trust_type": TrustType.HYBRID})
    found = candidate.entra or _object_of_before(candidate) or _without_ztdid(candidate, now)
    return joined(found, {**facts, "trust_type": TrustType.ENTRA})


def facts_of(name: str, machine: Machine, profile_name: str) -> dict[str, Any]:
    """What an enrolled device's object says of it; dynamic groups may ask for each."""
    return {
        "display_name": name,
        "operating_system": OPERATING_SYSTEM,
        "os_version": machine.os_version,
        "management_type": MDM,
        "enrollment_profile": profile_name,
        "has_enrolled": True,
        "is_company_owned": True,
    }


def refresh_groups(
    *, tenant: Tenant, device: AutopilotDevice | None, objects: Sequence[EntraDevice], now: datetime
) -> None:
    """Let dynamic groups, and the profiles behind them, see what changed on the objects."""
    if device is not None:
        assignment.refresh(tenant=tenant, device_ids=[device.pk], now=now)
    own = device.entra_device_id if device is not None else None
    others: list[UUID] = [each.pk for each in objects if each.pk != own]
    if others:
        assignment.refresh_objects(tenant=tenant, entra_device_ids=others, now=now)


def joined(entra: EntraDevice, facts: dict[str, Any]) -> EntraDevice:
    """The object with these facts."""
    for name, value in facts.items():
        setattr(entra, name, value)
    entra.revision += 1
    entra.save(update_fields=[*facts, "revision"])
    return entra


def _twin(candidate: Candidate, now: datetime) -> EntraDevice:
    """The second object of a hybrid join: the one of before, else a new one."""
    before = _object_of_before(candidate)
    if before is not None and before.trust_type == TrustType.HYBRID:
        return before
    rows = EntraDevice.objects.of(candidate.device.tenant).live()
    found = rows.filter(twin_of=candidate.entra).first() if candidate.entra else None
    return found or _without_ztdid(candidate, now, twin_of=candidate.entra)


def _object_of_before(candidate: Candidate) -> EntraDevice | None:
    """What the device was at its last enrolment, where that was not deleted."""
    entra = candidate.earlier.entra_device if candidate.earlier else None
    return entra if entra is not None and entra.deleted_at is None else None


def _without_ztdid(candidate: Candidate, now: datetime, twin_of: EntraDevice | None = None) -> EntraDevice:
    device = candidate.device
    made: EntraDevice = EntraDevice.objects.create(
        tenant=device.tenant,
        display_name=device.serial_number,
        serial_number=device.serial_number,
        manufacturer=device.manufacturer,
        model=device.model,
        twin_of=twin_of,
        registered_at=now,
    )
    return made
