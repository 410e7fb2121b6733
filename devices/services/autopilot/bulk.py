"""One change on many devices: a frozen id set, ≤ 200 devices a step, a result a device."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet, Value
from django.db.models.functions import Concat, Length
from django.utils.translation import gettext as _

from devices.models import AutopilotDevice
from devices.services.autopilot.editing import LONGEST_TAG, Written
from devices.services.autopilot.kinds import KINDS, Kind, Outcome, Slice, new_tag
from devices.services.profiles import what_if
from devices.services.profiles.what_if import WhatIf
from portal.errors import Refused
from tenants.models import AuditEvent, AuditTarget, Job, JobItem, Tenant
from tenants.permissions import Actor, missing
from tenants.services import audit, jobs

TASK = "devices.change_autopilot_devices"
STEP = 200


class NothingToDo(Refused):
    """The command was given no device."""

    code = "nothing_selected"


def start(
    *,
    tenant: Tenant,
    actor: Actor,
    kind: str,
    rows: QuerySet[AutopilotDevice],
    arguments: dict[str, Any],
    dedupe_key: str | None = None,
) -> Job:
    """Freeze the rows and start the change as a job; raises Forbidden or NothingToDo.

    kind: a key of KINDS. The same dedupe_key returns the job it made the first time.
    """
    word = KINDS[kind]
    if not actor.can(word.permission, tenant=tenant):
        raise missing(word.permission)

    def prepare(job: Job) -> None:
        ordered = rows.filter(deletion_requested_at=None).order_by("serial_number", "pk")
        if not jobs.freeze(job=job, rows=ordered, label="serial_number"):
            raise NothingToDo(_("None of these devices is in the list any more."))

    return jobs.start(
        tenant=tenant,
        actor=actor,
        task=TASK,
        title=str(word.title),
        permission=word.permission,
        arguments={"kind": kind, **arguments},
        dedupe_key=dedupe_key,
        prepare=prepare,
    )


def step(job: Job, *, now: datetime) -> bool:
    """Change the next devices of the frozen set; True when none is left."""
    items = next_items(job, STEP)
    if not items:
        return True
    kind = KINDS[job.arguments["kind"]]
    by_id = {item.object_id: item for item in items}
    rows = AutopilotDevice.objects.of(job.tenant).live().filter(pk__in=by_id, deletion_requested_at=None)
    devices = list(rows.select_for_update(of=("self",)).order_by("pk"))
    actor = Actor.of_job(job)
    outcome = kind.apply(Slice(job.tenant, actor, devices, job.arguments, now))
    _note(by_id, {device.pk for device in devices}, outcome)
    _audit(job, kind, actor, outcome.written)
    close_items(job, items)
    return len(items) < STEP


def next_items(job: Job, size: int) -> list[JobItem]:
    """The next waiting items of a job, by position."""
    waiting = job.items.filter(outcome=JobItem.Outcome.PENDING, position__gt=job.cursor.get("position", 0))
    return list(waiting.order_by("position")[:size])


def close_items(job: Job, items: list[JobItem]) -> None:
    """Store the results of a slice and move the job's cursor and counters."""
    jobs.store_items(items)
    job.cursor["position"] = items[-1].position
    job.done += len(items)
    for item in items:
        job.count(item.outcome)


def _note(items: dict[UUID, JobItem], present: set[UUID], outcome: Outcome) -> None:
    changed = {each.device_id: each for each in outcome.written}
    for pk, item in items.items():
        if pk not in present:
            item.outcome, item.code = JobItem.Outcome.FAILED, "gone"
            item.message = _("The device was removed meanwhile, or is being deleted.")
        elif pk in outcome.refused:
            refusal = outcome.refused[pk]
            item.outcome, item.code = JobItem.Outcome.FAILED, refusal.code
            item.message = str(refusal)
        elif pk in changed:
            item.outcome = JobItem.Outcome.DONE
            item.evidence = {"before": changed[pk].before, "after": changed[pk].after}
        else:
            item.outcome = JobItem.Outcome.UNCHANGED


def _audit(job: Job, kind: Kind, actor: Actor, written: list[Written]) -> None:
    if kind.activity is not None and written:
        note_targets(job, actor, kind.activity, [each.target() for each in written])


def note_targets(
    job: Job, actor: Actor, activity: str, targets: list[audit.Target], *, tenant: Tenant | None = None
) -> None:
    """One audit event a job; each slice adds its targets in its own transaction.

    tenant: where another one than the job's keeps the act as well; its event does not name the job.
    """
    key = f"audit_event_{tenant.pk}" if tenant else "audit_event"
    pk = job.cursor.get(key)
    if pk is None:
        who = replace(actor, job_id=None) if tenant else actor
        summary = "" if tenant else job.title
        event = audit.record(
            tenant=tenant or job.tenant, actor=who, activity=activity, targets=targets, summary=summary
        )
        job.cursor[key] = str(event.pk)
        return
    AuditTarget.objects.bulk_create(
        AuditTarget(
            event_id=pk,
            kind=each.kind,
            object_id=each.object_id,
            label=each.label[:254],
            before=each.before,
            after=each.after,
        )
        for each in targets
    )
    AuditEvent.objects.filter(pk=pk).update(target_count=F("target_count") + len(targets))


def what_if_tags(*, tenant: Tenant, rows: QuerySet[AutopilotDevice], operation: str, text: str) -> WhatIf:
    """The devices whose profile would change with their tags; those left as they are do not count."""
    tagged = rows.annotate(new_tag=_new_tag(operation, text), new_length=Length("new_tag"))
    changing = tagged.filter(
        tenant=tenant, removed_at=None, deletion_requested_at=None, new_length__lte=LONGEST_TAG
    ).exclude(new_tag=F("group_tag"))
    return what_if.of_tags(tenant=tenant, tags=changing.values_list("pk", "new_tag"))


def _new_tag(operation: str, text: str) -> Any:
    """The new tag in SQL, as kinds.new_tag makes it."""
    return {
        "set": Value(text),
        "prefix": Concat(Value(text), "group_tag"),
        "append": Concat("group_tag", Value(text)),
        "clear": Value(""),
    }[operation]


def preview_tags(*, rows: QuerySet[AutopilotDevice], operation: str, text: str) -> dict[str, Any]:
    """What a tag change would do: counts by SQL, and the first ten devices old → new."""
    rows = rows.annotate(new_tag=_new_tag(operation, text)).order_by()
    is_long = Q(new_length__gt=LONGEST_TAG)
    counts = rows.annotate(new_length=Length("new_tag")).aggregate(
        total=Count("pk"),
        unchanged=Count("pk", filter=Q(new_tag=F("group_tag"))),
        overwritten=Count("pk", filter=~Q(group_tag="") & ~Q(new_tag=F("group_tag"))),
        too_long=Count("pk", filter=is_long),
    )
    first = rows.order_by("serial_number", "pk").values_list("serial_number", "group_tag")[:10]
    samples = [(serial, old, new_tag(operation, old, text)) for serial, old in first]
    changing = counts["total"] - counts["unchanged"] - counts["too_long"]
    return {**counts, "changing": changing, "samples": samples}


def preview_users(*, rows: QuerySet[AutopilotDevice], upn: str = "") -> dict[str, int]:
    """How many devices have another user now, this one already, or none."""
    return rows.order_by().aggregate(
        total=Count("pk"),
        same=Count("pk", filter=Q(user_principal_name__iexact=upn) & ~Q(user_principal_name="")),
        none=Count("pk", filter=Q(user_principal_name="")),
        blocked=Count("pk", filter=Q(userless_enrollment="blocked")),
    )
