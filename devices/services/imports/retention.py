"""Erase what uploads need no longer: the cells and hashes of rows, after RETENTION_DAYS."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from devices.models import Import, ImportRow, SubmissionRow
from tenants.models import Schedule

RETENTION_DAYS = 90
EVERY = timedelta(hours=1)
SCHEDULE = "erase_import_cells"
MOST_ROWS = 5000


def erase_due() -> int:
    """Once an hour, erase the cells of old imports, a slice at a time; the rows erased."""
    now = timezone.now()
    with transaction.atomic():
        Schedule.objects.get_or_create(
            name=SCHEDULE, tenant=None, defaults={"every": EVERY, "next_run_at": now}
        )
        due = Schedule.objects.filter(name=SCHEDULE, tenant=None, next_run_at__lte=now)
        if not due.update(next_run_at=now + EVERY):
            return 0
        erased = erase_cells(before_days=RETENTION_DAYS) + erase_sent(before_days=RETENTION_DAYS)
        if erased >= MOST_ROWS:
            Schedule.objects.filter(name=SCHEDULE, tenant=None).update(next_run_at=now)
    return erased


def erase_cells(*, before_days: int) -> int:
    """Erase cells and hash bytes of at most MOST_ROWS rows of imports older than these days."""
    limit = timezone.now() - timedelta(days=before_days)
    old = Import.unscoped.filter(created_at__lt=limit).values("pk")
    rows = ImportRow.objects.filter(of__in=old).exclude(cells=[], blob=None).order_by("pk")
    ids = list(rows.values_list("pk", flat=True)[:MOST_ROWS])
    return ImportRow.objects.filter(pk__in=ids).update(cells=[], blob=None)


def erase_sent(*, before_days: int) -> int:
    """Erase the same of at most MOST_ROWS rows that partners sent."""
    limit = timezone.now() - timedelta(days=before_days)
    rows = SubmissionRow.objects.filter(of__created_at__lt=limit).exclude(cells=[], blob=None).order_by("pk")
    ids = list(rows.values_list("pk", flat=True)[:MOST_ROWS])
    return SubmissionRow.objects.filter(pk__in=ids).update(cells=[], blob=None)
