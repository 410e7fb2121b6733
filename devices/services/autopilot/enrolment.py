"""Enrolment: a licensed user signs in on a registered device, and it becomes a Windows device.

Rule: a device is among Windows devices only when its registration succeeded and a licensed user has
signed in on it ("Registration overview" [D]). Joining renames the object by template or device name.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from devices.models import AutopilotDevice, DeploymentProfile, EntraDevice, ManagedDevice
from devices.services.profiles import names
from portal.errors import Conflict, NotFound, Refused
from tenants.models import DirectoryUser, Tenant
from tenants.permissions import Actor
from tenants.services import audit

OS_VERSION = "10.0.26100.4349"


class NotRegistered(NotFound):
    """The device is not registered in this tenant."""

    code = "not_registered"


class UnknownUser(Refused):
    """Nobody in the tenant's directory has this user principal name."""

    code = "unknown_user"


class UnlicensedUser(Refused):
    """Only a user with an Intune licence can enroll a device."""

    code = "unlicensed_user"


class AlreadyEnrolled(Conflict):
    """The device has a live Intune record."""

    code = "already_enrolled"


class BeingDeleted(Conflict):
    """The device's deletion was requested."""

    code = "being_deleted"


class EntraDeviceMissing(Conflict):
    """The registration lost its Entra object, so that joining fails (0x801C03F3)."""

    code = "entra_device_missing"


class OnlyLocal(Conflict):
    """Sign-ins can be simulated only where Hangar itself is the registration service."""

    code = "only_local"


def find_user(*, tenant: Tenant, upn: str) -> DirectoryUser:
    """The directory user with a UPN; raises UnknownUser."""
    user: DirectoryUser | None = DirectoryUser.objects.of(tenant).by_upn(upn.replace("\x00", "")).first()
    if user is None:
        sentence = _("“%(upn)s” is not a user of this tenant's directory.")
        raise UnknownUser(sentence % {"upn": upn.strip()[:254]}, field="user")
    return user


def enroll(
    *,
    tenant: Tenant,
    actor: Actor,
    device: AutopilotDevice,
    user: DirectoryUser,
    simulated: bool,
    now: datetime,
) -> ManagedDevice:
    """Join and enroll a device for a user.

    Raises NotRegistered, BeingDeleted, UnknownUser, UnlicensedUser, AlreadyEnrolled,
    EntraDeviceMissing or OnlyLocal.
    """
    if simulated and not tenant.is_local:
        raise OnlyLocal(_("A sign-in can be simulated only in a local tenant."))
    with transaction.atomic():
        row = _lock(tenant, device.pk)
        _check_user(tenant, user)
        entra = _lock_entra(tenant, row)
        managed = _create_managed(row, entra, user, simulated, now)
        _join(entra, row, managed.device_name)
        AutopilotDevice.objects.of(tenant).filter(pk=row.pk).update(
            enrollment_state=AutopilotDevice.EnrollmentState.ENROLLED,
            last_contacted_at=now,
            revision=row.revision + 1,
        )
        _record(tenant, actor, row, managed)
    device.refresh_from_db()
    return managed


def _lock(tenant: Tenant, device_id: UUID) -> AutopilotDevice:
    rows = AutopilotDevice.objects.of(tenant).live().select_for_update(of=("self",))
    row: AutopilotDevice | None = rows.select_related("assigned_profile").filter(pk=device_id).first()
    if row is None:
        raise NotRegistered(_("This device is not registered in this tenant."))
    if row.deletion_requested_at is not None:
        raise BeingDeleted(_("This device is being deleted and cannot enroll."))
    if ManagedDevice.objects.of(tenant).live().filter(autopilot_device=row).exists():
        raise AlreadyEnrolled(_("This device is already enrolled. Delete it from Windows devices first."))
    return row


def _check_user(tenant: Tenant, user: DirectoryUser) -> None:
    current = DirectoryUser.objects.of(tenant).filter(pk=user.pk).first()
    if current is None:
        sentence = _("“%(upn)s” is not a user of this tenant's directory.")
        raise UnknownUser(sentence % {"upn": user.user_principal_name}, field="user")
    if not current.is_licensed:
        sentence = _("“%(upn)s” has no Intune licence, so the device cannot enroll.")
        raise UnlicensedUser(sentence % {"upn": current.user_principal_name}, field="user")


def _lock_entra(tenant: Tenant, device: AutopilotDevice) -> EntraDevice:
    rows = EntraDevice.objects.of(tenant).live().select_for_update()
    entra: EntraDevice | None = rows.filter(pk=device.entra_device_id).first()
    if entra is None:
        sentence = _(
            "The Microsoft Entra object of this device was deleted (0x801C03F3). "
            "Delete the registration and import the device again."
        )
        raise EntraDeviceMissing(sentence)
    return entra


def _create_managed(
    device: AutopilotDevice, entra: EntraDevice, user: DirectoryUser, simulated: bool, now: datetime
) -> ManagedDevice:
    profile = device.assigned_profile
    managed: ManagedDevice = ManagedDevice.objects.create(
        tenant=device.tenant,
        device_name=name_of(device, profile),
        os_version=OS_VERSION if simulated else "",
        compliance=ManagedDevice.Compliance.UNKNOWN,
        last_check_in_at=now,
        enrolled_at=now,
        user=user,
        user_principal_name=user.user_principal_name,
        serial_number=device.serial_number,
        manufacturer=device.manufacturer,
        model=device.model,
        enrollment_profile=profile.display_name if profile else "",
        profile_id_at_enrollment=profile.pk if profile else None,
        is_simulated=simulated,
        autopilot_device=device,
        entra_device=entra,
    )
    return managed


def name_of(device: AutopilotDevice, profile: DeploymentProfile | None) -> str:
    """The joined device's name: its own, else by the profile's template, else as Windows makes one."""
    is_hybrid = profile is not None and profile.join_type == DeploymentProfile.JoinType.HYBRID
    if device.display_name and not is_hybrid:
        return device.display_name
    template = profile.device_name_template if profile is not None and not is_hybrid else ""
    return names.expand(template or "DESKTOP-%RAND:7%", serial=device.serial_number) or device.serial_number


def _join(entra: EntraDevice, device: AutopilotDevice, name: str) -> None:
    profile = device.assigned_profile
    is_hybrid = profile is not None and profile.join_type == DeploymentProfile.JoinType.HYBRID
    entra.trust_type = EntraDevice.TrustType.HYBRID if is_hybrid else EntraDevice.TrustType.ENTRA
    entra.display_name, entra.has_enrolled, entra.is_company_owned = name, True, True
    entra.revision += 1
    fields = ["trust_type", "display_name", "has_enrolled", "is_company_owned", "revision"]
    entra.save(update_fields=fields)


def _record(tenant: Tenant, actor: Actor, device: AutopilotDevice, managed: ManagedDevice) -> None:
    after: dict[str, Any] = {
        "user": managed.user_principal_name,
        "device_name": managed.device_name,
        "simulated": managed.is_simulated,
    }
    targets = [
        audit.Target("autopilot_device", device.serial_number, device.pk, after=after),
        audit.Target("managed_device", managed.device_name, managed.pk, after=after),
    ]
    audit.record(tenant=tenant, actor=actor, activity="device.enrolled", targets=targets)
