"""Joining without a profile: a user joins a machine to Entra, adds a work account, or enrolls MDM only.

Rules: "Registration overview" [D]: only a licensed user; a join is corporate, a work account or MDM only
is personal. A machine that is registered is corporate whichever way it came [O].
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from devices.models import EntraDevice, ManagedDevice
from devices.services.autopilot.enrolment import candidates, joining, people, recording
from devices.services.autopilot.enrolment.machines import Machine
from devices.services.autopilot.enrolment.refusals import OnlyLocal, PersonalBlocked
from devices.services.profiles import names
from tenants.models import DirectoryUser, Tenant
from tenants.permissions import Actor
from tenants.services import device_side

Mode, TrustType = ManagedDevice.Mode, EntraDevice.TrustType
TRUST = {
    Mode.ENTRA_JOIN: TrustType.ENTRA,
    Mode.HYBRID_JOIN: TrustType.HYBRID,
    Mode.WORK_ACCOUNT: TrustType.REGISTERED,
}
PERSONAL = (Mode.WORK_ACCOUNT, Mode.MDM_ONLY)


@dataclass(frozen=True, slots=True)
class Hardware:
    """What the machine says of itself."""

    serial_number: str
    manufacturer: str
    model: str


def join(
    *,
    tenant: Tenant,
    actor: Actor,
    mode: ManagedDevice.Mode,
    user: DirectoryUser,
    hardware: Hardware,
    machine: Machine,
    registered: UUID | None,
    now: datetime,
) -> ManagedDevice:
    """Enroll a machine outside Autopilot; registered names the device it is, where it is registered here.

    Raises PersonalBlocked, OnlyLocal, and the refusals of people.admit and candidates.lock.
    """
    if not tenant.is_local:
        raise OnlyLocal(_("Machines of this tenant enroll with Microsoft's service."))
    with transaction.atomic():
        known = registered and candidates.lock(tenant=tenant, device_id=registered, machine=machine)
        earlier = known.earlier if known else None
        is_personal = mode in PERSONAL and known is None
        if is_personal and not device_side.of(tenant).allows_personal:
            raise PersonalBlocked(_("This tenant does not let personally owned devices enroll."))
        person = people.admit(tenant=tenant, user=user, earlier=earlier)
        recording.end_earlier(earlier, now)
        managed = ManagedDevice(
            tenant=tenant,
            mode=mode,
            ownership=ManagedDevice.Ownership.PERSONAL if is_personal else ManagedDevice.Ownership.COMPANY,
            os_version=machine.os_version,
            last_check_in_at=now,
            enrolled_at=now,
            user=person,
            user_principal_name=person.user_principal_name,
            serial_number=hardware.serial_number[:255],
            manufacturer=hardware.manufacturer[:255],
            model=hardware.model[:255],
            secret_digest=machine.secret_digest,
            autopilot_device=known.device if known else None,
        )
        digit = names.digits_of(str(managed.pk))
        managed.device_name = names.expand(joining.WINDOWS_OWN, serial="", digit=digit)
        managed.entra_device = _object_of(managed, known.entra if known else None, now)
        managed.save(force_insert=True)
        if known:
            recording.associate(known.device, mode, now)
        joining.refresh_groups(
            tenant=tenant,
            device=known.device if known else None,
            objects=[managed.entra_device] if managed.entra_device else [],
            now=now,
        )
        recording.note(tenant, actor, known.device if known else None, managed)
    return managed


def _object_of(managed: ManagedDevice, registered: EntraDevice | None, now: datetime) -> EntraDevice | None:
    """The object that the join makes, or joins where registration made it; MDM only makes none."""
    trust = TRUST.get(Mode(managed.mode))
    if trust is None:
        return None
    facts = joining.facts_of(managed.device_name, Machine(os_version=managed.os_version), "")
    facts["is_company_owned"] = managed.ownership == ManagedDevice.Ownership.COMPANY
    if registered is not None and trust == TrustType.ENTRA:
        return joining.joined(registered, {**facts, "trust_type": trust})
    made: EntraDevice = EntraDevice.objects.create(
        tenant=managed.tenant,
        serial_number=managed.serial_number,
        manufacturer=managed.manufacturer,
        model=managed.model,
        trust_type=trust,
        registered_at=now,
        **facts,
    )
    return made
