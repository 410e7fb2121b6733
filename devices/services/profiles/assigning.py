"""Which groups a profile includes and excludes, or that it is on all devices.

Rules: one profile on All devices a tenant; exclusions are unsupported with it [D, O CIPP#2803].
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from devices.models import DeploymentProfile, Group, ProfileAssignment
from devices.services.profiles import assignment, profiles
from portal.errors import Conflict, NotFound, Refused
from tenants.models import Job, Tenant
from tenants.permissions import Actor
from tenants.services import audit


class AllDevicesTaken(Conflict):
    """Another profile is assigned to all devices; the sentence names it."""

    code = "all_devices_taken"


class NoGroupsWithAllDevices(Refused):
    """A profile is on all devices or has groups, not both."""

    code = "no_groups_with_all_devices"


class IncludedAndExcluded(Refused):
    """A group is in both lists."""

    code = "included_and_excluded"


class UnknownGroup(NotFound):
    """A group was deleted meanwhile."""

    code = "unknown_group"


def assign(
    *,
    tenant: Tenant,
    actor: Actor,
    profile: DeploymentProfile,
    include: Sequence[UUID],
    exclude: Sequence[UUID],
    is_for_all_devices: bool,
    revision: int | str | None,
    now: datetime,
) -> Job | None:
    """Set all of a profile's assignments; the devices follow at once, or by the job that is returned.

    Raises AllDevicesTaken, NoGroupsWithAllDevices, IncludedAndExcluded, UnknownGroup, ProfileChanged.
    """
    _check(include, exclude, is_for_all_devices)
    with transaction.atomic():
        Tenant.objects.select_for_update(no_key=True).get(pk=tenant.pk)
        current = profiles.lock(tenant=tenant, profile=profile, revision=revision)
        _refuse_second_all_devices(current, is_for_all_devices)
        before = described(current)
        _write(current, include, exclude)
        current.is_for_all_devices = is_for_all_devices
        current.modified_at, current.revision = now, current.revision + 1
        current.save(update_fields=["is_for_all_devices", "modified_at", "revision"])
        after = described(current)
        if after == before:
            return None
        target = audit.Target("profile", current.display_name, current.pk, before=before, after=after)
        audit.record(tenant=tenant, actor=actor, activity="profile.assigned", targets=[target])
        return assignment.reevaluate(tenant=tenant, actor=actor, now=now)


def described(profile: DeploymentProfile) -> dict[str, Any]:
    """A profile's assignments in names, as the audit log keeps them."""
    rows = list(profile.assignments.order_by("group__name").values_list("group__name", "kind"))
    return {
        "all_devices": profile.is_for_all_devices,
        "included": [name for name, kind in rows if kind == ProfileAssignment.Kind.INCLUDE],
        "excluded": [name for name, kind in rows if kind == ProfileAssignment.Kind.EXCLUDE],
    }


def _check(include: Sequence[UUID], exclude: Sequence[UUID], is_for_all_devices: bool) -> None:
    if is_for_all_devices and (include or exclude):
        sentence = _("With All devices there are no included groups, and exclusions are not supported.")
        raise NoGroupsWithAllDevices(sentence)
    if set(include) & set(exclude):
        raise IncludedAndExcluded(_("A group cannot be included and excluded at the same time."))


def _refuse_second_all_devices(profile: DeploymentProfile, is_for_all_devices: bool) -> None:
    if not is_for_all_devices:
        return
    others = DeploymentProfile.objects.of(profile.tenant).filter(is_for_all_devices=True)
    other = others.exclude(pk=profile.pk).first()
    if other is not None:
        sentence = _("Another profile, “%(name)s”, is already assigned to All devices.")
        raise AllDevicesTaken(sentence % {"name": other.display_name}, profile=other)


def _write(profile: DeploymentProfile, include: Sequence[UUID], exclude: Sequence[UUID]) -> None:
    wanted = dict.fromkeys(include, ProfileAssignment.Kind.INCLUDE)
    wanted |= dict.fromkeys(exclude, ProfileAssignment.Kind.EXCLUDE)
    known = Group.objects.of(profile.tenant).filter(pk__in=wanted).select_for_update(no_key=True)
    if len(known) != len(wanted):
        raise UnknownGroup(_("One of these groups was deleted meanwhile. Reload and choose again."))
    profile.assignments.exclude(group__in=wanted).delete()
    for pk, kind in wanted.items():
        ProfileAssignment.objects.update_or_create(profile=profile, group_id=pk, defaults={"kind": kind})
