"""Move devices between two tenants one administers: release, wait, register; put back where that fails.

One job of the source tenant; both tenants keep the act in their audit, and neither is told the other's
name: it is shown only to people who belong to both.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.db.models.functions import Lower
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from devices.connectors import connector_for
from devices.connectors.base import Claim, ClaimResult
from devices.hardware.decode import HashFault, decode
from devices.models import AutopilotDevice, Deregistration, UndoKit
from devices.models import Registration as Registered
from devices.services.autopilot import restoring
from devices.services.autopilot.bulk import note_targets
from devices.services.directory import personal
from devices.services.syncs.mirroring import mirror
from portal.errors import Refused
from tenants.models import DirectoryUser, Job, Tenant
from tenants.permissions import Actor, missing
from tenants.services import audit

from . import machine, plans, starting
from .slices import Answers, Confirmed, Found, LocalStep, Look, Over, Settled, Slice, Step
from .steps import STEPS, Kit

TASK = "devices.move_autopilot_devices"
KEEP, SET, CLEAR = "keep", "set", "clear"
State = Deregistration.State
JOINED = gettext_lazy(
    "814 ZtdDeviceAlreadyAadRegistered: the other tenant's directory holds an object of this machine that no "
    "registration made. Remove it there first, then move the device."
)
SHOWN = 10  # serial numbers in the preview
REFUSALS = {
    806: gettext_lazy("806 ZtdDeviceAlreadyAssigned: the other tenant has this machine already."),
    808: gettext_lazy("808 ZtdDeviceAssignedToOtherTenant: a third tenant registered this machine."),
    813: gettext_lazy("813 ZtdDeviceIsNotUnique: the service cannot tell this machine apart."),
}


@dataclass(frozen=True, slots=True)
class Staying:
    """Devices that a target cannot take: their number, and the first serial numbers."""

    target: Tenant
    count: int
    serials: list[str]


class SameTenant(Refused):
    """A device is moved to another tenant than its own."""

    code = "same_tenant"


def start(
    *,
    tenant: Tenant,
    target: Tenant,
    actor: Actor,
    rows: QuerySet[AutopilotDevice],
    is_full: bool,
    tag: str = KEEP,
    text: str = "",
    keeps_user: bool = True,
    now: datetime,
    dedupe_key: str | None = None,
) -> Job:
    """Freeze the rows and start the move; tag: keep, set (to text) or clear.

    keeps_user: where the target has a licensed user of the same name. Raises Forbidden, SameTenant,
    NothingToDo, NoConnector.
    """
    if target.pk == tenant.pk:
        raise SameTenant(_("Choose another tenant than the one the devices are in."))
    if not actor.can("devices.import", tenant=target):
        raise missing("devices.import")
    connector_for(target)
    return starting.begin(
        tenant=tenant,
        actor=actor,
        rows=rows,
        way=Deregistration.Way.MOVE,
        task=TASK,
        arguments={
            "is_full": is_full,
            "target": str(target.pk),
            "tag": tag,
            "text": text,
            "keeps_user": keeps_user,
        },
        now=now,
        dedupe_key=dedupe_key,
    )


def staying(*, targets: Sequence[Tenant], rows: QuerySet[AutopilotDevice]) -> list[Staying]:
    """What each target could not take now, for the preview."""
    found = personal.in_the_way(tenants=targets, devices=rows)
    return [
        Staying(each, len(found[each.pk]), sorted(found[each.pk].values())[:SHOWN])
        for each in targets
        if each.pk in found
    ]


class KitWithHash(Kit):
    """As for a deletion, but what the other tenant could not register is left where it is."""

    def look(self, work: Slice) -> Look:
        """Pack the kits; nothing is touched where the hash is missing, or with 814."""
        sentence = _(
            "No hardware hash is held, so the device cannot be moved. Import it in the other tenant."
        )
        lacking, refused = Over(State.FAILED, "no_hash", sentence), _joined(work)
        found = super().look(work)
        kept = {pk: lacking if _has_no_hash(each) else each for pk, each in found.items()}
        return {pk: refused.get(pk, each) if isinstance(each, Settled) else each for pk, each in kept.items()}


class Target(LocalStep):
    """Register the machine in the other tenant from its undo kit."""

    name, title = plans.TARGET, gettext_lazy("Registering in the other tenant")

    def look(self, work: Slice) -> Look:
        """What it is registered with there; 814 where it joined there meanwhile."""
        claims = {**_claims(work), **_joined(work)}
        return {pk: self._found(claims[pk]) for pk in work.ids}

    def _found(self, claim: Claim | Over) -> Found | Over:
        if isinstance(claim, Over):
            return claim
        before = {"group_tag": claim.group_tag, "user": claim.user_principal_name}
        return Found("POST importedWindowsAutopilotDeviceIdentities", None, before)

    def send(self, work: Slice) -> Answers:
        """Ask the other tenant's service; the new registration's id is the object of the step."""
        target = target_of(work.job)
        if not work.actor.can("devices.import", tenant=target):
            refusal = Over(State.FAILED, "forbidden", str(missing("devices.import")))
            return dict.fromkeys(work.ids, refusal)
        claims = _claims(work)
        results = connector_for(target).register(
            tenant=target,
            claims=[each for each in claims.values() if isinstance(each, Claim)],
            registered_by=work.actor.label,
            channel=Registered.Channel.MOVED,
            now=work.now,
        )
        answers = {
            each.reference: self._answered(work.rows[each.reference], each, target) for each in results
        }
        return {work.rows[number].device_id: refusal for number, refusal in answers.items() if refusal}

    def _answered(self, row: Deregistration, result: ClaimResult, target: Tenant) -> Over | None:
        """A machine that is there already was registered by an earlier, interrupted turn, or by others."""
        is_there = result.existing_tenant == target.pk
        device_id = result.device_id or (result.existing if is_there else None)
        if device_id is None:
            sentence = str(REFUSALS.get(result.code or 0, result.name))
            return Over(State.FAILED, str(result.code or ""), sentence)
        row.steps[-1]["object"] = str(device_id)
        return None

    def read_back(self, work: Slice) -> Confirmed:
        """Those that the other service shows are listed there."""
        target = target_of(work.job)
        made = {UUID(row.steps[-1]["object"]): row for row in work.rows}
        shown = connector_for(target).registrations(tenant=target, ids=list(made), limit=len(made))
        mirror(tenant=target, device_ids=[each.id for each in shown], now=work.now)
        targets = [
            audit.Target(
                kind="autopilot_device",
                label=each.serial_number,
                object_id=each.id,
                after={"group_tag": each.group_tag, "user": each.user_principal_name},
            )
            for each in shown
        ]
        if targets:
            note_targets(work.job, work.actor, "device.moved_in", targets, tenant=target)
        return {
            made[each.id].device_id: Settled(
                "registered", after={"group_tag": each.group_tag, "user": each.user_principal_name}
            )
            for each in shown
        }


def put_back(work: Slice) -> None:
    """Devices that were released and not registered there come back to the source, from their kits."""
    stranded = {row.device_id: row for row in work.rows if _is_stranded(row)}
    rows = UndoKit.objects.of(work.tenant).filter(device_id__in=stranded, restored_at=None)
    kits = list(rows.select_for_update(of=("self",)).order_by("pk"))
    outcomes = restoring.restore_all(work.tenant, work.actor, kits, work.now)
    for kit in kits:
        outcome, row = outcomes[kit.pk], stranded[kit.device_id]
        if isinstance(outcome, Refused):
            said = _("It could not be put back: %(why)s") % {"why": outcome}
        else:
            said = _("It was put back into this tenant, as registration %(id)s.") % {"id": outcome}
        row.message = f"{row.message} {said}".strip()
    back = [restoring.target_of(kit) for kit in kits if kit.restored_as]
    if back:
        audit.record(tenant=work.tenant, actor=work.actor, activity="device.registered_again", targets=back)


def target_of(job: Job) -> Tenant:
    """Where the devices of a move go."""
    return Tenant.objects.get(pk=job.arguments["target"])


MOVE: dict[str, Step] = {**STEPS, plans.KIT: KitWithHash(), plans.TARGET: Target()}
step = partial(machine.step, steps=MOVE, undo=put_back)
ended = partial(machine.ended, undo=put_back)


def _has_no_hash(found: Any) -> bool:
    return isinstance(found, Settled) and found.result == "without_hash"


def _joined(work: Slice) -> dict[UUID, Over]:
    """The devices of which the other tenant's directory has an object already."""
    target, devices = target_of(work.job), AutopilotDevice.objects.of(work.tenant).filter(pk__in=work.ids)
    found = personal.in_the_way(tenants=[target], devices=devices)
    return dict.fromkeys(found.get(target.pk, ()), Over(State.FAILED, "814", str(JOINED)))


def _is_stranded(row: Deregistration) -> bool:
    done = {entry["step"]: entry.get("result") for entry in row.steps}
    return done.get(plans.REGISTRATION) is not None and done.get(plans.TARGET) is None


def _claims(work: Slice) -> dict[UUID, Claim | Over]:
    """By device what to register, the row's place in the slice as reference."""
    kits = {kit.device_id: kit for kit in UndoKit.objects.of(work.tenant).filter(device_id__in=work.ids)}
    users = _users(work, list(kits.values()))
    return {
        row.device_id: _claim(number, kits.get(row.device_id), work.job, users)
        for number, row in enumerate(work.rows)
    }


def _claim(number: int, kit: UndoKit | None, job: Job, users: dict[str, DirectoryUser]) -> Claim | Over:
    if kit is None or kit.blob is None:
        return Over(State.FAILED, "no_kit", _("The undo kit of this device is gone."))
    try:
        identity = decode(bytes(kit.blob))
    except HashFault as fault:
        sentence = _("The hash that is kept cannot be read: %(why)s")
        return Over(State.FAILED, "no_hash", sentence % {"why": fault})
    words, user = job.arguments, users.get(kit.user_principal_name.lower())
    return Claim(
        reference=number,
        identity=identity,
        blob=bytes(kit.blob),
        group_tag={KEEP: kit.group_tag, SET: words["text"], CLEAR: ""}[words["tag"]],
        purchase_order=kit.purchase_order,
        display_name=kit.display_name,
        user_principal_name=user.user_principal_name if user else "",
        addressable_user_name=(kit.addressable_user_name or user.display_name) if user else "",
    )


def _users(work: Slice, kits: Sequence[UndoKit]) -> dict[str, DirectoryUser]:
    """The target's licensed users of the kits' names, in lower case."""
    names = {kit.user_principal_name.lower() for kit in kits} - {""}
    if not names or not work.job.arguments["keeps_user"]:
        return {}
    known = DirectoryUser.objects.of(target_of(work.job)).licensed()
    rows = known.annotate(upn=Lower("user_principal_name")).filter(upn__in=names)
    return {row.user_principal_name.lower(): row for row in rows}
