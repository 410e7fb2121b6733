"""An import against many registered devices: made, timed through the real jobs, and its plans explained."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.db import connection, transaction
from django.utils import timezone

from devices.hardware.decode import decode
from devices.hardware.encode import encode_base64
from devices.hardware.identity import HardwareIdentity
from devices.hardware.synthetic import machine, recapture
from devices.management.following import follow
from devices.models import Import, RegistrationHash
from devices.services.imports import committing, planning, uploading
from devices.services.imports.checking import steps
from tenants.models import Tenant
from tenants.permissions import Actor

HEADER = "Device Serial Number,Windows Product ID,Hardware Hash,Group Tag,Assigned User"
BIG_TABLES = (
    "devices_autopilotdevice",
    "devices_entradevice",
    "devices_identitykey",
    "devices_importrow",
    "devices_registration",
    "devices_registrationhash",
)
EXPLAINED = ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")


def csv_of(tenant: Tenant, rows: int) -> bytes:
    """Seven tenths new machines, two tenths recaptures of registered ones, one tenth new boards."""
    now = timezone.now()
    known = list(_registered(tenant, rows * 3 // 10))
    again = [recapture(each, at=now, new_disk=f"{now}") for each in known[: rows // 5]]
    boards = [recapture(each, at=now, new_board=f"{now} {n}") for n, each in enumerate(known[rows // 5 :])]
    fresh = [machine(seed=f"{now} {number}") for number in range(rows - len(again) - len(boards))]
    lines = [f"{each.serial},,{encode_base64(each)},BENCH," for each in (*fresh, *again, *boards)]
    return "\n".join((HEADER, *lines, "")).encode()


def _registered(tenant: Tenant, count: int) -> Iterator[HardwareIdentity]:
    rows = RegistrationHash.objects.filter(registration__tenant=tenant, registration__ended_at=None)
    for blob in rows.order_by("registration")[:count].values_list("blob", flat=True):
        yield decode(bytes(blob))


def upload(tenant: Tenant, content: bytes) -> Import:
    """Accept the file as the portal does."""
    files = [ContentFile(content, name="bench.csv")]
    return uploading.accept(tenant=tenant, actor=Actor.command(), files=files)


def timed(tenant: Tenant, content: bytes) -> tuple[Import, dict[str, float]]:
    """Check and commit as jobs, by a worker where one is alive; seconds of each part."""
    seconds: dict[str, float] = {}
    with _clock(seconds, "uploaded"):
        import_ = upload(tenant, content)
    with _clock(seconds, "matched"):
        _followed(import_.check_job)
    import_.refresh_from_db()
    planning.tick(import_=import_, numbers=None, is_ticked=True)
    with _clock(seconds, "committed"):
        _followed(committing.start(import_=import_, actor=Actor.command(), accepts_foreign=True))
    import_.refresh_from_db()
    return import_, seconds


def _followed(job: Any) -> None:
    follow(job, show=lambda _job: None)


@contextmanager
def _clock(seconds: dict[str, float], name: str) -> Iterator[None]:
    started = time.perf_counter()
    yield
    seconds[name] = time.perf_counter() - started


def scanned(tenant: Tenant, content: bytes) -> tuple[int, list[str]]:
    """Check and commit in a transaction that is rolled back, every statement explained before it runs.

    Returns the number of statements and those that read a big table from end to end.
    """
    plans = Plans()
    with transaction.atomic():
        import_ = upload(tenant, content)
        job: Any = import_.check_job
        with connection.execute_wrapper(plans):
            while not steps.step(job):
                pass
        Import.objects.of(tenant).filter(check_job=job).update(state=Import.State.CHECKED)
        planning.tick(import_=import_, numbers=None, is_ticked=True)
        job = committing.start(import_=import_, actor=Actor.command(), accepts_foreign=True)
        with connection.execute_wrapper(plans):
            while not committing.step(job, now=timezone.now() + timedelta(seconds=1)):
                pass
        transaction.set_rollback(True)
    return plans.statements, plans.scans


class Plans:
    """Explains each statement before it runs, and notes those that scan a big table sequentially."""

    def __init__(self) -> None:
        self.statements = 0
        self.scans: list[str] = []
        self.is_explaining = False

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        if not self.is_explaining and not many and sql.lstrip().startswith(EXPLAINED):
            self.is_explaining = True
            self.statements += 1
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN {sql}", params)
                plan = "\n".join(line for (line,) in cursor.fetchall())
            self.is_explaining = False
            self.scans += [f"{plan}\n{sql}" for table in BIG_TABLES if f"Seq Scan on {table} " in plan]
        return execute(sql, params, many, context)
