"""Write what became of a slice: rows, results of ended devices, and the job's counters."""

import json
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection

from devices.models import Deregistration
from devices.services.autopilot import undo_kits
from tenants.models import Job, JobItem

from . import starting
from .slices import Slice

State, Outcome = Deregistration.State, JobItem.Outcome
OUTCOMES = {
    State.DONE: Outcome.DONE,
    State.BY_HAND: Outcome.DONE,
    State.UNCHANGED: Outcome.UNCHANGED,
    State.FAILED: Outcome.FAILED,
}
COLUMNS = {
    "state": "varchar",
    "step": "varchar",
    "phase": "varchar",
    "tries": "smallint",
    "next_try_at": "timestamptz",
    "code": "varchar",
    "message": "text",
    "steps": "jsonb",
    "ended_at": "timestamptz",
}
WRITE = f"""
UPDATE devices_deregistration d SET {", ".join(f"{name} = v.{name}" for name in COLUMNS)}
FROM jsonb_to_recordset(%s::jsonb)
    AS v(id bigint, {", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())})
WHERE d.id = v.id
"""
CLOSE = """
UPDATE tenants_jobitem i SET outcome = v.outcome, code = v.code, message = v.message
FROM jsonb_to_recordset(%s::jsonb) AS v(object_id uuid, outcome varchar, code varchar, message text)
WHERE i.job_id = %s AND i.object_id = v.object_id
"""


def store(work: Slice) -> None:
    """Store the rows of a slice, and close the items of those that ended."""
    write(work.rows)
    over = [row for row in work.rows if row.state != State.ACTIVE]
    close(work.job, over)
    failed = [row.device_id for row in over if row.state == State.FAILED]
    if failed:
        starting.give_back(work.job, failed)
    refused = [row.device_id for row in over if row.state == State.FAILED and row.code.isdecimal()]
    if refused:
        undo_kits.discard(tenant=work.tenant, device_ids=refused)


def write(rows: Any) -> None:
    """The rows as they are now, in one statement."""
    values = [{"id": row.pk, **{name: getattr(row, name) for name in COLUMNS}} for row in rows]
    with connection.cursor() as cursor:
        cursor.execute(WRITE, [json.dumps(values, cls=DjangoJSONEncoder)])


def close(job: Job, rows: Any) -> None:
    """The outcomes of devices that ended, and the job's counters."""
    if not rows:
        return
    values = [
        {
            "object_id": row.device_id,
            "outcome": OUTCOMES[State(row.state)],
            "code": row.code,
            "message": row.message,
        }
        for row in rows
    ]
    with connection.cursor() as cursor:
        cursor.execute(CLOSE, [json.dumps(values, cls=DjangoJSONEncoder), job.pk])
    job.done += len(rows)
    for each in values:
        job.count(each["outcome"])
