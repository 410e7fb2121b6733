"""Create, change and delete deployment profiles, with every rule of their settings.

Rules: "Configure Windows Autopilot profiles" [D] (350 a tenant, 200/1,500 characters, modes).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from devices.models import AutopilotDevice, DeploymentProfile, Group, GroupMember
from devices.models.profiles import PROFILES_PER_TENANT
from devices.services.profiles import names
from portal.errors import Conflict, NotFound, Refused
from tenants.models import Tenant
from tenants.permissions import Actor
from tenants.services import audit

RESERVED_PREFIX = "OfflineAutopilotprofile-"
OS_DEFAULT, USER_SELECT = "os-default", "user-select"

SETTINGS = (
    "display_name",
    "description",
    "device_type",
    "hardware_hash_extraction_enabled",
    "device_usage_type",
    "join_type",
    "skip_connectivity_check",
    "eula_hidden",
    "privacy_settings_hidden",
    "escape_link_hidden",
    "user_type",
    "preprovisioning_allowed",
    "locale",
    "keyboard_selection_page_skipped",
    "device_name_template",
)


class BadSetting(Refused):
    """A setting breaks a rule; `field` in the context names it."""

    code = "bad_setting"


class ProfileChanged(Conflict):
    """Someone saved the profile after this form was opened."""

    code = "changed_meanwhile"


class ProfileNotRegistered(NotFound):
    """809: the tenant has no such profile, be it deleted or another tenant's; the sentence tells neither."""

    code = "profile_gone"

    def __init__(self) -> None:
        sentence = _(
            "809 ZtdProfileIsNotRegistered: this tenant has no such deployment profile. Perhaps it was "
            "deleted meanwhile."
        )
        super().__init__(sentence, number=809, field="profile")


class TooManyProfiles(Conflict):
    """The tenant has 350 profiles."""

    code = "too_many_profiles"


class StillAssigned(Conflict):
    """A profile that is assigned cannot be deleted; the sentence names what blocks it."""

    code = "profile_still_assigned"


@dataclass(frozen=True, slots=True)
class Dimmed:
    """A setting the chosen mode does not offer, the value it has there, and why."""

    field: str
    value: Any
    reason: str


def dimmed(values: dict[str, Any]) -> list[Dimmed]:
    """The settings that have no effect in the mode these values choose."""
    found: list[Dimmed] = []
    if values.get("device_type") == DeploymentProfile.DeviceType.HOLOLENS:
        why = _("HoloLens devices are always self-deploying and Microsoft Entra joined.")
        shared = DeploymentProfile.DeviceUsage.SELF_DEPLOYING
        found += [Dimmed("device_usage_type", shared, why)]
        found += [Dimmed("hardware_hash_extraction_enabled", False, why)]
    if found or values.get("device_usage_type") == DeploymentProfile.DeviceUsage.SELF_DEPLOYING:
        found += _dimmed_by_self_deploying()
    if not _has_language(values):
        why = _("Choose a language first.")
        found.append(Dimmed("keyboard_selection_page_skipped", False, why))
    is_hybrid = values.get("join_type") == DeploymentProfile.JoinType.HYBRID
    if is_hybrid and all(each.field != "join_type" for each in found):
        why = _("With hybrid join the name comes from the domain join profile.")
        found.append(Dimmed("device_name_template", "", why))
    else:
        why = _("Only for hybrid join.")
        found.append(Dimmed("skip_connectivity_check", False, why))
    return found


def _dimmed_by_self_deploying() -> list[Dimmed]:
    """No user takes part, so nothing that shows to or depends on one can be chosen."""
    why = _("Self-deploying: no user takes part, and the device is always Microsoft Entra joined.")
    standard = DeploymentProfile.UserType.STANDARD
    return [
        Dimmed("join_type", DeploymentProfile.JoinType.ENTRA, why),
        Dimmed("eula_hidden", True, why),
        Dimmed("privacy_settings_hidden", True, why),
        Dimmed("escape_link_hidden", True, why),
        Dimmed("user_type", standard, why),
        Dimmed("preprovisioning_allowed", False, why),
    ]


def _has_language(values: dict[str, Any]) -> bool:
    return values.get("locale", OS_DEFAULT) not in (OS_DEFAULT, USER_SELECT, "")


def create(*, tenant: Tenant, actor: Actor, values: dict[str, Any], now: datetime) -> DeploymentProfile:
    """A new profile without assignments; raises BadSetting or TooManyProfiles."""
    with transaction.atomic():
        Tenant.objects.select_for_update(no_key=True).get(pk=tenant.pk)
        rows = DeploymentProfile.objects.of(tenant)
        if rows.count() >= PROFILES_PER_TENANT:
            raise TooManyProfiles(_("A tenant can have at most 350 deployment profiles."))
        clean = checked(tenant=tenant, values=values)
        profile: DeploymentProfile = DeploymentProfile.objects.create(
            tenant=tenant, created_at=now, modified_at=now, **clean
        )
        _record(profile, actor, "profile.created", after=clean)
    return profile


def update(
    *,
    tenant: Tenant,
    actor: Actor,
    profile: DeploymentProfile,
    values: dict[str, Any],
    revision: int | str | None,
    now: datetime,
) -> DeploymentProfile:
    """Save settings; a device takes them at its next out-of-box experience.

    Raises BadSetting or ProfileChanged.
    """
    with transaction.atomic():
        current = lock(tenant=tenant, profile=profile, revision=revision)
        clean = checked(tenant=tenant, values=values, profile=current)
        changed = {name: clean[name] for name in clean if clean[name] != getattr(current, name)}
        if not changed:
            return current
        before = {name: getattr(current, name) for name in changed}
        for name, value in changed.items():
            setattr(current, name, value)
        current.modified_at, current.revision = now, current.revision + 1
        current.save()
        if "display_name" in changed:
            _rename_direct_group(current)
        _record(current, actor, "profile.updated", before=before, after=changed)
    return current


def delete(*, tenant: Tenant, actor: Actor, profile: DeploymentProfile) -> None:
    """Delete a profile that nothing is assigned to; raises StillAssigned naming what blocks it."""
    with transaction.atomic():
        current = lock(tenant=tenant, profile=profile, revision=None)
        blockers = blocked_by(current)
        if blockers:
            sentence = _("“%(name)s” is still assigned to: %(blockers)s. Remove these assignments first.")
            raise StillAssigned(
                sentence % {"name": current.display_name, "blockers": ", ".join(blockers)}, blockers=blockers
            )
        AutopilotDevice.objects.of(tenant).filter(assigned_profile=current).update(assigned_profile=None)
        own = list(Group.objects.of(tenant).filter(direct_profile=current).values_list("pk", flat=True))
        _record(current, actor, "profile.deleted")
        current.delete()
        held = GroupMember.objects.live().filter(group=OuterRef("pk"))
        Group.objects.of(tenant).filter(~Exists(held), pk__in=own, profile_assignments=None).delete()


def blocked_by(profile: DeploymentProfile) -> list[str]:
    """What a profile is assigned to, in words; empty when it can be deleted."""
    if profile.is_for_all_devices:
        return [_("All devices")]
    links = profile.assignments.select_related("group").order_by("group__name")
    return [_described(link) for link in links if not _is_empty_direct(profile, link.group)]


def _described(link: Any) -> str:
    return (
        _("%(group)s (excluded)") % {"group": link.group.name} if link.kind == "exclude" else link.group.name
    )


def _is_empty_direct(profile: DeploymentProfile, group: Group) -> bool:
    """A direct group of the profile's own that holds nobody goes with the profile."""
    return group.direct_profile_id == profile.pk and not group.members.live().exists()


def named(*, tenant: Tenant, pk: UUID | str) -> DeploymentProfile:
    """The tenant's profile of this id; raises ProfileNotRegistered."""
    found: DeploymentProfile | None = DeploymentProfile.objects.of(tenant).filter(pk=pk).first()
    if found is None:
        raise ProfileNotRegistered
    return found


def lock(*, tenant: Tenant, profile: DeploymentProfile, revision: int | str | None) -> DeploymentProfile:
    """The profile's row, locked; raises ProfileChanged for another revision, or ProfileNotRegistered."""
    rows = DeploymentProfile.objects.of(tenant).select_for_update()
    current: DeploymentProfile | None = rows.filter(pk=profile.pk).first()
    if current is None:
        raise ProfileNotRegistered
    if revision is not None and str(revision) != str(current.revision):
        raise ProfileChanged(_("Someone changed this profile meanwhile. Reload to see the change."))
    return current


def checked(
    *, tenant: Tenant, values: dict[str, Any], profile: DeploymentProfile | None = None
) -> dict[str, Any]:
    """The settings as they are stored, dimmed ones at their fixed value; raises BadSetting."""
    clean = {name: values[name] for name in SETTINGS if name in values}
    clean["display_name"] = clean.get("display_name", "").strip()
    _check_name(tenant, clean["display_name"], profile)
    for each in dimmed(clean):
        clean[each.field] = each.value
    try:
        names.check_template(clean.get("device_name_template", ""))
    except names.BadTemplate as refusal:
        raise BadSetting(refusal.message, field="device_name_template") from refusal
    return clean


def _check_name(tenant: Tenant, name: str, profile: DeploymentProfile | None) -> None:
    if not name:
        raise BadSetting(_("Enter a name."), field="display_name")
    if name.casefold().startswith(RESERVED_PREFIX.casefold()):
        sentence = _("Names beginning “OfflineAutopilotprofile-” are reserved for existing devices.")
        raise BadSetting(sentence, field="display_name")
    others = DeploymentProfile.objects.of(tenant).filter(display_name__iexact=name)
    if others.exclude(pk=profile.pk if profile else None).exists():
        raise BadSetting(_("Another profile already has this name."), field="display_name")


def _rename_direct_group(profile: DeploymentProfile) -> None:
    name = _("%(profile)s (direct)") % {"profile": profile.display_name}
    rows = Group.objects.of(profile.tenant)
    if not rows.filter(name__iexact=name).exists():
        rows.filter(direct_profile=profile).update(name=name)


def _record(
    profile: DeploymentProfile,
    actor: Actor,
    activity: str,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    target = audit.Target("profile", profile.display_name, profile.pk, before=before, after=after)
    audit.record(tenant=profile.tenant, actor=actor, activity=activity, targets=[target])
