"""Replace a device whose board or TPM was exchanged: the old leaves, the new takes its values.

One transaction a pair: undo kit, registration of the old released, the new registered or changed, its
list row, its direct profile and static groups, one audit event. Source: "Motherboard replacement",
deregister, capture the new hash, register [D]; what is kept: design ruling on identity.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from devices.connectors import connector_for
from devices.connectors.base import Change, Claim, ClaimResult
from devices.hardware.encode import encode
from devices.hardware.identity import HardwareIdentity
from devices.hardware.match import Match, Verdict, match
from devices.models import AutopilotDevice, DeploymentProfile, Group, ManagedDevice, Registration, UndoKit
from devices.registry.claims import listed_serial
from devices.services.autopilot import editing, facts, undo_kits
from devices.services.autopilot.deregistration import asking
from devices.services.directory import carrying
from devices.services.profiles import assignment
from devices.services.syncs.mirroring import mirror
from portal.errors import Conflict, Refused
from tenants.models import Tenant
from tenants.permissions import Actor, missing
from tenants.services import approvals, audit

REASON = UndoKit.Reason.REPLACED.value
MOVED = {
    "group_tag": _("Group tag"),
    "user_principal_name": _("User"),
    "addressable_user_name": _("User friendly name"),
    "display_name": _("Device name"),
    "purchase_order": _("Purchase order"),
}
OLD, NEW = "old", "new"
NOTHING = HardwareIdentity()


class AlreadyReplaced(Conflict):
    """The old device left the list, or is being deleted."""

    code = "already_replaced"


class SameMachine(Refused):
    """Old and new are one machine: nothing that matters was exchanged."""

    code = "same_machine"


class NotRegistered(Conflict):
    """The service does not hold the old device's registration (807)."""

    code = "not_registered"


class ApprovalNeeded(Refused):
    """The tenant wants a second administrator's word before even one device leaves."""

    code = "approval_needed"


class NewRefused(Refused):
    """The service refuses the new machine; `number` is its code, `existing` a device here that has it."""

    code = "registration_refused"


@dataclass(frozen=True, slots=True)
class Successor:
    """The machine of today: a device that is registered already, or a capture that is not.

    values: what it brings of its own, by the names of MOVED.
    """

    device: AutopilotDevice | None = None
    identity: HardwareIdentity | None = None
    values: dict[str, str] = field(default_factory=dict)

    @property
    def serial_number(self) -> str:
        """What it is, or will be, listed by."""
        return self.device.serial_number if self.device else listed_serial(self.identity or NOTHING)

    @classmethod
    def registered(cls, device: AutopilotDevice) -> "Successor":
        """A device of the list."""
        identity = facts.hardware_of(tenant=device.tenant, device_id=device.pk)
        return cls(device, identity, {name: getattr(device, name) for name in MOVED})


@dataclass(frozen=True, slots=True)
class Value:
    """One value: what the old device has, what the new one brings, and what it will have."""

    name: str
    label: Any
    old: str
    new: str
    then: str

    @property
    def is_conflict(self) -> bool:
        """Whether both have a value, and not the same."""
        return bool(self.old and self.new and self.old != self.new)


@dataclass(frozen=True, slots=True)
class Preview:
    """What a replacement would do, for the dialog."""

    values: list[Value]
    static: list[Group]
    has_no_object: bool
    managed: ManagedDevice | None
    match: Match | None
    has_hash: bool

    @property
    def groups(self) -> list[str]:
        """The names of the old device's static groups, without the direct one."""
        return [group.name for group in self.static if group.direct_profile is None]

    @property
    def profile(self) -> DeploymentProfile | None:
        """The profile that was assigned by hand."""
        return next((group.direct_profile for group in self.static if group.direct_profile), None)

    @property
    def has_conflict(self) -> bool:
        """Whether a person has to say whose values win."""
        return any(value.is_conflict for value in self.values)


def likely(*, tenant: Tenant, old: AutopilotDevice) -> list[AutopilotDevice]:
    """The live devices under the old one's manufacturer and serial number, today's first."""
    rows = AutopilotDevice.objects.of(tenant).live().filter(deletion_requested_at=None)
    alike = rows.filter(serial_number=old.serial_number, manufacturer__iexact=old.manufacturer)
    found = alike.exclude(pk=old.pk).order_by("-registered_at", "pk")[:10]
    attention = AutopilotDevice.RemediationState.ATTENTION_REQUIRED
    return sorted(found, key=lambda device: device.remediation_state == attention)


def preview(*, tenant: Tenant, old: AutopilotDevice, new: Successor, keeps: str = OLD) -> Preview:
    """What would move, stay and end; writes nothing. Raises SameMachine."""
    held = facts.hardware_of(tenant=tenant, device_id=old.pk)
    found = match(held, new.identity) if held and new.identity else None
    if found and found.verdict == Verdict.SAME:
        raise SameMachine(_("This is the same machine: no board or TPM was exchanged in it."))
    return Preview(
        values=list(_values(old, new, keeps)),
        static=carrying.groups_of(tenant=tenant, device=old),
        has_no_object=not carrying.may_have_groups(tenant=tenant, device=new.device),
        managed=facts.managed_of(tenant=tenant, device=old),
        match=found,
        has_hash=held is not None,
    )


def _values(old: AutopilotDevice, new: Successor, keeps: str) -> Iterator[Value]:
    """Where both have a value `keeps` decides; a user and the greeting go together."""
    for name, label in MOVED.items():
        mine, theirs = getattr(old, name), new.values.get(name, "")
        first, second = (mine, theirs) if keeps == OLD else (theirs, mine)
        if name == "addressable_user_name":
            first, second = (first, second) if _has_user(old, new, keeps) else (second, first)
            yield Value(name, label, mine, theirs, first)
        else:
            yield Value(name, label, mine, theirs, first or second)


def _has_user(old: AutopilotDevice, new: Successor, keeps: str) -> bool:
    """Whether the preferred side is the one whose user is taken."""
    return bool(old.user_principal_name if keeps == OLD else new.values.get("user_principal_name"))


def replace(
    *,
    tenant: Tenant,
    actor: Actor,
    old: AutopilotDevice,
    new: Successor,
    keeps: str = OLD,
    now: datetime,
) -> UUID:
    """End the old device; its values, direct profile and static groups go to the new one, whose id returns.

    Raises Forbidden, ApprovalNeeded, AlreadyReplaced, SameMachine, NotRegistered or NewRefused; then
    nothing changed.
    """
    _admit(tenant, actor)
    with transaction.atomic():
        _count(tenant, actor, old, now)
        carrying.hold(tenant=tenant, device=old)
        current = _lock(tenant, old, new)
        plan = preview(tenant=tenant, old=current, new=new, keeps=keeps)
        undo_kits.pack(tenant=tenant, actor=actor, device_ids=[current.pk], reason=REASON, now=now)
        _release(tenant, current, now)
        values = {value.name: value.then for value in plan.values}
        device_id = _take_place(tenant, actor, new, values, now)
        groups = carrying.carry(tenant=tenant, groups=plan.static, device_id=device_id, now=now)
        targets = _targets(current, new, device_id, plan, groups)
        audit.record(tenant=tenant, actor=actor, activity=asking.REPLACED, targets=targets)
    return device_id


def _admit(tenant: Tenant, actor: Actor) -> None:
    for word in ("devices.import", "devices.delete"):
        if not actor.can(word, tenant=tenant):
            raise missing(word)


def _count(tenant: Tenant, actor: Actor, old: AutopilotDevice, now: datetime) -> None:
    """A replacement counts as the deletion it is."""
    approvals.one_at_a_time(tenant=tenant, actor=actor)
    earlier = asking.earlier(tenant=tenant, actor=actor, new=[old.pk], now=now)
    why = approvals.why(tenant=tenant, count=1, earlier=earlier)
    if why and not tenant.approval_above:
        why = str(_("In this tenant a second administrator approves every deletion."))
    if why:
        instead = _("Import the new machine, and delete the old device by the command Delete.")
        raise ApprovalNeeded(f"{why} {instead}")


def _lock(tenant: Tenant, old: AutopilotDevice, new: Successor) -> AutopilotDevice:
    """Both rows, in the order of their ids; the old one as it is now."""
    wanted = {old.pk, new.device.pk} if new.device else {old.pk}
    rows = AutopilotDevice.objects.of(tenant).live().filter(pk__in=wanted, deletion_requested_at=None)
    found = {row.pk: row for row in rows.select_for_update(of=("self",)).order_by("pk")}
    if new.device and new.device.pk == old.pk:
        raise SameMachine(_("A device cannot replace itself."))
    if len(found) < len(wanted):
        sentence = _("One of the two devices is no longer in the list, or is being deleted.")
        raise AlreadyReplaced(sentence)
    return found[old.pk]


def _release(tenant: Tenant, old: AutopilotDevice, now: datetime) -> None:
    [result] = connector_for(tenant).release(tenant=tenant, device_ids=[old.pk], reason=REASON, now=now)
    if not result.is_released:
        sentence = _("%(code)s %(name)s: the service holds no registration of this device. Sync first.")
        raise NotRegistered(sentence % {"code": result.code, "name": result.name})
    AutopilotDevice.objects.of(tenant).filter(pk=old.pk).update(
        removed_at=now, removal_reason=REASON, revision=F("revision") + 1
    )
    assignment.refresh(tenant=tenant, device_ids=[old.pk], now=now)


def _take_place(tenant: Tenant, actor: Actor, new: Successor, values: dict[str, Any], now: datetime) -> UUID:
    """The values on a device that is registered already, or with the registration of the capture."""
    if new.device is not None:
        editing.write(tenant=tenant, changes=[Change(new.device.pk, values)], now=now)
        return new.device.pk
    identity = new.identity or NOTHING
    [result] = connector_for(tenant).register(
        tenant=tenant,
        claims=[Claim(reference=0, identity=identity, blob=encode(identity), **values)],
        registered_by=actor.label,
        channel=Registration.Channel.IMPORT.value,
        now=now,
    )
    if result.device_id is None:
        raise _refusal(tenant, result)
    mirror(tenant=tenant, device_ids=[result.device_id], now=now)
    return result.device_id


def _refusal(tenant: Tenant, result: ClaimResult) -> Refused:
    words = {
        802: _("802: the hash holds nothing that tells this machine apart. Capture it again."),
        806: _("806: this machine is registered here already. Choose that device instead of the hash."),
        808: _("808: this machine is registered with another tenant."),
        813: _("813: this machine cannot be told apart from devices that are registered already."),
    }
    sentence = words.get(result.code or 0, _("The service refuses this machine."))
    existing = result.existing if result.existing_tenant == tenant.pk else None
    return NewRefused(sentence, number=result.code, existing=existing)


def _targets(
    old: AutopilotDevice, new: Successor, device_id: UUID, plan: Preview, groups: Sequence[Group]
) -> list[audit.Target]:
    """The old device as it was, the new one as it is, each naming the other; the groups it came into."""
    was = {value.name: value.old for value in plan.values if value.old} | carrying.told(plan.static)
    changed = [value for value in plan.values if value.new != value.then]
    before = {value.name: value.new for value in changed}
    after = {value.name: value.then for value in changed} | carrying.told(groups) | {"replaces": str(old.pk)}
    return [
        audit.Target("autopilot_device", old.serial_number, old.pk, was, {"replaced_by": str(device_id)}),
        audit.Target("autopilot_device", new.serial_number, device_id, before, after),
        *(audit.Target("group", group.name, group.pk) for group in groups),
    ]
