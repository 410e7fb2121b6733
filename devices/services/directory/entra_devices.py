"""Delete Microsoft Entra device objects; one that carries a ZTDID only by an override.

Rulings: the Entra portal refuses objects linked to Autopilot, and orphaned registrations fail later
(0x801C03F3) [D]; so does Hangar, with an administrator's override that says what it breaks.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from devices.models import AutopilotDevice, EntraDevice, GroupMember
from devices.services.profiles import assignment
from portal.errors import Conflict, Refused
from tenants.models import Tenant
from tenants.permissions import Actor, missing
from tenants.services import audit


class LinkedToAutopilot(Conflict):
    """The object belongs to a registration; deregister the device instead, or override."""

    code = "linked_to_autopilot"


class SerialNotTyped(Refused):
    """The override needs the device's serial number, typed exactly."""

    code = "serial_not_typed"


class AlreadyDeleted(Conflict):
    """Someone deleted the object meanwhile."""

    code = "already_deleted"


def breaks(device: EntraDevice) -> list[str]:
    """What deleting this object would break or lose, in sentences."""
    told = [_("BitLocker recovery keys and Windows LAPS passwords stored on this object are lost.")]
    if device.has_enrolled:
        told.append(_("The enrolled device can no longer sign in to Microsoft Entra ID."))
    if device.ztdid:
        told += [
            _(
                "The registration stays without its object: user-driven deployment joins as an unknown "
                "device, self-deploying and pre-provisioning fail with 0x801C03F3."
            ),
            _("The device leaves all groups and gets the profile of All devices or the default profile."),
            _("To repair this, delete the registration and import the device again."),
        ]
    return told


def delete(
    *,
    tenant: Tenant,
    actor: Actor,
    device: EntraDevice,
    is_override: bool = False,
    typed_serial: str = "",
    now: datetime,
) -> None:
    """Delete an object; raises LinkedToAutopilot, Forbidden, SerialNotTyped or AlreadyDeleted."""
    with transaction.atomic():
        current = EntraDevice.objects.of(tenant).select_for_update().get(pk=device.pk)
        if current.deleted_at is not None:
            raise AlreadyDeleted(_("This object was deleted meanwhile."))
        if current.ztdid is not None:
            _require_override(tenant, actor, current, is_override, typed_serial)
        listed = list(AutopilotDevice.objects.of(tenant).live().filter(entra_device=current))
        GroupMember.objects.filter(device=current).delete()
        current.deleted_at, current.revision = now, current.revision + 1
        current.save(update_fields=["deleted_at", "revision"])
        ids = [row.pk for row in listed]
        AutopilotDevice.objects.of(tenant).filter(pk__in=ids).update(
            entra_device=None, revision=F("revision") + 1
        )
        assignment.refresh(tenant=tenant, device_ids=ids, now=now)
        before = {"ztdid": str(current.ztdid) if current.ztdid else None, "override": is_override}
        targets = [audit.Target("entra_device", current.display_name, current.pk, before=before)]
        targets += [audit.Target("autopilot_device", row.serial_number, row.pk) for row in listed]
        audit.record(tenant=tenant, actor=actor, activity="entra_device.deleted", targets=targets)


def _require_override(
    tenant: Tenant, actor: Actor, device: EntraDevice, is_override: bool, typed_serial: str
) -> None:
    if not is_override:
        sentence = _(
            "This object belongs to a Windows Autopilot registration. Deregister the device instead."
        )
        raise LinkedToAutopilot(sentence, ztdid=device.ztdid)
    if not actor.can("entra_devices.override", tenant=tenant):
        raise missing("entra_devices.override")
    if typed_serial.strip() != (device.serial_number or device.display_name):
        raise SerialNotTyped(_("Type the serial number exactly to delete this object."), field="typed")
