"""Each defect: how SQL finds it, what it means, and what its fix needs.

What a lost or stale object breaks: "Registration overview" and "Known issues" of Windows Autopilot [D];
which records may be removed safely is a ruling of ours (design, on deleting).
"""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from devices.models import Orphan

Defect, Record = Orphan.Defect, Orphan.Record

REGISTERED = "d.tenant_id = %(tenant)s AND d.removed_at IS NULL AND d.deletion_requested_at IS NULL"
OBJECT = "e.tenant_id = %(tenant)s AND e.deleted_at IS NULL"
OBJECT_OF_DEVICE = "e.ztdid = d.id AND e.tenant_id = d.tenant_id AND e.deleted_at IS NULL"
ORDER_ID = """coalesce((SELECT substr(p.text, 11) FROM unnest(e.physical_ids) AS p(text)
    WHERE lower(p.text) LIKE '[orderid]:%%' LIMIT 1), '')"""


@dataclass(frozen=True, slots=True)
class Kind:
    """A defect. select: SQL of (object id, label, detail, whether it can be fixed) for %(tenant)s.

    permissions: what the fix needs, all of them.
    """

    record: str
    select: str
    meaning: Any
    fix: Any
    permissions: tuple[str, ...]


KINDS: dict[str, Kind] = {
    Defect.NO_ENTRA_DEVICE: Kind(
        record=Record.AUTOPILOT,
        select=f"""
            SELECT d.id, d.serial_number, '', h.registration_id IS NOT NULL FROM devices_autopilotdevice d
            LEFT JOIN devices_registrationhash h ON h.registration_id = d.id
            WHERE {REGISTERED} AND NOT EXISTS (SELECT 1 FROM devices_entradevice e WHERE {OBJECT_OF_DEVICE})
        """,
        meaning=_(
            "The registration lost its Microsoft Entra object. A user-driven deployment joins as an "
            "unknown device; self-deploying and pre-provisioning fail with 0x801C03F3; groups do not "
            "hold the device."
        ),
        fix=_(
            "Register the device again from its hardware hash: a new object is created; group tag, user, "
            "names and a profile assigned by hand are kept."
        ),
        permissions=("devices.delete", "devices.import"),
    ),
    Defect.ZTDID_WITHOUT_REGISTRATION: Kind(
        record=Record.ENTRA,
        select=f"""
            SELECT e.id, e.display_name, e.ztdid::text, true FROM devices_entradevice e
            WHERE {OBJECT} AND e.ztdid IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM devices_registration r WHERE r.id = e.ztdid AND r.ended_at IS NULL)
            AND NOT EXISTS (SELECT 1 FROM devices_autopilotdevice d
                WHERE d.id = e.ztdid AND d.removed_at IS NULL)
        """,
        meaning=_("The object carries the ZTDID of a registration that no longer exists."),
        fix=_("Remove the object if it never enrolled; otherwise take the ZTDID and the tags off it."),
        permissions=("entra_devices.delete",),
    ),
    Defect.STALE_TWIN: Kind(
        record=Record.ENTRA,
        select=f"""
            SELECT e.id, e.display_name, coalesce(o.display_name, ''), true FROM devices_entradevice e
            LEFT JOIN devices_entradevice o ON o.id = e.twin_of_id
            WHERE {OBJECT} AND e.ztdid IS NULL
            AND NOT EXISTS (SELECT 1 FROM devices_manageddevice m
                WHERE m.entra_device_id = e.id AND m.removed_at IS NULL)
            AND (e.twin_of_id IS NOT NULL OR EXISTS (
                SELECT 1 FROM devices_manageddevice m JOIN devices_autopilotdevice d
                    ON d.id = m.autopilot_device_id AND d.removed_at IS NULL
                WHERE m.entra_device_id = e.id AND d.entra_device_id IS DISTINCT FROM e.id))
        """,
        meaning=_(
            "A second object of a machine that nothing uses any more: its Intune record is gone and the "
            "registration has another object."
        ),
        fix=_("Delete the object. Recovery keys and passwords stored on it are lost."),
        permissions=("entra_devices.delete",),
    ),
    Defect.TAG_DIFFERS: Kind(
        record=Record.AUTOPILOT,
        select=f"""
            SELECT d.id, d.serial_number, 'Group tag: ' || d.group_tag || ' · OrderID: ' || {ORDER_ID}, true
            FROM devices_autopilotdevice d JOIN devices_entradevice e ON {OBJECT_OF_DEVICE}
            WHERE {REGISTERED} AND d.group_tag <> {ORDER_ID}
        """,
        meaning=_("The object's OrderID is not the device's group tag, so dynamic groups see another tag."),
        fix=_("Write the device's group tag on the object; its groups and profile follow."),
        permissions=("devices.update",),
    ),
    Defect.DISABLED: Kind(
        record=Record.ENTRA,
        select=f"""
            SELECT e.id, e.display_name, '', true FROM devices_entradevice e
            JOIN devices_autopilotdevice d ON d.id = e.ztdid
            WHERE {OBJECT} AND NOT e.is_enabled AND {REGISTERED}
        """,
        meaning=_("The object of a registered device is disabled: nobody can sign in on the device."),
        fix=_("Enable the object."),
        permissions=("entra_devices.delete",),
    ),
    Defect.USER_GONE: Kind(
        record=Record.AUTOPILOT,
        select=f"""
            SELECT d.id, d.serial_number, d.user_principal_name, true FROM devices_autopilotdevice d
            WHERE {REGISTERED} AND d.user_principal_name <> '' AND NOT EXISTS (
                SELECT 1 FROM tenants_directoryuser u WHERE u.tenant_id = d.tenant_id
                AND lower(u.user_principal_name) = lower(d.user_principal_name))
        """,
        meaning=_(
            "The assigned user is not in the tenant's directory, so the prefilled sign-in cannot succeed."
        ),
        fix=_("Unassign the user."),
        permissions=("devices.update",),
    ),
    Defect.NOT_REGISTERED: Kind(
        record=Record.MANAGED,
        select="""
            SELECT m.id, m.device_name, m.serial_number, k.id IS NOT NULL FROM devices_manageddevice m
            LEFT JOIN devices_undokit k ON k.device_id = m.autopilot_device_id
                AND k.tenant_id = m.tenant_id AND k.restored_at IS NULL AND k.blob IS NOT NULL
                AND k.expires_at > now()
            WHERE m.tenant_id = %(tenant)s AND m.removed_at IS NULL AND m.ownership = 'company'
            AND NOT EXISTS (SELECT 1 FROM devices_autopilotdevice d
                WHERE d.id = m.autopilot_device_id AND d.removed_at IS NULL)
        """,
        meaning=_(
            "The device is managed, but not registered: after a reset it does not go through Windows "
            "Autopilot."
        ),
        fix=_(
            "Register it again from its undo kit. Where no hash is held, import one, or let a profile with "
            "“Convert all targeted devices to Autopilot” register it at its next check-in."
        ),
        permissions=("devices.import",),
    ),
}


def needed(words: list[str]) -> list[str]:
    """The permissions that fixing these defects needs, each once."""
    return sorted({permission for word in words for permission in KINDS[word].permissions})
