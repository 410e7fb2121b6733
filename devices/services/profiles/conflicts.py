"""What an administrator may not expect of a profile's assignments: who else reaches its devices.

Rules: the oldest created profile wins; All devices comes last and takes no exclusions [D].
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from devices.models import DeploymentProfile, ProfileAssignment
from devices.services.profiles import what_if
from devices.services.profiles.effective import LIVE, effective

HIDDEN = """
    SELECT n.profile_id, count(*) FROM ({effective}) n JOIN devices_autopilotdevice d ON d.id = n.id
    WHERE n.profile_id IS DISTINCT FROM %s
    AND EXISTS (SELECT FROM devices_groupmember m
                WHERE m.device_id = d.entra_device_id AND m.group_id = ANY(%s))
    AND NOT EXISTS (SELECT FROM devices_groupmember m
                    WHERE m.device_id = d.entra_device_id AND m.group_id = ANY(%s))
    GROUP BY n.profile_id ORDER BY count(*) DESC
"""


@dataclass(frozen=True, slots=True)
class Shared:
    """A group that other profiles include as well, by age against this one."""

    group_name: str
    older: list[str]
    younger: list[str]


@dataclass(frozen=True, slots=True)
class Hidden:
    """An older profile that wins on so many devices of the included groups."""

    profile_name: str
    count: int


@dataclass(frozen=True, slots=True)
class Warnings:
    """falls_to: the All devices profile that excluded devices get; loses_groups: All devices drops them."""

    shared: list[Shared]
    hidden: list[Hidden]
    falls_to: str
    loses_groups: bool

    def __bool__(self) -> bool:
        return bool(self.shared or self.hidden or self.falls_to or self.loses_groups)


def warn(
    *, profile: DeploymentProfile, include: Sequence[UUID], exclude: Sequence[UUID], is_for_all_devices: bool
) -> Warnings:
    """What to say about assignments before they are saved."""
    if is_for_all_devices:
        return Warnings([], [], "", bool(include or exclude))
    everyone = DeploymentProfile.objects.of(profile.tenant).filter(is_for_all_devices=True)
    last = everyone.exclude(pk=profile.pk).first() if exclude else None
    falls_to = last.display_name if last is not None else ""
    return Warnings(_shared(profile, include), _hidden(profile, include, exclude), falls_to, False)


def _shared(profile: DeploymentProfile, include: Sequence[UUID]) -> list[Shared]:
    rows = ProfileAssignment.objects.filter(
        profile__tenant=profile.tenant, group__in=include, kind=ProfileAssignment.Kind.INCLUDE
    ).exclude(profile=profile)
    found: dict[str, Shared] = {}
    for row in rows.select_related("profile", "group").order_by("group__name", "profile__created_at"):
        shared = found.setdefault(row.group.name, Shared(row.group.name, [], []))
        is_older = (row.profile.created_at, row.profile_id) < (profile.created_at, profile.pk)
        (shared.older if is_older else shared.younger).append(row.profile.display_name)
    return list(found.values())


def _hidden(profile: DeploymentProfile, include: Sequence[UUID], exclude: Sequence[UUID]) -> list[Hidden]:
    wanted = what_if.of_assignments(
        profile=profile, include=include, exclude=exclude, is_for_all_devices=False
    )
    sql = HIDDEN.format(effective=effective(LIVE, assignments="assignments", profiles="profiles"))
    with connection.cursor() as cursor:
        parameters = [*wanted.parameters, profile.pk, list(include), list(exclude)]
        cursor.execute(f"{wanted.head} {sql}", parameters)
        counts = dict(cursor.fetchall())
    names = dict(DeploymentProfile.objects.of(profile.tenant).values_list("pk", "display_name"))
    return [Hidden(names[pk], count) for pk, count in counts.items() if pk in names]
