"""Run imports in tests: files of made-up machines, and jobs run to their end by the real runner."""

from datetime import UTC, datetime

from django.core.files.base import ContentFile

from devices import tasks
from devices.hardware import synthetic
from devices.hardware.encode import encode_base64
from devices.hardware.identity import HardwareIdentity
from devices.models import Import, ImportRow
from devices.services.imports import committing, uploading
from devices.services.imports.uploading import Options
from tenants.models import Job, Tenant
from tenants.permissions import Actor

FIVE = "Device Serial Number,Windows Product ID,Hardware Hash,Group Tag,Assigned User"
LATER = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
TASKS = {"devices.check_import": tasks.check_import, "devices.commit_import": tasks.commit_import}


def line(
    identity: HardwareIdentity, *, serial: str | None = None, tag: str = "", user: str = "", hash_: str = ""
) -> str:
    """One row of Microsoft's format; the serial is the machine's unless told otherwise."""
    shown = (identity.serial or "") if serial is None else serial
    return f"{shown},,{hash_ or encode_base64(identity)},{tag},{user}"


def csv_of(*lines: str, header: str = FIVE) -> bytes:
    """A file of these rows."""
    return "\r\n".join((header, *lines, "")).encode()


def machines(count: int, *, start: int = 0) -> list[HardwareIdentity]:
    """Different made-up machines."""
    return [synthetic.machine(seed=start + number) for number in range(count)]


def run(job: Job) -> Job:
    """Run a job to its end, slice by slice, as a worker would."""
    while not job.is_ended:
        TASKS[job.task](str(job.pk))
        job.refresh_from_db()
    return job


def upload(
    tenant: Tenant, content: bytes, *, options: Options | None = None, actor: Actor | None = None
) -> Import:
    """Accept one file without checking it yet."""
    files = [ContentFile(content, name="hashes.csv")]
    return uploading.accept(tenant=tenant, actor=actor or Actor.command(), files=files, options=options)


def check(tenant: Tenant, *lines: str, options: Options | None = None, actor: Actor | None = None) -> Import:
    """Upload rows and check them."""
    import_ = upload(tenant, csv_of(*lines), options=options, actor=actor)
    run(import_.check_job)
    import_.refresh_from_db()
    return import_


def commit(import_: Import, **wishes: object) -> Import:
    """Commit a checked plan."""
    run(committing.start(import_=import_, actor=Actor.command(), **wishes))  # type: ignore[arg-type]
    import_.refresh_from_db()
    return import_


def add(tenant: Tenant, *lines: str) -> Import:
    """Check and commit rows."""
    return commit(check(tenant, *lines))


def row(import_: Import, number: int = 1) -> ImportRow:
    """One row of an import."""
    return ImportRow.objects.get(of=import_, number=number)


def verdicts(import_: Import) -> list[str]:
    """The verdicts in the order of the rows."""
    return list(ImportRow.objects.filter(of=import_).order_by("number").values_list("verdict", flat=True))
