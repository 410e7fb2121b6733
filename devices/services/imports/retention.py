"""Erase what uploads need no longer: cells and hashes of rows after RETENTION_DAYS, and stray files."""

from contextlib import suppress
from datetime import datetime, timedelta

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from devices.models import Import, ImportFile, ImportRow, SubmissionRow
from tenants.models import Schedule

RETENTION_DAYS = 90
EVERY = timedelta(hours=1)
SCHEDULE = "erase_import_cells"
MOST_ROWS = 5000
FOLDER = "imports"
UNDER_WAY = timedelta(days=1)


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
        erase_strays(now=now)
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


def erase_strays(*, now: datetime) -> int:
    """Delete files that no import will read, and empty folders, once older than UNDER_WAY; how many files.

    A process that was killed between storing and naming them left them behind, with the hashes they hold.
    """
    erased = 0
    for tenant in _folders(FOLDER):
        for upload in _folders(f"{FOLDER}/{tenant}"):
            with suppress(FileNotFoundError):  # its own import was faster
                erased += _erase_strays_of(f"{FOLDER}/{tenant}/{upload}", now - UNDER_WAY)
    return erased


def _folders(path: str) -> list[str]:
    with suppress(FileNotFoundError):
        return sorted(default_storage.listdir(path)[0])
    return []


def _erase_strays_of(folder: str, before: datetime) -> int:
    paths = [f"{folder}/{name}" for name in default_storage.listdir(folder)[1]]
    is_settled = default_storage.get_modified_time(folder) < before
    old = [path for path in paths if default_storage.get_modified_time(path) < before]
    files = ImportFile.objects.filter(stored_as__in=old)
    named = set(files.values_list("stored_as", flat=True)) if old else set()
    strays = [path for path in old if path not in named]
    for path in strays:
        default_storage.delete(path)
    if is_settled and len(strays) == len(paths):
        default_storage.delete(folder)
    return len(strays)
