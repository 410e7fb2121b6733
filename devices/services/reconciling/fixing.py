"""Mend many records: a job over a frozen set of orphans, each looked at again before it is touched."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from devices.models import Orphan
from devices.services.autopilot.bulk import NothingToDo, close_items, next_items, note_targets
from devices.services.reconciling import checking, fixes
from devices.services.reconciling.defects import KINDS, Kind, needed
from portal.errors import Refused
from tenants.models import Job, JobItem, Tenant
from tenants.permissions import Actor, missing
from tenants.services import audit, jobs

TASK = "devices.fix_orphans"
STEP = 20


@dataclass(frozen=True, slots=True)
class Planned:
    """One defect among the chosen records: how many, how many of them can be fixed here."""

    word: str
    label: str
    kind: Kind
    count: int
    fixable: int


def plan(*, rows: QuerySet[Orphan]) -> list[Planned]:
    """What mending these rows would do, defect by defect."""
    found = rows.order_by().values_list("defect")
    counted = found.annotate(n=Count("pk"), fixable=Count("pk", filter=Q(is_fixable=True)))
    by_word = {word: (count, fixable) for word, count, fixable in counted}
    return [
        Planned(word, str(Orphan.Defect(word).label), KINDS[word], *by_word[word])
        for word in KINDS
        if word in by_word
    ]


def start(*, tenant: Tenant, actor: Actor, rows: QuerySet[Orphan], dedupe_key: str | None = None) -> Job:
    """Freeze the rows that can be fixed and start mending them; raises Forbidden or NothingToDo."""
    fixable = rows.filter(is_fixable=True)
    words = sorted(set(fixable.order_by().values_list("defect", flat=True)))
    for permission in needed(words):
        if not actor.can(permission, tenant=tenant):
            raise missing(permission)

    def prepare(job: Job) -> None:
        if not jobs.freeze(job=job, rows=fixable.order_by("label", "pk"), label="label"):
            raise NothingToDo(_("None of these records can be fixed here."))

    return jobs.start(
        tenant=tenant,
        actor=actor,
        task=TASK,
        title=_("Fix orphans"),
        permission="devices.read",
        dedupe_key=dedupe_key,
        prepare=prepare,
    )


def step(job: Job, *, now: datetime) -> bool:
    """Mend the next records of the frozen set; True when none is left."""
    items = next_items(job, STEP)
    if not items:
        return True
    checking.hold(tenant=job.tenant)
    actor = Actor.of_job(job)
    rows = Orphan.objects.of(job.tenant).filter(pk__in=[item.object_id for item in items])
    orphans: dict[Any, Orphan] = {row.pk: row for row in rows.select_for_update().order_by("pk")}
    mended = [
        orphans[item.object_id] for item in items if _mend(job, actor, item, orphans.get(item.object_id), now)
    ]
    _audit(job, actor, mended)
    close_items(job, items)
    return len(items) < STEP


def _mend(job: Job, actor: Actor, item: JobItem, orphan: Orphan | None, now: datetime) -> bool:
    """Mend one record in a savepoint of its own; the outcome is noted on the item."""
    if orphan is None:
        item.outcome, item.message = JobItem.Outcome.UNCHANGED, _("This was mended meanwhile.")
        return False
    try:
        with transaction.atomic():
            fixes.apply(tenant=job.tenant, actor=actor, orphan=orphan, now=now)
    except fixes.MendedMeanwhile as refusal:
        item.outcome, item.message = JobItem.Outcome.UNCHANGED, str(refusal)
        Orphan.objects.of(job.tenant).filter(pk=orphan.pk).delete()
        return False
    except Refused as refusal:
        item.outcome, item.code, item.message = JobItem.Outcome.FAILED, refusal.code, str(refusal)
        return False
    item.outcome, item.message = JobItem.Outcome.DONE, str(orphan.get_defect_display())
    Orphan.objects.of(job.tenant).filter(pk=orphan.pk).delete()
    return True


def _audit(job: Job, actor: Actor, mended: Sequence[Orphan]) -> None:
    targets = [
        audit.Target(row.record, row.label, row.object_id, before={"defect": row.defect}) for row in mended
    ]
    if targets:
        note_targets(job, actor, "orphan.fixed", targets)
