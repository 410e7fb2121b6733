"""Why a device gets its profile: every profile that reaches it, by which clauses, and what decided."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from devices.models import AutopilotDevice, DeploymentProfile, Group, GroupMember, ProfileAssignment
from devices.services.profiles.rules.attributes import facts_of
from devices.services.profiles.rules.parser import parsed
from devices.services.profiles.rules.verdicts import Verdict, judge


@dataclass(frozen=True, slots=True)
class Reach:
    """A group through which a profile reaches the device; verdict: on its rule, None when assigned."""

    group_id: UUID
    group_name: str
    verdict: Verdict | None = None


@dataclass(slots=True)
class Candidate:
    """A profile whose included groups hold the device; excluded_by takes it out again."""

    profile: DeploymentProfile
    included_by: list[Reach] = field(default_factory=list)
    excluded_by: list[Reach] = field(default_factory=list)
    is_winner: bool = False

    @property
    def created_at(self) -> datetime:
        """The older profile wins."""
        return self.profile.created_at


@dataclass(frozen=True, slots=True)
class Explanation:
    """reason: group, all_devices or default; candidates oldest first; has_entra_device: groups need one.

    is_pending: the device does not have the profile yet, its evaluation is under way.
    """

    reason: str
    winner: DeploymentProfile | None
    candidates: list[Candidate]
    all_devices: DeploymentProfile | None
    has_entra_device: bool
    is_pending: bool


def explain(device: AutopilotDevice) -> Explanation:
    """Follow the rules for one device as they are now."""
    groups = _groups_of(device)
    candidates = _candidates(device, groups)
    winner = next((each for each in candidates if not each.excluded_by), None)
    if winner is not None:
        winner.is_winner = True
    rows = DeploymentProfile.objects.of(device.tenant)
    all_devices = rows.filter(is_for_all_devices=True).first()
    chosen = winner.profile if winner else all_devices
    reason = "group" if winner else "all_devices" if all_devices else "default"
    is_pending = device.assigned_profile_id != (chosen.pk if chosen else None)
    has_entra_device = device.entra_device_id is not None
    return Explanation(reason, chosen, candidates, all_devices, has_entra_device, is_pending)


def _groups_of(device: AutopilotDevice) -> dict[UUID, Reach]:
    """The device's groups by id."""
    if device.entra_device_id is None:
        return {}
    links = GroupMember.objects.filter(device=device.entra_device_id, group__tenant=device.tenant)
    values = facts_of(device.entra_device)
    return {link.group_id: _reach(link.group, values) for link in links.select_related("group")}


def _reach(group: Group, values: dict[str, Any]) -> Reach:
    if group.membership != Group.Membership.DYNAMIC:
        return Reach(group.pk, group.name)
    return Reach(group.pk, group.name, judge(parsed(group.rule_text), values))


def _candidates(device: AutopilotDevice, groups: dict[UUID, Reach]) -> list[Candidate]:
    """Profiles that include one of the groups, oldest first."""
    rows = ProfileAssignment.objects.filter(group__in=groups, profile__tenant=device.tenant)
    found: dict[UUID, Candidate] = {}
    for row in rows.select_related("profile").order_by("profile__created_at", "profile__pk", "group__name"):
        candidate = found.setdefault(row.profile_id, Candidate(row.profile))
        is_excluded = row.kind == ProfileAssignment.Kind.EXCLUDE
        (candidate.excluded_by if is_excluded else candidate.included_by).append(groups[row.group_id])
    return [each for each in found.values() if each.included_by]
