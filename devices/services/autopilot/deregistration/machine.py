"""The job's step: the next devices that have the same thing to do take one phase of one step.

Phases of a step: due (look) → requested (ask) → accepted (read back) → the next step. Each is one
transaction, so a worker that dies repeats at most a request that was not answered; requests name exact
ids and may be repeated. A step that fails is tried again with growing pauses, then its device is failed.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Min
from django.utils.translation import gettext as _

from devices.connectors.base import ServiceBusy
from devices.models import Deregistration
from portal.errors import Refused
from tenants.models import Job
from tenants.permissions import Actor
from tenants.services import approvals

from . import evidence, plans, starting, storing
from .slices import Busy, Found, Over, Settled, Slice, Step
from .steps import STEPS

log = logging.getLogger(__name__)

SLICE = 200
BACK_OFF = [timedelta(seconds=each) for each in (5, 15, 60, 240)]
POLL = [timedelta(seconds=each) for each in (1, 2, 5, 15, 30, 60)]
PATIENCE = timedelta(hours=1)

State, Phase = Deregistration.State, Deregistration.Phase
T = TypeVar("T")
Undo = Callable[[Slice], None]


def step(job: Job, *, now: datetime, steps: Mapping[str, Step] = STEPS, undo: Undo | None = None) -> bool:
    """One phase of one step for the next devices; True when no device has a step to come.

    undo(slice): what is done for devices that fail, where they must not stay half done.
    """
    if not approvals.may_run(job, now=now):
        return False
    actor = Actor.of_job(job)
    starting.require(actor, job.tenant, is_full=job.arguments["is_full"])
    if not job.cursor.get("begun"):
        starting.mark(job, now)
        job.cursor["begun"] = True
    rows = _next(job, now)
    if not rows:
        return _rest(job)
    kind = steps[rows[0].step]
    job.phase = str(kind.title)
    work = Slice(job, actor, rows, now)
    {Phase.DUE: _look, Phase.REQUESTED: _send, Phase.ACCEPTED: _read_back}[Phase(rows[0].phase)](kind, work)
    failed = [row for row in rows if row.state == State.FAILED]
    if failed and undo is not None:
        undo(work.part(failed))
    storing.store(work)
    return False


def ended(job: Job, *, undo: Undo | None = None) -> None:
    """A job that was stopped leaves the rest of its devices in the list, and says how far each came."""
    approvals.close(job=job)
    rows = Deregistration.objects.of(job.tenant).active().filter(job=job)
    stopped = _("Stopped before this step; nothing later was done.")
    if undo is None:
        rows.update(state=State.STOPPED, message=stopped, ended_at=job.finished_at)
    else:
        _stop(job, list(rows.order_by("position")), stopped, undo)
    starting.give_back(job)


def _stop(job: Job, rows: list[Deregistration], words: str, undo: Undo) -> None:
    for row in rows:
        _end(row, State.STOPPED, words, job.finished_at or row.next_try_at)
    for at in range(0, len(rows), SLICE):
        work = Slice(job, Actor.of_job(job), rows[at : at + SLICE], job.finished_at or rows[at].next_try_at)
        undo(work)
        storing.write(work.rows)


def _next(job: Job, now: datetime) -> list[Deregistration]:
    """The first device that is due, and those behind it that have the same thing to do."""
    due = Deregistration.objects.of(job.tenant).active().filter(job=job, next_try_at__lte=now)
    rows = due.order_by("position")
    first = rows.first()
    if first is None:
        return []
    return list(rows.filter(step=first.step, phase=first.phase)[:SLICE])


def _rest(job: Job) -> bool:
    """Nothing is due: the end, or wait for the first that is tried again or read back."""
    active = Deregistration.objects.of(job.tenant).active().filter(job=job)
    wake_at = active.aggregate(at=Min("next_try_at"))["at"]
    if wake_at is None:
        return True
    job.phase = _("Waiting for the service")
    job.run_after = wake_at
    return False


def _look(kind: Step, work: Slice) -> None:
    found = _safely(kind.look, work)
    for row in work.rows:
        result = found[row.device_id]
        if isinstance(result, Found):
            evidence.note_request(row, result, work.now)
            row.phase = Phase.REQUESTED
        else:
            _take(row, result, work)


def _send(kind: Step, work: Slice) -> None:
    answers = _safely(kind.send, work)
    accepted = []
    for row in work.rows:
        result = answers.get(row.device_id)
        if result is None:
            evidence.note_accepted(row, work.now)
            row.phase, row.tries = Phase.ACCEPTED, 0
            accepted.append(row)
        else:
            _take(row, result, work)
    if accepted:
        _read_back(kind, work.part(accepted))


def _read_back(kind: Step, work: Slice) -> None:
    confirmed = _safely(kind.read_back, work)
    for row in work.rows:
        result = confirmed.get(row.device_id)
        if result is None:
            _wait(row, work.now)
        else:
            _take(row, result, work)


def _safely(act: Callable[[Slice], dict[UUID, T]], work: Slice) -> dict[UUID, T | Busy]:
    """Do it for the slice; where it breaks for an unknown reason, find the devices it breaks on."""
    try:
        with transaction.atomic():
            return {**act(work)}
    except ServiceBusy as busy:
        return {pk: Busy(busy.code, str(busy)) for pk in work.ids}
    except (Refused, OperationalError, InterfaceError):
        raise  # the person's right, or the database: the job answers for them
    except Exception as error:
        if len(work.rows) == 1:
            log.exception("deregistration of %s failed at %s", work.ids[0], work.rows[0].step)
            return {work.ids[0]: Busy(type(error).__name__, _("Something went wrong on the server."))}
        half = len(work.rows) // 2
        return _safely(act, work.part(work.rows[:half])) | _safely(act, work.part(work.rows[half:]))


def _take(row: Deregistration, result: Settled | Over | Busy, work: Slice) -> None:
    if isinstance(result, Busy):
        _try_later(row, result, work.now)
    elif isinstance(result, Over):
        row.code = result.code
        _end(row, result.state, result.message, work.now)
    else:
        evidence.note_result(row, result, work.now)
        _go_on(row, work.now)


def _go_on(row: Deregistration, now: datetime) -> None:
    at = row.plan.index(row.step) + 1
    if at < len(row.plan):
        row.step, row.phase, row.tries, row.next_try_at = row.plan[at], Phase.DUE, 0, now
        return
    is_by_hand = row.steps[-1]["result"] == "by_hand"
    _end(row, State.BY_HAND if is_by_hand else State.DONE, evidence.summary(row.steps), now)


def _try_later(row: Deregistration, busy: Busy, now: datetime) -> None:
    evidence.note_try(row, busy, now)
    if row.tries < len(BACK_OFF):
        row.next_try_at = now + BACK_OFF[row.tries]
        row.tries += 1
        return
    row.code = busy.code
    sentence = _("Failed at “%(step)s” after %(tries)d tries: %(said)s")
    values = {"step": plans.LABELS[row.step], "tries": row.tries + 1, "said": busy.message}
    _end(row, State.FAILED, sentence % values, now)


def _wait(row: Deregistration, now: datetime) -> None:
    """Accepted, and not seen to be done yet."""
    waited = sum(POLL[: row.tries], timedelta()) + max(row.tries - len(POLL), 0) * POLL[-1]
    if waited >= PATIENCE:
        row.code = "not_confirmed"
        sentence = _("Failed at “%(step)s”: the service accepted it and does not show it done.")
        _end(row, State.FAILED, sentence % {"step": plans.LABELS[row.step]}, now)
        return
    row.next_try_at = now + POLL[min(row.tries, len(POLL) - 1)]
    row.tries += 1


def _end(row: Deregistration, state: str, message: str, now: datetime) -> None:
    row.state, row.message, row.ended_at = state, message, now
