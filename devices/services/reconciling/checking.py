"""The check: every defect of a tenant's records, found set by set and kept as rows of *Orphans*."""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Case, Count, OuterRef, QuerySet, Subquery, When
from django.utils import timezone
from django.utils.translation import gettext as _

from devices.models import AutopilotDevice, EntraDevice, ManagedDevice, Orphan, OrphanCheck
from devices.services.reconciling.defects import KINDS, Kind
from portal.errors import Conflict
from tenants.models import Job, Tenant
from tenants.permissions import Actor
from tenants.services import jobs, schedules

TASK = "devices.check_orphans"
SCHEDULE = "devices.check_orphans"
EVERY = timedelta(hours=12)

FOUND = """
    SELECT DISTINCT ON (f.id) f.id, left(f.label, 255) AS label, left(f.detail, 1100) AS detail, f.is_fixable
    FROM ({select}) AS f(id, label, detail, is_fixable) ORDER BY f.id, f.is_fixable DESC
"""
MENDED = """
    DELETE FROM devices_orphan o WHERE o.tenant_id = %(tenant)s AND o.defect = %(defect)s
    AND o.object_id NOT IN (SELECT f.id FROM ({found}) f)
"""
KEPT = """
    INSERT INTO devices_orphan AS o
        (id, tenant_id, defect, record, object_id, label, detail, is_fixable, found_at)
    SELECT gen_random_uuid(), %(tenant)s, %(defect)s, %(record)s,
        f.id, f.label, f.detail, f.is_fixable, %(now)s
    FROM ({found}) f ORDER BY f.id
    ON CONFLICT (tenant_id, defect, object_id) DO UPDATE
        SET label = excluded.label, detail = excluded.detail, is_fixable = excluded.is_fixable
    WHERE ROW(o.label, o.detail, o.is_fixable)
        IS DISTINCT FROM ROW(excluded.label, excluded.detail, excluded.is_fixable)
"""


class CheckRunning(Conflict):
    """A check of this tenant is under way."""

    code = "check_running"


def start(*, tenant: Tenant, actor: Actor) -> Job:
    """Start a check as a job; raises CheckRunning."""
    with transaction.atomic():
        Tenant.objects.select_for_update(no_key=True).get(pk=tenant.pk)
        if running(tenant=tenant) is not None:
            raise CheckRunning(_("The records are being checked already."))
        return jobs.start(
            tenant=tenant,
            actor=actor,
            task=TASK,
            title=_("Check for orphans"),
            permission="devices.sync",
            total=len(KINDS),
        )


def running(*, tenant: Tenant) -> Job | None:
    """The tenant's unfinished check, if any."""
    found: Job | None = Job.objects.of(tenant).unfinished().filter(task=TASK).first()
    return found


@transaction.atomic
def start_due() -> None:
    """Tick: check the tenants whose records were not checked for EVERY."""
    now = timezone.now()
    for tenant in schedules.claim_due(name=SCHEDULE, every=EVERY, now=now):
        if running(tenant=tenant) is None:
            start(tenant=tenant, actor=Actor.system())


def step(job: Job, *, now: datetime) -> bool:
    """Check the next defect; True after the last."""
    words = list(KINDS)
    word = words[job.done]
    job.phase = str(Orphan.Defect(word).label)
    refresh(tenant=job.tenant, defect=word, now=now)
    job.count(word, Orphan.objects.of(job.tenant).filter(defect=word).count())
    job.done += 1
    if job.done < len(words):
        return False
    OrphanCheck.objects.update_or_create(tenant=job.tenant, defaults={"checked_at": now})
    return True


def refresh(*, tenant: Tenant, defect: str, now: datetime) -> None:
    """Bring the rows of one defect in line with the records as they are."""
    kind = KINDS[defect]
    found = FOUND.format(select=kind.select)
    parameters: dict[str, Any] = {
        "tenant": tenant.pk,
        "defect": defect,
        "record": kind.record,
        "now": now,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        hold(tenant=tenant)
        cursor.execute(MENDED.format(found=found), parameters)
        cursor.execute(KEPT.format(found=found), parameters)


def hold(*, tenant: Tenant) -> None:
    """Keep other checks and fixes of the tenant waiting until this transaction ends.

    A check that looked before a fix was committed would bring the mended records back as orphans.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('orphans'), hashtext(%s))", [str(tenant.pk)])


def is_there(*, orphan: Orphan, kind: Kind) -> bool:
    """Whether the record still has the defect."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT 1 FROM ({kind.select}) AS f(id, label, detail, is_fixable) WHERE f.id = %(object)s",
            {"tenant": orphan.tenant_id, "object": orphan.object_id},
        )
        return cursor.fetchone() is not None


def standing(*, tenant: Tenant) -> QuerySet[Orphan]:
    """The orphans whose record, or what a disabled object is of, was not removed since the check."""
    registered = AutopilotDevice.objects.of(tenant).live().filter(deletion_requested_at=None)
    entra = EntraDevice.objects.of(tenant).live()
    managed = ManagedDevice.objects.of(tenant).live()
    there = Case(
        When(record=Orphan.Record.AUTOPILOT, then=_one(registered, "object_id")),
        When(
            defect=Orphan.Defect.DISABLED,
            then=_one(entra.filter(ztdid=_one(registered, "ztdid")), "object_id"),
        ),
        When(record=Orphan.Record.ENTRA, then=_one(entra, "object_id")),
        When(record=Orphan.Record.MANAGED, then=_one(managed, "object_id")),
    )
    rows: QuerySet[Orphan] = Orphan.objects.of(tenant).filter(object_id=there)
    return rows


def _one(rows: QuerySet[Any], field: str) -> Subquery:
    """The key of the row that `field` of the outer row names, looked up by key (EXISTS may hash them all)."""
    return Subquery(rows.filter(pk=OuterRef(field)).values("pk")[:1])


def counts(*, rows: QuerySet[Orphan]) -> dict[str, int]:
    """Defect → number of records, for every defect (0 too)."""
    found = dict(rows.order_by().values_list("defect").annotate(n=Count("pk")))
    return {word: found.get(word, 0) for word in KINDS}
