"""Register again: from an undo kit, or from all kits of a job."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from devices.connectors import connector_for
from devices.connectors.base import Claim, ClaimResult
from devices.hardware.decode import HashFault, decode
from devices.models import Registration, UndoKit
from devices.services.autopilot.bulk import NothingToDo, close_items, next_items, note_targets
from devices.services.profiles import direct
from devices.services.syncs.mirroring import mirror
from portal.errors import Conflict, Refused
from tenants.models import Job, JobItem, Tenant
from tenants.permissions import Actor
from tenants.services import audit, jobs

TASK = "devices.register_again"
STEP = 100
CHANNEL = Registration.Channel.RESTORED.value


class NoHash(Refused):
    """The undo kit holds no hardware hash, so the machine has to be captured anew."""

    code = "no_hash"


class AlreadyRestored(Conflict):
    """The device was registered again from this kit before."""

    code = "already_restored"


class KitExpired(Refused):
    """The kit's days are over."""

    code = "kit_expired"


class StillRefused(Refused):
    """The service refuses the machine; `number` is its code (806, 808, 813)."""

    code = "registration_refused"


def restore(*, tenant: Tenant, actor: Actor, kit: UndoKit, now: datetime) -> UUID:
    """Register one device again with tag, user, names and direct profile; its new id.

    Raises NoHash, AlreadyRestored, KitExpired or StillRefused.
    """
    with transaction.atomic():
        rows = UndoKit.objects.of(tenant).select_for_update(of=("self",))
        current = rows.get(pk=kit.pk)
        outcome = restore_all(tenant, actor, [current], now)[current.pk]
        if isinstance(outcome, Refused):
            raise outcome
        targets = [target_of(current)]
        audit.record(tenant=tenant, actor=actor, activity="device.registered_again", targets=targets)
    return outcome


def start(*, tenant: Tenant, actor: Actor, kits: QuerySet[UndoKit], dedupe_key: str | None = None) -> Job:
    """Register again from every kit that was not used yet, as a job; raises NothingToDo."""

    def prepare(job: Job) -> None:
        waiting = kits.filter(restored_at=None).order_by("serial_number", "pk")
        if not jobs.freeze(job=job, rows=waiting, label="serial_number"):
            raise NothingToDo(_("There is nothing left to register again."))

    return jobs.start(
        tenant=tenant,
        actor=actor,
        task=TASK,
        title=str(_("Register again")),
        permission="devices.import",
        dedupe_key=dedupe_key,
        prepare=prepare,
    )


def step(job: Job, *, now: datetime) -> bool:
    """Register the next devices again; True when none is left."""
    items = next_items(job, STEP)
    if not items:
        return True
    actor = Actor.of_job(job)
    wanted = [item.object_id for item in items]
    rows = UndoKit.objects.of(job.tenant).filter(pk__in=wanted)
    kits = {kit.pk: kit for kit in rows.select_for_update(of=("self",)).order_by("pk")}
    outcomes = restore_all(job.tenant, actor, list(kits.values()), now)
    for item in items:
        outcome: Any = outcomes.get(item.object_id, KitExpired(_("The undo kit has expired.")))
        if isinstance(outcome, Refused):
            item.outcome, item.code, item.message = JobItem.Outcome.FAILED, outcome.code, str(outcome)
        else:
            item.outcome, item.evidence = JobItem.Outcome.DONE, {"device": str(outcome)}
    done = [target_of(kit) for kit in kits.values() if kit.restored_as]
    if done:
        note_targets(job, actor, "device.registered_again", done)
    close_items(job, items)
    return len(items) < STEP


def restore_all(
    tenant: Tenant, actor: Actor, kits: Sequence[UndoKit], now: datetime
) -> dict[UUID, UUID | Refused]:
    """Register from locked kits; new device id or refusal by kit. The caller writes the audit event."""
    outcomes: dict[UUID, UUID | Refused] = {}
    claims: list[Claim] = []
    for number, kit in enumerate(kits):
        claim = _claim(number, kit, now)
        if isinstance(claim, Refused):
            outcomes[kit.pk] = claim
        else:
            claims.append(claim)
    results = connector_for(tenant).register(
        tenant=tenant, claims=claims, registered_by=actor.label, channel=CHANNEL, now=now
    )
    for result in results:
        kit = kits[result.reference]
        outcomes[kit.pk] = result.device_id or _refusal(result)
        if result.device_id:
            kit.restored_at, kit.restored_as = now, result.device_id
    restored = [kit for kit in kits if outcomes[kit.pk] == kit.restored_as]
    UndoKit.objects.of(tenant).bulk_update(restored, ["restored_at", "restored_as"])
    mirror(tenant=tenant, device_ids=_new_ids(restored), now=now)
    _assign_direct(tenant, actor, restored, now)
    return outcomes


def _claim(number: int, kit: UndoKit, now: datetime) -> Claim | Refused:
    if kit.restored_at:
        return AlreadyRestored(_("This device was registered again already."))
    if kit.expires_at < now:
        return KitExpired(_("The undo kit has expired."))
    if kit.blob is None:
        return NoHash(
            _("No hardware hash was kept for this device. Capture it on the machine and import it.")
        )
    try:
        identity = decode(bytes(kit.blob))
    except HashFault as fault:
        return NoHash(_("The hash that was kept cannot be read: %(reason)s") % {"reason": fault})
    return Claim(
        reference=number,
        identity=identity,
        blob=bytes(kit.blob),
        group_tag=kit.group_tag,
        purchase_order=kit.purchase_order,
        display_name=kit.display_name,
        user_principal_name=kit.user_principal_name,
        addressable_user_name=kit.addressable_user_name,
    )


def _refusal(result: ClaimResult) -> Refused:
    words = {
        806: _("806: this machine is registered here already."),
        808: _("808: this machine is registered with another tenant now."),
    }
    sentence = words.get(result.code or 0, _("The service refuses this machine: it cannot be told apart."))
    return StillRefused(sentence, number=result.code, existing=result.existing)


def _new_ids(kits: Sequence[UndoKit]) -> list[UUID]:
    return [kit.restored_as for kit in kits if kit.restored_as]


def _assign_direct(tenant: Tenant, actor: Actor, kits: Sequence[UndoKit], now: datetime) -> None:
    """Put the devices back into the direct groups of their profiles; what all devices have, they have."""
    profiles = {kit.direct_profile for kit in kits if kit.direct_profile is not None}
    for profile in [each for each in profiles if not each.is_for_all_devices]:
        ids = _new_ids([kit for kit in kits if kit.direct_profile_id == profile.pk])
        direct.assign(tenant=tenant, actor=actor, profile=profile, device_ids=ids, now=now)


def target_of(kit: UndoKit) -> audit.Target:
    """A restored device as an audit target."""
    after = {"group_tag": kit.group_tag, "user": kit.user_principal_name}
    return audit.Target(
        kind="autopilot_device", label=kit.serial_number, object_id=kit.restored_as, after=after
    )
