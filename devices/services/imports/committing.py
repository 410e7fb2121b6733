"""The commit job: register and update what the plan says, slice by slice, each row exactly once.

Every slice looks its machines up again: a plan may be stale, and another import may have been faster.
Whatever the look-up missed, the registry's constraint decides.
"""

from collections import Counter
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from devices.models import Import, ImportRow
from portal.errors import Refused
from portal.jobs import INTERNAL_ERROR
from tenants.models import AuditEvent, Job, Tenant
from tenants.permissions import Actor
from tenants.services import audit, jobs

from . import planning, verdicts
from .registering import Slice
from .uploading import PERMISSION

COMMIT_TASK = "devices.commit_import"
SLICE = 250
Outcome = ImportRow.Outcome


class TenantNotTyped(Refused):
    """Most rows seem to belong to another tenant, and this tenant's name was not typed."""

    code = "tenant_not_typed"


def start(*, import_: Import, actor: Actor, typed: str = "", accepts_foreign: bool = False) -> Job:
    """Commit a checked plan; a second call returns the same job. Raises NotChecked, TenantNotTyped."""
    tenant = import_.tenant
    with transaction.atomic():
        current = Import.objects.of(tenant).select_for_update().get(pk=import_.pk)
        if current.commit_job_id:
            same: Job = Job.objects.of(tenant).get(pk=current.commit_job_id)
            return same
        plan = planning.open_plan(tenant, import_.pk)
        if plan.needs_tenant_typed and not accepts_foreign:
            _check_typed(tenant, typed)
        job = jobs.start(
            tenant=tenant,
            actor=actor,
            task=COMMIT_TASK,
            title=_("Import %(files)s") % {"files": plan.name},
            permission=PERMISSION,
            arguments={"import": str(plan.pk)},
            total=plan.row_count,
            dedupe_key=f"commit-{plan.pk}",
        )
        plan.state, plan.commit_job, plan.committed_at = Import.State.COMMITTING, job, job.created_at
        plan.save(update_fields=["state", "commit_job", "committed_at"])
    return job


def _check_typed(tenant: Tenant, typed: str) -> None:
    if typed.strip().casefold() != tenant.name.casefold():
        sentence = _("Type the name of this tenant, %(name)s, to import devices that seem to be another's.")
        raise TenantNotTyped(sentence % {"name": tenant.name})


def step(job: Job, *, now: datetime) -> bool:
    """Commit the next slice of rows; True when none is left."""
    rows = Import.objects.of(job.tenant).select_related("tenant")
    import_: Import = rows.get(pk=job.arguments["import"])
    at = job.cursor.get("at", 0)
    last = min(at + SLICE, import_.row_count)
    event = _event(job, import_)
    job.phase = _("Registering")
    _close_others(import_, at, last)
    Slice(import_, registered_by=event.actor_label, via=import_.via, now=now).commit(at, last)
    _write_targets(event, import_, at, last)
    _count(import_, at, last)
    job.done = last
    job.cursor = {"at": last, "event": str(event.pk)}
    return last >= import_.row_count


def ended(job: Job) -> None:
    """Close the import; what was done stays done, and what an error left undone says StorageError."""
    states = {
        Job.State.SUCCEEDED: Import.State.COMPLETED,
        Job.State.CANCELLED: Import.State.CANCELLED,
    }
    import_ = Import.objects.of(job.tenant).get(pk=job.arguments["import"])
    if job.error_code == INTERNAL_ERROR:
        _give_up(import_, job.cursor.get("at", 0))
    import_.state = states.get(Job.State(job.state), Import.State.FAILED)
    import_.error_message = job.error_message
    import_.finished_at = job.finished_at
    import_.save(update_fields=["state", "error_message", "finished_at"])
    if job.cursor.get("event"):
        sentence = _(
            "%(name)s: %(added)d added, %(updated)d updated, %(here)d already here, %(failed)d failed"
        )
        words = {
            "name": import_.name,
            "added": import_.added,
            "updated": import_.updated,
            "here": import_.already_here,
            "failed": import_.failed,
        }
        AuditEvent.objects.filter(pk=job.cursor["event"]).update(summary=(sentence % words)[:300])


def _event(job: Job, import_: Import) -> AuditEvent:
    if job.cursor.get("event"):
        return AuditEvent.objects.get(pk=job.cursor["event"])
    actor = Actor.of_job(job)
    return audit.record(
        tenant=job.tenant, actor=actor, activity="device.imported", summary=import_.name, target_count=0
    )


def _close_others(import_: Import, at: int, last: int) -> None:
    """Write the outcome of the slice's rows that are not to be registered or updated."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE devices_importrow SET blob = NULL, "
            "device_id = CASE WHEN verdict IN ('already_registered', 'unchanged') THEN existing_device END, "
            "outcome = CASE WHEN verdict IN ('already_registered', 'unchanged') THEN 'already_here' "
            "  WHEN verdict = 'needs_decision' THEN 'left_out' ELSE 'failed' END "
            "WHERE of_id = %s AND number > %s AND number <= %s AND verdict NOT IN ('new', 'update') "
            "AND outcome = '' "
            "AND NOT (verdict = 'needs_decision' AND is_ticked)",
            [import_.pk, at, last],
        )


def _give_up(import_: Import, at: int) -> None:
    """Fail the rows that the service did not get to; what needed no registering is closed as ever."""
    _close_others(import_, at, import_.row_count)
    left = planning.chosen(import_).filter(number__gt=at, outcome="")
    left.update(
        outcome=Outcome.FAILED,
        blob=None,
        code=None,
        code_name=verdicts.STORAGE,
        reason=str(verdicts.REASONS[verdicts.STORAGE]),
        next_step=str(verdicts.NEXT_STEPS[verdicts.STORAGE]),
    )
    _count(import_, at, import_.row_count)


def _write_targets(event: AuditEvent, import_: Import, at: int, last: int) -> None:
    audit.add_targets_by_sql(
        event=event,
        select=(
            "SELECT 'autopilot_device', r.device_id, left(r.serial_number, 254), "
            "(SELECT jsonb_object_agg(c.field, c.pair -> 0) FROM jsonb_each(r.changes) AS c(field, pair)), "
            "CASE WHEN r.outcome = 'updated' THEN "
            " (SELECT jsonb_object_agg(c.field, c.pair -> 1) FROM jsonb_each(r.changes) AS c(field, pair)) "
            "ELSE jsonb_build_object('group_tag', coalesce(nullif(r.group_tag, ''), %s), "
            " 'user_principal_name', r.assigned_user) END "
            "FROM devices_importrow r WHERE r.of_id = %s AND r.number > %s AND r.number <= %s "
            "AND r.outcome IN ('added', 'updated') AND (r.decision <> 'replaced_board' OR r.is_ticked) "
            "ORDER BY r.number"
        ),
        parameters=[import_.default_group_tag, import_.pk, at, last],
    )


def _count(import_: Import, at: int, last: int) -> None:
    """Add the slice's outcomes to the import's totals."""
    slice_ = ImportRow.objects.filter(Q(number__gt=at, number__lte=last), of=import_)
    counts: Counter[Any] = Counter(slice_.values_list("outcome", flat=True))
    for outcome in (
        Outcome.ADDED,
        Outcome.UPDATED,
        Outcome.ALREADY_HERE,
        Outcome.FAILED,
        Outcome.LEFT_OUT,
    ):
        setattr(import_, outcome, getattr(import_, outcome) + counts[outcome])
    import_.save(update_fields=["added", "updated", "already_here", "failed", "left_out"])
