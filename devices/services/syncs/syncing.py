"""Sync a tenant's list with its registration service: by hand, on schedule, with a brake on removals.

Throttle and answers (409 while running, 429 within ten minutes) follow Graph
windowsAutopilotSettings/sync [D]; the brake and the twelve hours are design rulings.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from devices.connectors import connector_for
from devices.models import SyncRun, SyncState
from portal.errors import Conflict, Refused
from tenants.models import Job, Schedule, Tenant
from tenants.permissions import Actor
from tenants.services import audit, schedules
from tenants.services import jobs as job_services

TASK = "devices.sync"
SCHEDULE = "devices.sync"
THROTTLE = timedelta(minutes=10)
EVERY = timedelta(hours=12)
UNFINISHED = (SyncRun.State.IN_PROGRESS, SyncRun.State.HELD)


class SyncInProgress(Conflict):
    """A sync is running, or waits for its removals to be confirmed."""

    code = "sync_in_progress"


class SyncThrottled(Refused):
    """The last sync by hand was less than ten minutes ago; context has seconds_left."""

    code = "sync_throttled"
    status = 429


class SyncNotHeld(Conflict):
    """There are no removals waiting for an answer."""

    code = "sync_not_held"


@dataclass(frozen=True, slots=True)
class SyncClock:
    """What the Essentials strip shows; seconds_left counts down to the next sync by hand (0: now)."""

    last_requested_at: datetime | None
    last_succeeded_at: datetime | None
    next_at: datetime | None
    unfinished: SyncRun | None
    seconds_left: int


def clock(*, tenant: Tenant, now: datetime) -> SyncClock:
    """The tenant's sync clock; a tenant that never synced has an empty one."""
    state = SyncState.objects.filter(tenant=tenant).first() or SyncState(tenant=tenant)
    schedule = Schedule.objects.filter(name=SCHEDULE, tenant=tenant).first()
    return SyncClock(
        last_requested_at=state.last_requested_at,
        last_succeeded_at=state.last_succeeded_at,
        next_at=schedule.next_run_at if schedule else None,
        unfinished=_unfinished(tenant).select_related("job").first(),
        seconds_left=_seconds_left(state, now),
    )


def request_sync(*, tenant: Tenant, actor: Actor, now: datetime) -> SyncRun:
    """Start a sync by hand; raises SyncInProgress, SyncThrottled, or NoConnector."""
    connector_for(tenant)
    with transaction.atomic():
        state = _lock_state(tenant)
        _refuse_second(tenant)
        seconds = _seconds_left(state, now)
        if seconds:
            sentence = ngettext(
                "The last sync was started less than ten minutes ago. Try again in %(count)d second.",
                "The last sync was started less than ten minutes ago. Try again in %(count)d seconds.",
                seconds,
            )
            raise SyncThrottled(sentence % {"count": seconds}, seconds_left=seconds)
        state.last_requested_at = now
        state.save(update_fields=["last_requested_at"])
        run = _begin(tenant, actor, SyncRun.Trigger.MANUAL, now)
        _record(run, actor, "devices.synced")
    return run


def confirm_removals(*, tenant: Tenant, actor: Actor, run: SyncRun, now: datetime) -> SyncRun:
    """Let a held sync take its missing devices from the list; raises SyncNotHeld."""
    with transaction.atomic():
        run = _lock_held(tenant, run)
        run.state = SyncRun.State.IN_PROGRESS
        run.removal_confirmed_at, run.removal_confirmed_by = now, actor.label
        run.job = _start_job(run, actor, {"run": str(run.pk), "missing_of": str(run.job_id)})
        run.save(update_fields=["state", "removal_confirmed_at", "removal_confirmed_by", "job"])
        _record(run, actor, "sync.removals_confirmed", after={"would_remove": run.would_remove})
    return run


def cancel(*, tenant: Tenant, actor: Actor, run: SyncRun, now: datetime) -> SyncRun:
    """End a held sync without removing anything; raises SyncNotHeld."""
    with transaction.atomic():
        run = _lock_held(tenant, run)
        run.state, run.finished_at = SyncRun.State.CANCELLED, now
        run.message = _("Nothing was removed: the removals were not confirmed.")
        run.save(update_fields=["state", "finished_at", "message"])
        _record(run, actor, "sync.cancelled", after={"would_remove": run.would_remove})
    return run


@transaction.atomic
def start_due() -> None:
    """Tick: give every tenant its schedule, and start the syncs that are due, each once."""
    now = timezone.now()
    for tenant in schedules.claim_due(name=SCHEDULE, every=EVERY, now=now):
        _lock_state(tenant)
        if not _unfinished(tenant).exists():
            _begin(tenant, Actor.system(), SyncRun.Trigger.SCHEDULED, now)


def _begin(tenant: Tenant, actor: Actor, trigger: str, now: datetime) -> SyncRun:
    run: SyncRun = SyncRun.objects.create(
        tenant=tenant, trigger=trigger, requested_by=actor.label, started_at=now
    )
    run.job = _start_job(run, actor, {"run": str(run.pk)})
    run.save(update_fields=["job"])
    return run


def _start_job(run: SyncRun, actor: Actor, arguments: dict[str, str]) -> Job:
    return job_services.start(
        tenant=run.tenant,
        actor=actor,
        task=TASK,
        title=_("Sync Windows Autopilot devices"),
        permission="devices.sync",
        arguments=arguments,
        total=None,
    )


def _lock_state(tenant: Tenant) -> SyncState:
    SyncState.objects.get_or_create(tenant=tenant)
    return SyncState.objects.select_for_update().get(tenant=tenant)


def _lock_held(tenant: Tenant, run: SyncRun) -> SyncRun:
    held: SyncRun = SyncRun.objects.of(tenant).select_for_update().get(pk=run.pk)
    if held.state != SyncRun.State.HELD:
        raise SyncNotHeld(_("This sync does not wait for a confirmation any more."))
    return held


def _refuse_second(tenant: Tenant) -> None:
    run = _unfinished(tenant).first()
    if run is None:
        return
    if run.state == SyncRun.State.HELD:
        raise SyncInProgress(_("The last sync waits for its removals to be confirmed."))
    raise SyncInProgress(_("A sync is already running."))


def _unfinished(tenant: Tenant) -> Any:
    rows = SyncRun.objects.of(tenant).filter(state__in=UNFINISHED)
    return rows.exclude(trigger=SyncRun.Trigger.IMPORT)


def _seconds_left(state: SyncState, now: datetime) -> int:
    if state.last_requested_at is None:
        return 0
    return max(0, -(-(state.last_requested_at + THROTTLE - now) // timedelta(seconds=1)))


def _record(run: SyncRun, actor: Actor, activity: str, after: dict[str, Any] | None = None) -> None:
    target = audit.Target(kind="sync", label=str(run.started_at), object_id=run.pk, after=after)
    audit.record(tenant=run.tenant, actor=actor, activity=activity, targets=[target])
