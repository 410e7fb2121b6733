"""Try devices again whose deregistration failed or was stopped: from the step where it ended."""

from datetime import datetime

from django.db import connection
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from devices.models import AutopilotDevice, Deregistration
from devices.services.autopilot.bulk import NothingToDo
from tenants.models import Job, Tenant
from tenants.permissions import Actor
from tenants.services import approvals, audit, jobs

from . import starting

# A refusal threw the undo kit away, so such a device begins anew; the others go on behind their last
# finished step.
AGAIN = """
INSERT INTO devices_deregistration (tenant_id, job_id, position, device_id, serial_number, way, join_type,
    plan, state, step, phase, tries, next_try_at, code, message, steps, created_at)
SELECT d.tenant_id, i.job_id, i.position, d.device_id, d.serial_number, d.way, d.join_type, d.plan,
    'active', CASE WHEN k.kept THEN d.step ELSE d.plan[1] END, 'due', 0, %s, '', '',
    CASE WHEN k.kept THEN (
        SELECT coalesce(jsonb_agg(s.entry ORDER BY s.at), '[]')
        FROM jsonb_array_elements(d.steps) WITH ORDINALITY AS s(entry, at) WHERE s.entry ? 'result'
    ) ELSE '[]' END, %s
FROM tenants_jobitem i
JOIN devices_deregistration d ON d.device_id = i.object_id AND d.id = ANY(%s)
CROSS JOIN LATERAL (SELECT EXISTS (
    SELECT 1 FROM devices_undokit u WHERE u.device_id = d.device_id AND u.tenant_id = d.tenant_id
) AS kept) k
WHERE i.job_id = %s
"""
LINK = """
UPDATE devices_deregistration d SET tried_again_id = n.id FROM devices_deregistration n
WHERE n.job_id = %s AND n.device_id = d.device_id AND d.id = ANY(%s)
"""


def retry(
    *,
    tenant: Tenant,
    actor: Actor,
    job: Job,
    rows: QuerySet[Deregistration],
    now: datetime,
    dedupe_key: str | None = None,
) -> Job:
    """Start a new job for the open rows of an ended one; raises Forbidden or NothingToDo."""
    starting.require(actor, tenant, is_full=job.arguments["is_full"])

    def prepare(again: Job) -> None:
        approvals.one_at_a_time(tenant=tenant, actor=actor)
        open_rows = (
            Deregistration.objects.of(tenant).open().filter(job=job, pk__in=rows.order_by().values("pk"))
        )
        found = dict(open_rows.values_list("device_id", "pk"))
        free = AutopilotDevice.objects.of(tenant).live().filter(deletion_requested_at=None, deletion_job=None)
        if not free.filter(pk__in=found).update(deletion_job=again, revision=F("revision") + 1):
            raise NothingToDo(_("None of these devices waits to be tried again."))
        starting.freeze(again)
        with connection.cursor() as cursor:
            keys = list(found.values())
            cursor.execute(AGAIN, [now, now, keys, again.pk])
            cursor.execute(LINK, [again.pk, keys])
        starting.hold(again, actor, now)
        after = {"devices": again.total}
        target = audit.Target(kind="job", label=job.title, object_id=job.pk, after=after)
        audit.record(tenant=tenant, actor=actor, activity="deregistration.retried", targets=[target])

    return jobs.start(
        tenant=tenant,
        actor=actor,
        task=job.task,
        title=job.title,
        permission=job.permission,
        arguments=job.arguments,
        dedupe_key=dedupe_key,
        prepare=prepare,
    )
