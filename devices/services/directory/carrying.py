"""Carry static groups over from one device to another: what a person put it into holds for its successor.

Memberships are copied as they are, direct groups among them, and nothing is decided anew: with the same
groups, and the same exclusions, the successor gets the same profile.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection

from devices.models import AutopilotDevice, EntraDevice, Group
from devices.services.directory import groups as members
from devices.services.profiles import assignment
from tenants.models import Tenant

HOLD = """
    SELECT g.id FROM devices_autopilotdevice d
    JOIN devices_groupmember m ON m.device_id = d.entra_device_id JOIN devices_group g ON g.id = m.group_id
    WHERE d.tenant_id = %s AND d.id = %s AND g.membership = 'assigned' ORDER BY g.id FOR KEY SHARE OF g
"""
CARRY = """
    INSERT INTO devices_groupmember (group_id, device_id, added_at)
    SELECT g.id, e.id, %s FROM devices_autopilotdevice d
    JOIN devices_entradevice e ON e.id = d.entra_device_id AND e.deleted_at IS NULL
    JOIN devices_group g ON g.tenant_id = d.tenant_id AND g.id = ANY(%s) AND g.membership = 'assigned'
    WHERE d.tenant_id = %s AND d.id = %s ORDER BY g.id
    ON CONFLICT (group_id, device_id) DO NOTHING RETURNING group_id, device_id
"""


def groups_of(*, tenant: Tenant, device: AutopilotDevice) -> list[Group]:
    """The static groups of the device, by name; direct ones with their profile."""
    if device.entra_device_id is None:
        return []
    rows = Group.objects.of(tenant).filter(membership=Group.Membership.ASSIGNED)
    rows = rows.filter(members__device=device.entra_device_id).select_related("direct_profile")
    return list(rows.order_by("name", "pk"))


def may_have_groups(*, tenant: Tenant, device: AutopilotDevice | None) -> bool:
    """Whether a device has a live Microsoft Entra object, which is what groups hold; a new one gets it."""
    if device is None:
        return True
    found: bool = EntraDevice.objects.of(tenant).live().filter(pk=device.entra_device_id).exists()
    return found


def hold(*, tenant: Tenant, device: AutopilotDevice) -> None:
    """Keep the device's static groups, and its place in them, as they are until the transaction ends.

    Call it before the device is locked: who adds or removes members locks the group first.
    """
    with connection.cursor() as cursor:
        cursor.execute(HOLD, [tenant.pk, device.pk])


def carry(*, tenant: Tenant, groups: Sequence[Group], device_id: UUID, now: datetime) -> list[Group]:
    """Put a device into static groups and re-evaluate its profile; returns those it was not in yet.

    A device without a live Microsoft Entra object gets none; one that comes into a direct group leaves
    every other. The caller writes the audit event.
    """
    if not groups:
        return []
    with connection.cursor() as cursor:
        cursor.execute(CARRY, [now, [group.pk for group in groups], tenant.pk, device_id])
        objects = dict(cursor.fetchall())
    new = [group for group in groups if group.pk in objects]
    for group in new:
        members.leave_other_direct(group, [objects[group.pk]])
    if new:
        assignment.refresh(tenant=tenant, device_ids=[device_id], now=now)
    return new


def told(groups: Sequence[Group]) -> dict[str, str]:
    """The groups, and the profile of the direct one, as the audit log tells them."""
    names = ", ".join(group.name for group in groups if group.direct_profile is None)
    profiles = [group.direct_profile.display_name for group in groups if group.direct_profile]
    return ({"groups": names} if names else {}) | ({"direct_profile": profiles[0]} if profiles else {})
