"""Jobs: a row in PostgreSQL is the truth; Celery only dispatches.

A task claims its job by one conditional UPDATE with a lease, works in slices of at most SLICE_SECONDS
made of small steps, and dispatches itself again. Each step runs in one transaction that also locks
the job row and commits the cursor, so a step that died never happened and none happens twice. The
concrete model is named by settings.HANGAR_JOB_MODEL, as AUTH_USER_MODEL names the user model;
settings.HANGAR_JOB_GUARD names the function that re-checks a job's permission (raises Refused).
"""

import logging
import time
import uuid
from collections.abc import Callable
from datetime import timedelta
from itertools import takewhile
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection, models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _
from kombu.exceptions import OperationalError as BrokerError

from portal.errors import Refused

log = logging.getLogger(__name__)

SLICE_SECONDS = 5.0
LEASE = timedelta(seconds=15)
LOST_IN_QUEUE = timedelta(seconds=30)
MAX_ATTEMPTS = 5
INTERNAL_ERROR = "internal_error"  # the code of a job that failed for good without saying why

Step = Callable[[Any], bool]
Ended = Callable[[Any], None]


class JobBase(models.Model):
    """One piece of background work; `cursor` says where it goes on, `counters` what came of it."""

    class State(models.TextChoices):
        QUEUED = "queued", _("Queued")
        RUNNING = "running", _("Running")
        SUCCEEDED = "succeeded", _("Succeeded")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    ENDED = (State.SUCCEEDED, State.FAILED, State.CANCELLED)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    task = models.CharField(max_length=100)
    state = models.CharField(max_length=12, choices=State, default=State.QUEUED)
    phase = models.CharField(max_length=60, blank=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(null=True)
    arguments = models.JSONField(default=dict)
    cursor = models.JSONField(default=dict)
    counters = models.JSONField(default=dict)
    error_code = models.CharField(max_length=60, blank=True)
    error_message = models.TextField(blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_token = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    run_after = models.DateTimeField(default=timezone.now)
    dispatched_at = models.DateTimeField(null=True)
    cancel_requested_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True

    @property
    def is_ended(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in self.ENDED

    @property
    def rate(self) -> float | None:
        """Objects done per second since the start; None before the first."""
        if not self.started_at or not self.done:
            return None
        seconds = ((self.finished_at or timezone.now()) - self.started_at).total_seconds()
        return self.done / seconds if seconds > 0 else None

    @property
    def seconds_left(self) -> float | None:
        """Expected seconds to the end at the rate so far; None where unknown."""
        rate = self.rate
        if self.is_ended or not rate or not self.total:
            return None
        return max(self.total - self.done, 0) / rate

    def count(self, name: str, amount: int = 1) -> None:
        """Add to one of the job's counters."""
        self.counters[name] = self.counters.get(name, 0) + amount


def job_model() -> type[JobBase]:
    """The concrete job model named by settings.HANGAR_JOB_MODEL."""
    return apps.get_model(settings.HANGAR_JOB_MODEL)


def dispatch(job: JobBase) -> None:
    """Send the job to the workers once the surrounding transaction has committed."""
    transaction.on_commit(lambda: send(job_id=job.pk, task=job.task))


def send(*, job_id: uuid.UUID, task: str) -> bool:
    """Hand a job to the broker now; False where it cannot be reached, which is left to the sweeper."""
    from portal.celery import app

    rows = job_model()._base_manager.filter(pk=job_id)
    # Noted before the broker has it: a fast worker would find the row locked, and drop the task.
    rows.update(dispatched_at=timezone.now())
    try:
        app.send_task(task, args=[str(job_id)], queue="jobs", retry=False)
    except BrokerError as error:
        log.warning("broker unreachable, job %s waits for the sweeper: %s", job_id, error)
        rows.update(dispatched_at=None)
        return False
    return True


def claim(job_id: str | uuid.UUID) -> JobBase | None:
    """Take the lease of a queued job or of one whose worker died; None when there is nothing to take."""
    now = timezone.now()
    free = Q(state=JobBase.State.QUEUED, run_after__lte=now) | Q(
        state=JobBase.State.RUNNING, lease_until__lt=now
    )
    with transaction.atomic():
        rows = job_model()._base_manager.select_for_update(skip_locked=True)
        job = rows.filter(free, pk=job_id).first()
        if job is None:
            return None
        job.state = JobBase.State.RUNNING
        job.lease_token = uuid.uuid4()
        job.lease_until = now + LEASE
        job.started_at = job.started_at or now
        job.attempts += 1
        job.save(
            update_fields=[
                "state",
                "lease_token",
                "lease_until",
                "started_at",
                "attempts",
            ]
        )
    return job


def run(job_id: str, *, step: Step, ended: Ended | None = None) -> None:
    """Claim a job and do one slice of it.

    step(job) does one small piece, moves job.cursor, and returns True when nothing is left (a step that
    waits for something moves job.run_after into the future and returns False); ended(job)
    runs once in the transaction that ends the job, whatever its final state.
    """
    job = claim(job_id)
    if job is None:
        return
    if job.attempts > MAX_ATTEMPTS:
        _give_up(job, ended)
        return
    deadline = time.monotonic() + SLICE_SECONDS
    try:
        while _one_step(job, step=step, ended=ended):
            if job.run_after > timezone.now():
                _pause(job)
                return
            if time.monotonic() > deadline:
                _give_turn(job)
                return
    except Refused as refusal:
        _end(job, JobBase.State.FAILED, ended, code=refusal.code, message=str(refusal))
    except Exception:
        log.exception("job %s (%s) failed in attempt %s", job.pk, job.task, job.attempts)
        _retry(job, ended)


def _one_step(job: JobBase, *, step: Step, ended: Ended | None) -> bool:
    """One transaction: lock, work, commit the cursor. False when the slice is over."""
    with transaction.atomic():
        current = _lock(job)
        if current is None:
            return False
        if current.cancel_requested_at:
            _finish(current, JobBase.State.CANCELLED, ended)
            return False
        import_string(settings.HANGAR_JOB_GUARD)(current)
        finished = step(current)
        current.attempts = 0
        if finished:
            _finish(current, JobBase.State.SUCCEEDED, ended)
        else:
            current.lease_until = timezone.now() + LEASE
            current.save(update_fields=[*PROGRESS, "lease_until"])
    job.attempts, job.run_after = 0, current.run_after
    return not finished


PROGRESS = ["phase", "done", "total", "cursor", "counters", "attempts", "arguments", "run_after"]


def _lock(job: JobBase) -> Any:
    """The job row locked for this transaction, or None when the lease was lost."""
    rows = job_model()._base_manager.select_for_update()
    return rows.filter(pk=job.pk, lease_token=job.lease_token, state=JobBase.State.RUNNING).first()


def _finish(job: JobBase, state: str, ended: Ended | None) -> None:
    job.state = state
    job.finished_at = timezone.now()
    job.lease_until = None
    if ended is not None:
        ended(job)
    ends = ["state", "finished_at", "lease_until", "error_code", "error_message"]
    job.save(update_fields=[*PROGRESS, *ends])


def _end(job: JobBase, state: str, ended: Ended | None, *, code: str, message: str) -> None:
    with transaction.atomic():
        current = _lock(job)
        if current is not None:
            current.error_code, current.error_message = code, message
            _finish(current, state, ended)


def _pause(job: JobBase) -> None:
    """Let go of the job until its run_after; the sweeper dispatches it then."""
    rows = job_model()._base_manager.filter(pk=job.pk, lease_token=job.lease_token)
    rows.update(state=JobBase.State.QUEUED, lease_until=None)


def _give_turn(job: JobBase) -> None:
    """Queue the job behind the others, so that tenants and small jobs take turns."""
    rows = job_model()._base_manager.filter(pk=job.pk, lease_token=job.lease_token)
    if rows.update(state=JobBase.State.QUEUED, lease_until=None, dispatched_at=timezone.now()):
        send(job_id=job.pk, task=job.task)


def _retry(job: JobBase, ended: Ended | None) -> None:
    """Try again later with growing pauses; after MAX_ATTEMPTS the job fails for good."""
    if connection.connection is not None and not connection.in_atomic_block:
        connection.close_if_unusable_or_obsolete()
    if job.attempts >= MAX_ATTEMPTS:
        _give_up(job, ended)
        return
    rows = job_model()._base_manager.filter(pk=job.pk, lease_token=job.lease_token)
    pause = timedelta(seconds=2**job.attempts)
    rows.update(state=JobBase.State.QUEUED, lease_until=None, run_after=timezone.now() + pause)


def _give_up(job: JobBase, ended: Ended | None) -> None:
    """Fail for good; also where every worker that took the job died before it could say why."""
    message = str(_("Something went wrong on the server. The log names the cause."))
    _end(job, JobBase.State.FAILED, ended, code=INTERNAL_ERROR, message=message)


def request_cancel(job: JobBase) -> bool:
    """Ask a job to stop; False when it had already ended. A queued job ends at its next turn."""
    rows = job_model()._base_manager.filter(pk=job.pk).exclude(state__in=JobBase.ENDED)
    asked = rows.update(cancel_requested_at=timezone.now(), run_after=timezone.now())
    if asked:
        dispatch(job)
    return bool(asked)


def sweep(*, limit: int = 200) -> int:
    """Dispatch again what no worker holds (due, lost, left by a dead worker); returns how many were sent."""
    now = timezone.now()
    manager = job_model()._base_manager
    waiting = Q(state=JobBase.State.QUEUED, run_after__lte=now) & (
        Q(dispatched_at=None) | Q(dispatched_at__lt=now - LOST_IN_QUEUE) | Q(dispatched_at__lt=F("run_after"))
    )
    dead = Q(state=JobBase.State.RUNNING, lease_until__lt=now)
    recently = Q(dispatched_at__gt=now - timedelta(seconds=5))
    stale = manager.filter(waiting | (dead & ~recently)).order_by("created_at")
    found = list(stale.values_list("pk", "task")[:limit])
    # A broker that is away costs its timeout each time: the others wait for the next sweep.
    return sum(1 for _sent in takewhile(bool, (send(job_id=pk, task=task) for pk, task in found)))
