"""The changes a bulk job can make: what each does to a slice of devices."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from devices.connectors.base import Change
from devices.models import AutopilotDevice
from devices.services.autopilot import editing, unblocking, users
from devices.services.autopilot.editing import Written
from devices.services.profiles import direct, profiles
from portal.errors import Refused
from tenants.models import Tenant
from tenants.permissions import Actor


class OlderProfileWins(Refused):
    """An older profile reaches the device, so it was left out as asked."""

    code = "older_profile_wins"


class NoEntraDevice(Refused):
    """Groups hold Microsoft Entra objects, and this device has none."""

    code = "no_entra_device"


@dataclass(frozen=True, slots=True)
class Slice:
    """Some devices of a job, and the words the job was started with."""

    tenant: Tenant
    actor: Actor
    devices: Sequence[AutopilotDevice]
    arguments: dict[str, Any]
    now: datetime

    @property
    def ids(self) -> list[UUID]:
        """The devices' ids."""
        return [device.pk for device in self.devices]


@dataclass(slots=True)
class Outcome:
    """What came of a slice: the devices that changed and the refused ones; the others were as wanted."""

    written: list[Written] = field(default_factory=list)
    refused: dict[UUID, Refused] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Kind:
    """One bulk change; activity is None where the service it calls writes its own audit event."""

    title: Any
    permission: str
    activity: str | None
    apply: Callable[[Slice], Outcome]


def new_tag(operation: str, tag: str, text: str) -> str:
    """The group tag after set, prefix, append or clear."""
    return {"set": text, "prefix": text + tag, "append": tag + text, "clear": ""}[operation]


def _edit_tags(work: Slice) -> Outcome:
    outcome, changes = Outcome(), []
    operation, text = work.arguments["operation"], work.arguments.get("text", "")
    for device in work.devices:
        tag = new_tag(operation, device.group_tag, text)
        try:
            editing.check_tag(tag)
        except Refused as refusal:
            outcome.refused[device.pk] = refusal
            continue
        changes.append(Change(device.pk, {"group_tag": tag}))
    outcome.written = editing.write(tenant=work.tenant, changes=changes, now=work.now)
    return outcome


def _assign_user(work: Slice) -> Outcome:
    user = users.licensed(tenant=work.tenant, upn=work.arguments["upn"])
    fields = users.assignment_of(user=user, friendly_name=work.arguments.get("friendly_name", ""))
    return _same(work, fields)


def _unassign_user(work: Slice) -> Outcome:
    return _same(work, users.NOBODY)


def _same(work: Slice, fields: dict[str, str]) -> Outcome:
    changes = [Change(pk, fields) for pk in work.ids]
    return Outcome(editing.write(tenant=work.tenant, changes=changes, now=work.now))


def _unblock(work: Slice) -> Outcome:
    return Outcome(unblocking.allow(tenant=work.tenant, device_ids=work.ids))


def _assign_profile(work: Slice) -> Outcome:
    profile = profiles.named(tenant=work.tenant, pk=work.arguments["profile"])
    result = direct.assign(
        tenant=work.tenant,
        actor=work.actor,
        profile=profile,
        device_ids=work.ids,
        on_older=work.arguments["older"],
        now=work.now,
    )
    return _of_direct(work, result, {"direct_profile": profile.display_name})


def _unassign_profile(work: Slice) -> Outcome:
    result = direct.unassign(tenant=work.tenant, actor=work.actor, device_ids=work.ids, now=work.now)
    return _of_direct(work, result, {"direct_profile": ""})


def _of_direct(work: Slice, result: direct.Outcome, after: dict[str, str]) -> Outcome:
    serials = {device.pk: device.serial_number for device in work.devices}
    older = OlderProfileWins(_("Left out: an older profile still wins on this device."))
    absent = NoEntraDevice(_("This device has no Microsoft Entra object to put into a group."))
    return Outcome(
        written=[Written(pk, serials[pk], {}, after) for pk in result.moved],
        refused={
            **dict.fromkeys(result.older_wins, older),
            **dict.fromkeys(result.without_entra_device, absent),
        },
    )


KINDS = {
    "edit_group_tag": Kind(_("Edit group tag"), "devices.update", "device.updated", _edit_tags),
    "assign_user": Kind(_("Assign user"), "devices.update", "device.user_assigned", _assign_user),
    "unassign_user": Kind(_("Unassign user"), "devices.update", "device.user_unassigned", _unassign_user),
    "unblock": Kind(_("Unblock device"), "devices.update", "device.unblocked", _unblock),
    "assign_profile": Kind(_("Assign profile"), "profiles.assign", None, _assign_profile),
    "unassign_profile": Kind(_("Unassign profile"), "profiles.assign", None, _unassign_profile),
}
