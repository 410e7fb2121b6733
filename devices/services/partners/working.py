"""The job of a partner's upload: consent is asked at every step, each row is done exactly once."""

from collections import Counter
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from devices.models import Submission, SubmissionRow
from devices.services.imports import verdicts
from devices.services.partners.answers import Answer, answer
from devices.services.partners.registering import register
from devices.services.partners.removing import remove
from portal.jobs import INTERNAL_ERROR
from tenants.models import AuditEvent, Job, Tenant
from tenants.permissions import Actor
from tenants.services import audit
from tenants.services.partners import consents

SLICE = 250
Kind, State, Outcome = Submission.Kind, Submission.State, SubmissionRow.Outcome
ACTIVITIES = {Kind.REGISTER: "device.registered", Kind.REMOVE: "device.deleted"}
WRITTEN = [
    "outcome",
    "code",
    "code_name",
    "reason",
    "next_step",
    "device_id",
    "blob",
    "cells",
    "serial_number",
    "manufacturer",
    "model",
]


def step(job: Job, *, now: datetime) -> bool:
    """The next rows of the upload; True when none is left. Raises NoConsent or OtherRegion."""
    submission = submission_of(job)
    standing = consents.standing(partner=submission.partner, tenant=job.tenant, is_held=True)
    at = job.cursor.get("at", 0)
    last = min(at + SLICE, submission.row_count)
    _begin(submission, job, now)
    rows = list(submission.rows.filter(number__gt=at, number__lte=last, outcome="").order_by("number"))
    if submission.kind == Kind.REGISTER:
        done = register(submission, standing.tenant, rows, now)
    else:
        done = remove(submission, standing.tenant, rows, job, now)
    SubmissionRow.objects.bulk_update(rows, WRITTEN)
    registered = len(done) if submission.kind == Kind.REGISTER else 0
    consents.note_use(consent=standing.consent, registered=registered, now=now)
    event = _event(job, submission, standing.tenant)
    _write_targets(event, submission, at, last)
    job.done = last
    job.cursor = {"at": last, "event": str(event.pk)}
    return last >= submission.row_count


def submission_of(job: Job) -> Submission:
    """The upload a job works on."""
    rows: QuerySet[Submission] = Submission.unscoped.filter(tenant=job.tenant).select_related(
        "partner", "tenant"
    )
    return rows.get(pk=job.arguments["submission"])


def _begin(submission: Submission, job: Job, now: datetime) -> None:
    job.phase = _("Registering") if submission.kind == Kind.REGISTER else _("Deregistering")
    if submission.state == State.QUEUED:
        submission.state, submission.started_at = State.PROCESSING, now
        submission.save(update_fields=["state", "started_at"])


def _event(job: Job, submission: Submission, tenant: Tenant) -> AuditEvent:
    if job.cursor.get("event"):
        return AuditEvent.objects.get(pk=job.cursor["event"])
    activity = ACTIVITIES[Kind(submission.kind)]
    return audit.record(
        tenant=tenant, actor=Actor.of_job(job), activity=activity, summary=submission.name, target_count=0
    )


def _write_targets(event: AuditEvent, submission: Submission, at: int, last: int) -> None:
    """One target a device; only a registration has values to show."""
    values = (
        "NULL::jsonb, jsonb_build_object('group_tag', %s::text, 'purchase_order', %s::text)"
        if submission.kind == Kind.REGISTER
        else "jsonb_build_object('group_tag', %s::text, 'purchase_order', %s::text), NULL::jsonb"
    )
    audit.add_targets_by_sql(
        event=event,
        select=(
            f"SELECT 'autopilot_device', r.device_id, left(r.serial_number, 254), {values} "
            "FROM devices_submissionrow r WHERE r.of_id = %s AND r.number > %s AND r.number <= %s "
            "AND r.outcome IN ('registered', 'removed') ORDER BY r.number"
        ),
        parameters=[submission.group_tag, submission.purchase_order, submission.pk, at, last],
    )


def ended(job: Job) -> None:
    """Close the upload: counts, and why the rest was not done where it was stopped."""
    submission = submission_of(job)
    is_finished = job.state == Job.State.SUCCEEDED
    submission.state = State.FINISHED if is_finished else State.STOPPED
    submission.error_message = job.error_message
    submission.finished_at = job.finished_at
    if not is_finished:
        said = _undone(job)
        waiting = submission.rows.filter(outcome=Outcome.WAITING)
        waiting.update(
            outcome=Outcome.FAILED,
            code_name=said.name,
            reason=said.reason,
            next_step=said.next_step,
            blob=None,
        )
    counts: Counter[Any] = Counter(submission.rows.values_list("outcome", flat=True))
    submission.done_count = counts[Outcome.REGISTERED] + counts[Outcome.REMOVED]
    submission.already_count = counts[Outcome.ALREADY]
    submission.failed_count = counts[Outcome.FAILED]
    submission.save()
    if job.cursor.get("event"):
        sentence = _("%(name)s: %(done)d done, %(already)d already there, %(failed)d failed")
        words = {
            "name": submission.name[:150],
            "done": submission.done_count,
            "already": submission.already_count,
            "failed": submission.failed_count,
        }
        AuditEvent.objects.filter(pk=job.cursor["event"]).update(summary=(sentence % words)[:300])


def _undone(job: Job) -> Answer:
    """What is said of the rows that the job did not get to."""
    if job.error_code == INTERNAL_ERROR:
        return answer(verdicts.STORAGE)
    return Answer(reason=job.error_message or _("The upload was stopped before this row."))
