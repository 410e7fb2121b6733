"""The sync job: mirror every registration in slices, then remove what the service does not have."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from devices.models import AutopilotDevice, SyncRun, SyncState
from devices.services.syncs import mirroring
from tenants.models import Job, JobItem

BRAKE_DEVICES = 20
BRAKE_SHARE = 0.05
REMOVAL_SLICE = 500


def step(job: Job, *, now: datetime) -> bool:
    """One slice of a sync: first mirror by ascending id, then remove what the service does not have."""
    run = SyncRun.objects.of(job.tenant).select_for_update().get(pk=job.arguments["run"])
    missing_of = job.arguments.get("missing_of")
    if missing_of:
        return _remove_slice(job, run, missing_of, now)
    if not job.cursor.get("is_read"):
        return _read_slice(job, run, now)
    return _remove_slice(job, run, str(job.pk), now)


def ended(job: Job) -> None:
    """Write what came of the sync on its run and the tenant's clock."""
    run = SyncRun.objects.of(job.tenant).select_for_update().get(pk=job.arguments["run"])
    if run.state != SyncRun.State.IN_PROGRESS:
        return
    states = {
        Job.State.SUCCEEDED: SyncRun.State.COMPLETED,
        Job.State.CANCELLED: SyncRun.State.CANCELLED,
    }
    run.state = states.get(Job.State(job.state), SyncRun.State.FAILED)
    run.finished_at, run.message = job.finished_at, job.error_message
    run.save(update_fields=["state", "finished_at", "message"])
    if run.state == SyncRun.State.COMPLETED:
        SyncState.objects.filter(tenant=job.tenant).update(last_succeeded_at=job.finished_at)


def is_braked(*, missing: int, listed: int) -> bool:
    """Whether so many removals need a person's word: more than 20 devices, or more than 5 %."""
    return missing > BRAKE_DEVICES or missing > listed * BRAKE_SHARE


def _read_slice(job: Job, run: SyncRun, now: datetime) -> bool:
    job.phase = _("Reading registrations")
    page = mirroring.mirror_page(tenant=job.tenant, after=job.cursor.get("after"), now=now)
    _add_counters(run, page.counters)
    _note_missing(job, page.missing)
    job.done += page.counters.created + page.counters.updated + page.counters.unchanged
    if page.after is not None:
        job.cursor["after"] = str(page.after)
        return False
    job.cursor["is_read"] = True
    missing = job.cursor.get("missing", 0)
    if missing and is_braked(missing=missing, listed=AutopilotDevice.objects.of(job.tenant).live().count()):
        _hold(run, missing)
        return True
    return not missing


def _note_missing(job: Job, ids: list[Any]) -> None:
    """Keep the devices the service does not have, with their serials, as the job's objects."""
    first = int(job.cursor.get("missing", 0))
    serials = dict(
        AutopilotDevice.objects.of(job.tenant).filter(pk__in=ids).values_list("pk", "serial_number")
    )
    JobItem.objects.bulk_create(
        JobItem(job=job, position=first + number, object_id=pk, label=serials[pk][:200])
        for number, pk in enumerate(ids, start=1)
    )
    job.cursor["missing"] = first + len(ids)


def _hold(run: SyncRun, missing: int) -> None:
    run.state, run.would_remove = SyncRun.State.HELD, missing
    run.save(update_fields=["state", "would_remove"])


def _remove_slice(job: Job, run: SyncRun, missing_of: str, now: datetime) -> bool:
    job.phase = _("Removing")
    items = JobItem.objects.filter(job_id=missing_of, job__tenant=job.tenant, outcome=JobItem.Outcome.PENDING)
    part = list(items.order_by("position")[:REMOVAL_SLICE])
    ids = [item.object_id for item in part]
    mirroring_counters = mirroring.Counters(
        removed=mirroring.remove_missing(tenant=job.tenant, device_ids=ids, now=now)
    )
    gone = AutopilotDevice.objects.of(job.tenant).filter(pk__in=ids).exclude(removed_at=None)
    items.filter(object_id__in=gone.values("pk")).update(outcome=JobItem.Outcome.DONE)
    items.filter(object_id__in=ids).update(outcome=JobItem.Outcome.UNCHANGED)
    _add_counters(run, mirroring_counters)
    return len(part) < REMOVAL_SLICE


def _add_counters(run: SyncRun, counters: mirroring.Counters) -> None:
    run.created += counters.created
    run.updated += counters.updated
    run.unchanged += counters.unchanged
    run.removed += counters.removed
    run.save(update_fields=["created", "updated", "unchanged", "removed"])
