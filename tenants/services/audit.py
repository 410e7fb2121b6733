"""Audit: write an act and its targets in the transaction of the act itself."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection

from tenants.models import AuditEvent, AuditTarget, Partner, Tenant
from tenants.permissions import Actor


@dataclass(frozen=True, slots=True)
class Target:
    """One object an act touched; before and after hold only the values that changed."""

    kind: str
    label: str
    object_id: Any = None
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None


def record(
    *,
    tenant: Tenant | None,
    actor: Actor,
    activity: str,
    targets: Iterable[Target] = (),
    result: str = AuditEvent.Result.SUCCESS,
    summary: str = "",
    target_count: int | None = None,
    partner: Partner | None = None,
) -> AuditEvent:
    """Write one event; activity is a permission word in the past tense ("device.imported").

    partner: whom it is about, where the actor is not the partner's own. For bulk acts pass
    target_count and add the targets by `add_targets_by_sql`.
    """
    rows = list(targets)
    event = AuditEvent.objects.create(
        tenant=tenant,
        partner=partner or actor.partner,
        actor=actor.user,
        actor_label=actor.label[:254],
        via=actor.via,
        address=actor.address,
        activity=activity,
        result=result,
        summary=summary[:300],
        target_count=len(rows) if target_count is None else target_count,
        job_id=actor.job_id,
    )
    AuditTarget.objects.bulk_create(
        AuditTarget(
            event=event,
            kind=row.kind,
            object_id=row.object_id,
            label=row.label[:254],
            before=row.before,
            after=row.after,
        )
        for row in rows
    )
    return event


def add_targets_by_sql(*, event: AuditEvent, select: str, parameters: list[Any]) -> int:
    """Add targets of a bulk act from a SELECT of (kind, object_id, label, before, after).

    Returns the number of targets; the event's count is raised by it.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO tenants_audittarget (event_id, kind, object_id, label, before, after) "
            f"SELECT %s, s.* FROM ({select}) AS s",
            [event.pk, *parameters],
        )
        added = cursor.rowcount
    event.target_count += added
    event.save(update_fields=["target_count"])
    return added
