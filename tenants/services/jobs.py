"""Start, freeze and cancel a tenant's background jobs."""

import json
from collections.abc import Callable, Sequence
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from portal import jobs
from portal.errors import Conflict
from tenants.models import Job, JobItem, Tenant
from tenants.permissions import Actor
from tenants.services import audit


class JobAlreadyEnded(Conflict):
    """There is nothing left to cancel."""

    code = "job_already_ended"


def start(
    *,
    tenant: Tenant,
    actor: Actor,
    task: str,
    title: str,
    permission: str,
    arguments: dict[str, Any] | None = None,
    total: int | None = None,
    dedupe_key: str | None = None,
    prepare: Callable[[Job], object] | None = None,
) -> Job:
    """Store a job and dispatch it once the transaction commits; returns the row.

    The same dedupe_key in a tenant (a form's one-time key) returns the job it made the first time;
    prepare(job) runs in the same transaction, only for a new job (to freeze its object set).
    """
    values = {
        "task": task,
        "title": title[:200],
        "actor": actor.user,
        "partner": actor.partner,
        "client": actor.client,
        "via": actor.via,
        "address": actor.address,
        "permission": permission,
        "arguments": arguments or {},
        "total": total,
    }
    rows = Job.objects.of(tenant)
    with transaction.atomic():
        if dedupe_key is None:
            job, is_new = Job.objects.create(tenant=tenant, **values), True
        else:
            job, is_new = rows.get_or_create(dedupe_key=dedupe_key, defaults={"tenant": tenant, **values})
        if is_new:
            if prepare is not None:
                prepare(job)
            jobs.dispatch(job)
    return job


def freeze(*, job: Job, rows: QuerySet[Any], label: str) -> int:
    """Freeze the job's object set: one item a row of the queryset, in its order; returns the count.

    label: the column an item is shown by. Keeps the ids as they are now, whatever changes later.
    """
    try:
        sql, parameters = rows.values_list("pk", label).query.sql_with_params()
    except EmptyResultSet:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO tenants_jobitem "
            "(job_id, position, object_id, label, outcome, code, message, evidence) "
            f"SELECT %s, row_number() OVER (), s.id, left(s.label, 200), 'pending', '', '', '{{}}'::jsonb "
            f"FROM ({sql}) AS s(id, label)",
            [job.pk, *parameters],
        )
        total = cursor.rowcount
    job.total = total
    job.save(update_fields=["total"])
    return total


def store_items(items: Sequence[JobItem]) -> None:
    """Store what came of some items, in one statement (bulk_update costs ten times the time)."""
    rows = [
        (
            item.pk,
            item.outcome,
            item.code,
            str(item.message),
            json.dumps(item.evidence, cls=DjangoJSONEncoder),
        )
        for item in items
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE tenants_jobitem i SET outcome = v.outcome, code = v.code, message = v.message, "
            "evidence = v.evidence::jsonb FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], "
            "%s::text[]) AS v(id, outcome, code, message, evidence) WHERE i.id = v.id",
            [list(column) for column in zip(*rows, strict=True)] if rows else [[], [], [], [], []],
        )


def cancel(*, job: Job, actor: Actor) -> None:
    """Ask a job to stop after its current step; raises JobAlreadyEnded."""
    with transaction.atomic():
        if not jobs.request_cancel(job):
            raise JobAlreadyEnded(_("The job had already ended."))
        audit.record(
            tenant=job.tenant,
            actor=actor,
            activity="job.cancelled",
            targets=[audit.Target(kind="job", label=job.title, object_id=job.pk)],
        )
