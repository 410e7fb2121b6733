"""Assign a profile by hand: a visible group "<profile> (direct)", in which a device is at most once.

Ruling (design): the oldest created profile still wins, so the preview counts where an older one
would, and the admin skips those devices or excludes this group from the older profile.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from devices.models import (
    AutopilotDevice,
    DeploymentProfile,
    EntraDevice,
    Group,
    GroupMember,
    ProfileAssignment,
)
from devices.services.profiles import assignment, profiles
from portal.errors import Conflict
from tenants.models import Tenant
from tenants.permissions import Actor
from tenants.services import audit

SKIP, EXCLUDE = "skip", "exclude"
NAME_LENGTH = 256


class AlreadyForAllDevices(Conflict):
    """A profile on All devices has no groups, so nothing can be assigned to it by hand."""

    code = "already_for_all_devices"


@dataclass(frozen=True, slots=True)
class OlderProfile:
    """An older profile that would win on `count` of the devices."""

    profile: DeploymentProfile
    count: int


@dataclass(frozen=True, slots=True)
class Preview:
    """What assigning would do: devices in all, those already in, without Entra object, and losing."""

    group_name: str
    total: int
    already: int
    without_entra_device: int
    older: list[OlderProfile]

    @property
    def losing(self) -> int:
        """Devices on which some older profile would still win."""
        return sum(each.count for each in self.older)


@dataclass(slots=True)
class Outcome:
    """Device ids by what came of them; `moved` were put in or taken out."""

    moved: list[UUID] = field(default_factory=list)
    unchanged: list[UUID] = field(default_factory=list)
    older_wins: list[UUID] = field(default_factory=list)
    without_entra_device: list[UUID] = field(default_factory=list)


def preview(*, tenant: Tenant, profile: DeploymentProfile, device_ids: Sequence[UUID]) -> Preview:
    """Count what `assign` would do, without changing anything; raises as that does."""
    _admit(tenant, profile)
    objects = _objects(tenant, device_ids)
    held = [pk for pk in objects.values() if pk is not None]
    group = Group.objects.of(tenant).filter(direct_profile=profile).first()
    losing = _losing(profile, held)
    counts = Counter(reached[0] for reached in losing.values())
    older = DeploymentProfile.objects.of(tenant).filter(pk__in=counts).order_by("created_at", "pk")
    return Preview(
        group_name=group.name if group else _free_name(tenant, profile),
        total=len(objects),
        already=group.members.filter(device__in=held).count() if group else 0,
        without_entra_device=len(objects) - len(held),
        older=[OlderProfile(each, counts[each.pk]) for each in older],
    )


def assign(
    *,
    tenant: Tenant,
    actor: Actor,
    profile: DeploymentProfile,
    device_ids: Sequence[UUID],
    on_older: str = SKIP,
    now: datetime,
) -> Outcome:
    """Put devices into the profile's direct group and take them out of every other direct group.

    on_older: SKIP leaves out devices on which an older profile wins, EXCLUDE excludes this group from
    those profiles. Raises ProfileNotRegistered or AlreadyForAllDevices.
    """
    _admit(tenant, profile)
    with transaction.atomic():
        objects = _objects(tenant, device_ids)
        outcome = Outcome(without_entra_device=[pk for pk, held in objects.items() if held is None])
        wanted = {pk: held for pk, held in objects.items() if held is not None}
        losing = _losing(profile, list(wanted.values()))
        if on_older == SKIP:
            outcome.older_wins = [pk for pk, held in wanted.items() if held in losing]
            wanted = {pk: held for pk, held in wanted.items() if held not in losing}
        if not wanted:
            return outcome
        group = direct_group(tenant=tenant, profile=profile)
        excluded = _exclude_from(group, set().union(*losing.values())) if on_older == EXCLUDE else []
        _sort(outcome, group, wanted)
        _move(group, tenant, list(wanted.values()), now)
        assignment.refresh(tenant=tenant, device_ids=list(wanted), now=now)
        _record(tenant, actor, "profile.assigned_directly", profile, outcome.moved, excluded)
    return outcome


def unassign(*, tenant: Tenant, actor: Actor, device_ids: Sequence[UUID], now: datetime) -> Outcome:
    """Take devices out of their direct group; profiles through other groups stay."""
    with transaction.atomic():
        objects = _objects(tenant, device_ids)
        links = _direct_links(tenant, [pk for pk in objects.values() if pk is not None])
        held = set(links.values_list("device", flat=True))
        outcome = Outcome(
            moved=[pk for pk, entra in objects.items() if entra in held],
            unchanged=[pk for pk, entra in objects.items() if entra not in held],
        )
        links.delete()
        assignment.refresh(tenant=tenant, device_ids=outcome.moved, now=now)
        _record(tenant, actor, "profile.unassigned_directly", None, outcome.moved, [])
    return outcome


def direct_group(*, tenant: Tenant, profile: DeploymentProfile) -> Group:
    """The profile's direct group, made and included on first use."""
    group: Group | None = Group.objects.of(tenant).filter(direct_profile=profile).first()
    if group is None:
        group = Group.objects.create(
            tenant=tenant,
            name=_free_name(tenant, profile),
            description=_("Devices the profile was assigned to by hand."),
            direct_profile=profile,
        )
    ProfileAssignment.objects.update_or_create(
        profile=profile, group=group, defaults={"kind": ProfileAssignment.Kind.INCLUDE}
    )
    return group


def _admit(tenant: Tenant, profile: DeploymentProfile) -> None:
    if profile.tenant_id != tenant.pk:
        raise profiles.ProfileNotRegistered
    if profile.is_for_all_devices:
        sentence = _("“%(name)s” is assigned to all devices. Choose a profile that is assigned to groups.")
        raise AlreadyForAllDevices(sentence % {"name": profile.display_name})


def _objects(tenant: Tenant, device_ids: Sequence[UUID]) -> dict[UUID, UUID | None]:
    """Entra object by Autopilot device, in the order of the ids; None where there is none."""
    rows = AutopilotDevice.objects.of(tenant).live().filter(pk__in=device_ids)
    live = EntraDevice.objects.of(tenant).live()
    held = dict(rows.filter(entra_device__in=live).values_list("pk", "entra_device"))
    return {pk: held.get(pk) for pk in rows.order_by("pk").values_list("pk", flat=True)}


def _losing(profile: DeploymentProfile, objects: Sequence[UUID]) -> dict[UUID, list[UUID]]:
    """Entra object → the older profiles that reach it, oldest first.

    Other direct groups do not count, as the device leaves them; nor profiles that exclude this group.
    """
    own = Q(group__direct_profile=profile, kind=ProfileAssignment.Kind.EXCLUDE)
    spared = ProfileAssignment.objects.filter(own).values("profile")
    older = ProfileAssignment.objects.filter(
        profile__tenant=profile.tenant_id,
        profile__created_at__lt=profile.created_at,
        group__members__device__in=objects,
    ).exclude(profile__in=spared)
    rows: Any = older.order_by("profile__created_at", "profile__pk").values_list(
        "group__members__device", "profile", "kind", "group__direct_profile"
    )
    reached: dict[UUID, list[UUID]] = {}
    excluded = {(device, pk) for device, pk, kind, _direct in rows if kind == ProfileAssignment.Kind.EXCLUDE}
    for device, pk, kind, by_hand in rows:
        if kind == ProfileAssignment.Kind.INCLUDE and by_hand is None and (device, pk) not in excluded:
            found = reached.setdefault(device, [])
            found.extend([] if pk in found else [pk])
    return reached


def _exclude_from(group: Group, losing: set[UUID]) -> list[str]:
    """Exclude the group from older profiles; returns their names."""
    older = DeploymentProfile.unscoped.filter(pk__in=losing, tenant=group.tenant_id)
    for profile in older:
        ProfileAssignment.objects.update_or_create(
            profile=profile, group=group, defaults={"kind": ProfileAssignment.Kind.EXCLUDE}
        )
    return [profile.display_name for profile in older]


def _sort(outcome: Outcome, group: Group, wanted: dict[UUID, UUID]) -> None:
    held = set(group.members.filter(device__in=wanted.values()).values_list("device", flat=True))
    outcome.moved = [pk for pk, entra in wanted.items() if entra not in held]
    outcome.unchanged = [pk for pk, entra in wanted.items() if entra in held]


def _move(group: Group, tenant: Tenant, objects: list[UUID], now: datetime) -> None:
    _direct_links(tenant, objects).exclude(group=group).delete()
    rows = [GroupMember(group=group, device_id=pk, added_at=now) for pk in sorted(objects)]
    GroupMember.objects.bulk_create(rows, ignore_conflicts=True)


def _direct_links(tenant: Tenant, objects: Sequence[UUID]) -> QuerySet[GroupMember]:
    return GroupMember.objects.filter(
        group__tenant=tenant, group__direct_profile__isnull=False, device__in=objects
    )


def _free_name(tenant: Tenant, profile: DeploymentProfile) -> str:
    """ "<profile> (direct)", numbered where a person's group has that name already."""
    base = _("%(profile)s (direct)") % {"profile": profile.display_name}
    alike = Group.objects.of(tenant).filter(name__istartswith=base)
    taken = {name.upper() for name in alike.values_list("name", flat=True)}
    names = [base, *(f"{base} {number}" for number in range(2, len(taken) + 3))]
    return next(name for name in names if name.upper() not in taken)[:NAME_LENGTH]


def _record(
    tenant: Tenant,
    actor: Actor,
    activity: str,
    profile: DeploymentProfile | None,
    moved: Sequence[UUID],
    excluded: list[str],
) -> None:
    """One audit event with the devices that moved; nothing when none did."""
    if not moved:
        return
    serials = AutopilotDevice.objects.of(tenant).filter(pk__in=moved).values_list("pk", "serial_number")
    after = {"direct_profile": profile.display_name if profile else None}
    if excluded:
        after["excluded_from"] = ", ".join(excluded)
    targets = [audit.Target("autopilot_device", serial, pk, after=after) for pk, serial in serials]
    audit.record(tenant=tenant, actor=actor, activity=activity, targets=targets)
