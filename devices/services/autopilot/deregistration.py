"""Remove devices: the registration only, or fully; one job, every step's evidence kept.

Order of a full deregistration (design ruling on deleting): Intune record → unassign user →
registration → Entra object only if the device never enrolled. Sources: "Registration overview",
deregister a device; What's new 2307, one-step removal [D].
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from devices.connectors import connector_for
from devices.connectors.base import Change, ReleaseResult
from devices.models import AutopilotDevice, ManagedDevice
from devices.services.autopilot import undo_kits, users
from devices.services.autopilot.bulk import NothingToDo, close_items, next_items, note_targets
from devices.services.profiles import assignment
from portal.ui.columns import utc
from tenants.models import Job, JobItem, Tenant
from tenants.permissions import Actor, missing
from tenants.services import audit, jobs

TASK = "devices.deregister_autopilot_devices"
STEP = 100
DELETED, DEREGISTERED = "deleted", "deregistered"
Evidence = dict[UUID, list[dict[str, Any]]]


def start(
    *,
    tenant: Tenant,
    actor: Actor,
    rows: QuerySet[AutopilotDevice],
    is_full: bool,
    now: datetime,
    dedupe_key: str | None = None,
) -> Job:
    """Freeze the rows, show them as being deleted, and start the job; raises Forbidden, NothingToDo."""
    _require(actor, tenant, is_full)

    def prepare(job: Job) -> None:
        waiting = rows.filter(deletion_requested_at=None).order_by("serial_number", "pk")
        if not jobs.freeze(job=job, rows=waiting, label="serial_number"):
            raise NothingToDo(_("These devices are being deleted already, or were removed."))
        frozen = AutopilotDevice.objects.of(tenant).filter(pk__in=job.items.values("object_id"))
        frozen.update(deletion_requested_at=now, revision=F("revision") + 1)

    return jobs.start(
        tenant=tenant,
        actor=actor,
        task=TASK,
        title=str(_("Deregister fully") if is_full else _("Remove registration only")),
        permission="devices.delete",
        arguments={"is_full": is_full},
        dedupe_key=dedupe_key,
        prepare=prepare,
    )


def _require(actor: Actor, tenant: Tenant, is_full: bool) -> None:
    words = ["devices.delete", "managed_devices.delete"] if is_full else ["devices.delete"]
    for word in words:
        if not actor.can(word, tenant=tenant):
            raise missing(word)


def step(job: Job, *, now: datetime) -> bool:
    """Remove the next devices of the frozen set; True when none is left."""
    items = next_items(job, STEP)
    if not items:
        return True
    is_full, actor = job.arguments["is_full"], Actor.of_job(job)
    _require(actor, job.tenant, is_full)
    devices = _lock(job, items)
    ids = list(devices)
    reason = DEREGISTERED if is_full else DELETED
    kits = undo_kits.pack(tenant=job.tenant, job=job, actor=actor, device_ids=ids, reason=reason, now=now)
    evidence: Evidence = {pk: [_made("undo_kit", kit, has_hash=held)] for pk, (kit, held) in kits.items()}
    if is_full:
        _remove_managed(job.tenant, ids, now, evidence)
        _unassign(job.tenant, devices, now, evidence)
    results = connector_for(job.tenant).release(tenant=job.tenant, device_ids=ids, reason=reason, now=now)
    released = [result.device_id for result in results if result.is_released]
    _remove(job.tenant, released, reason, now)
    _not_released(job.tenant, results, kits)
    _note(items, {result.device_id: result for result in results}, evidence)
    _audit(job, actor, is_full, devices, released)
    close_items(job, items)
    return len(items) < STEP


def _lock(job: Job, items: list[JobItem]) -> dict[UUID, AutopilotDevice]:
    wanted = [item.object_id for item in items]
    rows = AutopilotDevice.objects.of(job.tenant).live().filter(pk__in=wanted)
    return {row.pk: row for row in rows.select_for_update(of=("self",)).order_by("pk")}


def _made(name: str, pk: UUID | None, **facts: Any) -> dict[str, Any]:
    return {"step": name, "id": str(pk) if pk else None, **facts}


def _remove_managed(tenant: Tenant, ids: Sequence[UUID], now: datetime, evidence: Evidence) -> None:
    """Delete the Intune records linked by id; never by name or serial."""
    rows = ManagedDevice.objects.of(tenant).live().filter(autopilot_device__in=ids)
    found = list(rows.select_for_update(of=("self",)).order_by("pk"))
    ManagedDevice.objects.of(tenant).filter(pk__in=[row.pk for row in found]).update(
        removed_at=now, revision=F("revision") + 1
    )
    for row in found:
        before = {"device_name": row.device_name, "user": row.user_principal_name}
        entry = _made("managed_device", row.pk, before=before, result="removed", at=utc(now))
        evidence[row.autopilot_device_id].append(entry)
    for pk in set(ids) - {row.autopilot_device_id for row in found}:
        evidence[pk].append(_made("managed_device", None, result="none"))


def _unassign(
    tenant: Tenant, devices: dict[UUID, AutopilotDevice], now: datetime, evidence: Evidence
) -> None:
    held = [pk for pk, device in devices.items() if device.user_principal_name]
    changes = [Change(pk, users.NOBODY) for pk in held]
    accepted = set(connector_for(tenant).update(tenant=tenant, changes=changes, now=now))
    for pk, device in devices.items():
        if pk in accepted:
            before = {"user": device.user_principal_name}
            evidence[pk].append(
                _made("user", device.user_id, before=before, result="unassigned", at=utc(now))
            )
        else:
            evidence[pk].append(_made("user", None, result="none"))


def _remove(tenant: Tenant, released: Sequence[UUID], reason: str, now: datetime) -> None:
    AutopilotDevice.objects.of(tenant).filter(pk__in=released).update(
        removed_at=now, removal_reason=reason, revision=F("revision") + 1
    )
    assignment.refresh(tenant=tenant, device_ids=released, now=now)


def _not_released(
    tenant: Tenant, results: Sequence[ReleaseResult], kits: dict[UUID, tuple[UUID, bool]]
) -> None:
    """The service does not hold them (807): no longer being deleted; the next sync removes them."""
    refused = [result.device_id for result in results if not result.is_released]
    AutopilotDevice.objects.of(tenant).filter(pk__in=refused).update(deletion_requested_at=None)
    undo_kits.discard(tenant=tenant, kits=[kits[pk][0] for pk in refused if pk in kits])


def _note(items: list[JobItem], results: dict[UUID, ReleaseResult], evidence: Evidence) -> None:
    for item in items:
        result = results.get(item.object_id)
        if result is None:
            item.outcome, item.message = JobItem.Outcome.UNCHANGED, _("The device was removed already.")
        elif not result.is_released:
            item.outcome, item.code = JobItem.Outcome.FAILED, str(result.code)
            item.message = _("%(code)s %(name)s: the service holds no registration of this device.") % {
                "code": result.code,
                "name": result.name,
            }
        else:
            steps = [*evidence[item.object_id], *_release_steps(result)]
            item.outcome, item.evidence = JobItem.Outcome.DONE, {"steps": steps}
            item.message = " · ".join(_words(each) for each in steps)


def _words(step: dict[str, Any]) -> str:
    """One step of the evidence for people."""
    result = step.get("result") or ("kept" if step.get("has_hash") else "without_hash")
    return {
        ("undo_kit", "kept"): _("Undo kit kept"),
        ("undo_kit", "without_hash"): _("Undo kit kept, no hash was held"),
        ("managed_device", "removed"): _("Intune record removed"),
        ("managed_device", "none"): _("no Intune record"),
        ("user", "unassigned"): _("user unassigned"),
        ("user", "none"): _("no user"),
        ("registration", "released"): _("registration released"),
        ("entra_device", "removed"): _("Microsoft Entra object removed"),
        ("entra_device", "kept"): _("Microsoft Entra object kept: it had enrolled"),
        ("entra_device", "none"): _("no Microsoft Entra object"),
    }[step["step"], result]


def _release_steps(result: ReleaseResult) -> list[dict[str, Any]]:
    kept = "removed" if result.is_entra_device_removed else "kept"
    return [
        _made("registration", result.device_id, result="released"),
        _made("entra_device", result.entra_device, result=kept if result.entra_device else "none"),
    ]


def _audit(
    job: Job,
    actor: Actor,
    is_full: bool,
    devices: dict[UUID, AutopilotDevice],
    released: Sequence[UUID],
) -> None:
    targets = [
        audit.Target(
            kind="autopilot_device",
            label=devices[pk].serial_number,
            object_id=pk,
            before={"group_tag": devices[pk].group_tag, "user": devices[pk].user_principal_name},
        )
        for pk in released
    ]
    if targets:
        note_targets(job, actor, "device.deregistered" if is_full else "device.deleted", targets)


def ended(job: Job) -> None:
    """A job that was stopped leaves the rest of its devices in the list."""
    waiting = job.items.filter(outcome=JobItem.Outcome.PENDING).values("object_id")
    rows = AutopilotDevice.objects.of(job.tenant).live().filter(pk__in=waiting)
    rows.update(deletion_requested_at=None)
