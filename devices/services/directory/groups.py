"""Groups of devices: made, renamed, deleted; members added by hand or by pasted serial numbers."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Upper
from django.utils.translation import gettext as _

from devices.models import AutopilotDevice, Group, GroupMember
from devices.services.profiles import assignment, evaluating, membership
from portal.errors import Conflict, NotFound, Refused
from tenants.models import Job, Tenant
from tenants.permissions import Actor
from tenants.services import audit

MOST_SERIALS = 5000


class BadGroup(Refused):
    """A value breaks a rule; `field` in the context names it."""

    code = "bad_group"


class GroupChanged(Conflict):
    """Someone saved the group after this form was opened."""

    code = "changed_meanwhile"


class GroupInUse(Conflict):
    """A group that a profile includes or excludes cannot be deleted."""

    code = "group_in_use"


class MembersByRule(Conflict):
    """Members of a dynamic group come and go by its rule only."""

    code = "members_by_rule"


class TooManySerials(Refused):
    """More serial numbers than one paste may hold."""

    code = "too_many_serials"


@dataclass(slots=True)
class Found:
    """Pasted serial numbers by what they name; ambiguous ones with the devices that share them."""

    devices: list[AutopilotDevice] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    ambiguous: dict[str, list[AutopilotDevice]] = field(default_factory=dict)
    without_entra_device: list[str] = field(default_factory=list)


def create(
    *,
    tenant: Tenant,
    actor: Actor,
    name: str,
    description: str = "",
    rule_text: str = "",
    now: datetime,
) -> tuple[Group, Job | None]:
    """A new group, dynamic when a rule is given; the job, if any, fills a large one.

    Raises BadGroup, BadRule.
    """
    rule_text = rule_text.strip()
    with transaction.atomic():
        Tenant.objects.select_for_update(no_key=True).get(pk=tenant.pk)
        group: Group = Group.objects.create(
            tenant=tenant,
            name=_checked_name(tenant, name),
            description=description.strip(),
            membership=Group.Membership.DYNAMIC if rule_text else Group.Membership.ASSIGNED,
            created_at=now,
        )
        job = None
        if rule_text:
            membership.keep_rule(group, rule_text)
            job = evaluating.evaluate(group=group, actor=actor, now=now)
        _record(group, actor, "group.created", after={"name": group.name, "rule": rule_text})
    return group, job


def update(
    *,
    tenant: Tenant,
    actor: Actor,
    group: Group,
    name: str,
    description: str,
    rule_text: str | None = None,
    revision: int | str | None,
    now: datetime,
) -> tuple[Group, Job | None]:
    """Rename or describe a group, or give a dynamic one another rule (None: the one it has).

    The job, if any, brings a large tenant in line. Raises BadGroup, BadRule, GroupChanged.
    """
    with transaction.atomic():
        current = _lock(tenant, group, no_key=True)
        if revision is not None and str(revision) != str(current.revision):
            raise GroupChanged(_("Someone changed this group meanwhile. Reload to see the change."))
        before = _described(current)
        current.name = _checked_name(tenant, name, current)
        current.description = description.strip()
        is_dynamic = current.membership == Group.Membership.DYNAMIC
        rule_text = rule_text.strip() if is_dynamic and rule_text is not None else current.rule_text
        after = {**_described(current), "rule": rule_text}
        if after == before:
            return current, None
        current.revision += 1
        current.save(update_fields=["name", "description", "revision"])
        job = None
        if rule_text != before["rule"]:
            membership.keep_rule(current, rule_text)
            job = evaluating.evaluate(group=current, actor=actor, now=now)
        _record(current, actor, "group.updated", before=before, after=after)
    return current, job


def _described(group: Group) -> dict[str, Any]:
    return {"name": group.name, "description": group.description, "rule": group.rule_text}


def delete(*, tenant: Tenant, actor: Actor, group: Group) -> None:
    """Delete a group no profile uses; raises GroupInUse naming the profiles."""
    with transaction.atomic():
        current = _lock(tenant, group)
        links = current.profile_assignments.select_related("profile").order_by("profile__display_name")
        users = [link.profile.display_name for link in links]
        if users:
            sentence = _("“%(name)s” is used by: %(profiles)s. Remove it from these profiles first.")
            raise GroupInUse(sentence % {"name": current.name, "profiles": ", ".join(users)}, profiles=users)
        _record(current, actor, "group.deleted", before={"members": current.members.live().count()})
        current.delete()


def add_members(
    *, tenant: Tenant, actor: Actor, group: Group, devices: QuerySet[AutopilotDevice], now: datetime
) -> int:
    """Put Autopilot devices into a static group; returns how many are new. Raises MembersByRule."""
    with transaction.atomic():
        current = _lock_assigned(tenant, group)
        rows = devices.filter(tenant=tenant, removed_at=None, entra_device__deleted_at=None)
        held = rows.exclude(entra_device=None).exclude(entra_device__group_links__group=current)
        new = dict(held.order_by("pk").values_list("pk", "entra_device"))
        links = [GroupMember(group=current, device_id=pk, added_at=now) for pk in sorted(new.values())]
        GroupMember.objects.bulk_create(links, ignore_conflicts=True, batch_size=5000)
        leave_other_direct(current, list(new.values()))
        _moved(current, actor, "group.members_added", list(new), now)
    return len(new)


def remove_members(
    *, tenant: Tenant, actor: Actor, group: Group, entra_device_ids: Sequence[UUID], now: datetime
) -> int:
    """Take objects out of a static group; returns how many were in. Raises MembersByRule."""
    with transaction.atomic():
        current = _lock_assigned(tenant, group)
        links = current.members.filter(device__in=entra_device_ids)
        objects = list(links.values_list("device", flat=True))
        links.delete()
        rows = AutopilotDevice.objects.of(tenant).live().filter(entra_device__in=objects)
        _moved(current, actor, "group.members_removed", list(rows.values_list("pk", flat=True)), now)
    return len(objects)


def find_serials(*, tenant: Tenant, text: str) -> Found:
    """The devices that pasted serial numbers name; nothing is changed. Raises TooManySerials.

    Serials stand one a line or divided by commas, semicolons or tabs; case is ignored. A serial that
    several devices share names none of them.
    """
    wanted = list(dict.fromkeys(part.strip().strip('"') for part in re.split(r"[\r\n,;\t]+", text)))
    wanted = [serial.replace("\x00", "")[:255] for serial in wanted if serial]
    if len(wanted) > MOST_SERIALS:
        raise TooManySerials(_("Paste at most 5,000 serial numbers at a time."))
    by_serial: dict[str, list[AutopilotDevice]] = defaultdict(list)
    for device in _with_serials(tenant, wanted):
        by_serial[device.serial_number.upper()].append(device)
    found = Found()
    for serial in {each.upper(): each for each in wanted}.values():
        _sort(found, serial, by_serial.get(serial.upper(), []))
    return found


def _with_serials(tenant: Tenant, serials: list[str]) -> QuerySet[AutopilotDevice]:
    """The live devices with one of these serials, whatever the case."""
    rows = AutopilotDevice.objects.of(tenant).live().annotate(upper_serial=Upper("serial_number"))
    wanted = {each.upper() for each in serials}
    found: QuerySet[AutopilotDevice] = rows.filter(upper_serial__in=wanted)
    return found.select_related("entra_device").order_by("serial_number", "pk")


def _sort(found: Found, serial: str, devices: list[AutopilotDevice]) -> None:
    if not devices:
        found.unknown.append(serial)
    elif len(devices) > 1:
        found.ambiguous[serial] = devices
    elif devices[0].entra_device is None or devices[0].entra_device.deleted_at:
        found.without_entra_device.append(serial)
    else:
        found.devices.append(devices[0])


def _checked_name(tenant: Tenant, name: str, group: Group | None = None) -> str:
    name = name.strip()
    if not name:
        raise BadGroup(_("Enter a name."), field="name")
    others = Group.objects.of(tenant).filter(name__iexact=name)
    if others.exclude(pk=group.pk if group else None).exists():
        raise BadGroup(_("Another group already has this name."), field="name")
    return name


def _lock(tenant: Tenant, group: Group, *, no_key: bool = False) -> Group:
    """The group's row, locked; raises NotFound when another request deleted it first.

    no_key: members may come and go meanwhile, as those who bring them wait for no one.
    """
    rows = Group.objects.of(tenant).select_for_update(no_key=no_key)
    current: Group | None = rows.filter(pk=group.pk).first()
    if current is None:
        raise NotFound(_("This group was deleted meanwhile."), code="group_gone")
    return current


def _lock_assigned(tenant: Tenant, group: Group) -> Group:
    current = _lock(tenant, group)
    if current.membership != Group.Membership.ASSIGNED:
        raise MembersByRule(_("The members of “%(name)s” come and go by its rule.") % {"name": current.name})
    return current


def leave_other_direct(group: Group, objects: list[UUID]) -> None:
    """Take objects that came into a direct group out of the others: a device is in at most one."""
    if group.direct_profile_id is not None:
        links = GroupMember.objects.filter(group__tenant=group.tenant, group__direct_profile__isnull=False)
        links.filter(device__in=objects).exclude(group=group).delete()


def _moved(group: Group, actor: Actor, activity: str, device_ids: list[UUID], now: datetime) -> None:
    """Re-evaluate the devices, and write one audit event with each of them."""
    if not device_ids:
        return
    assignment.refresh(tenant=group.tenant, device_ids=device_ids, now=now)
    rows = AutopilotDevice.objects.of(group.tenant).filter(pk__in=device_ids)
    after = {"group": group.name}
    targets = [audit.Target("group", group.name, group.pk)]
    targets += [
        audit.Target("autopilot_device", serial, pk, after=after)
        for pk, serial in rows.values_list("pk", "serial_number")
    ]
    audit.record(tenant=group.tenant, actor=actor, activity=activity, targets=targets)


def _record(
    group: Group,
    actor: Actor,
    activity: str,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    target = audit.Target("group", group.name, group.pk, before=before, after=after)
    audit.record(tenant=group.tenant, actor=actor, activity=activity, targets=[target])
