"""The check job: read the files, compare the rows, judge them, and offer the plan.

Each step moves the job's cursor in its own transaction: read → compare → judge → count.
"""

from functools import partial

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _

from devices.models import Import, ImportRow
from tenants.models import Job
from tenants.permissions import Actor

from .. import committing
from . import foreign, judging, likeness, settling, staging

SLICE = 500


def step(job: Job) -> bool:
    """One piece of the check; True when the plan is ready. Raises CsvFault."""
    import_ = import_of(job)
    at = job.cursor.get("at", 0)
    return STEPS[job.cursor.get("phase", "read")](job, import_, at)


def import_of(job: Job) -> Import:
    """The import a job works on."""
    rows = Import.objects.of(job.tenant).select_related("tenant")
    found: Import = rows.get(pk=job.arguments["import"])
    return found


def _read(job: Job, import_: Import, at: int) -> bool:
    job.phase = _("Reading")
    number, stream, is_end = staging.stage(import_, at=at)
    size = sum(file.size for file in stream.files)
    expected = number * size / max(stream.bytes_read, 1)
    job.total = number if is_end else max(int(expected), number + 1)
    job.done = number // 2
    job.cursor = {"phase": "compare", "at": 0} if is_end else {"phase": "read", "at": number}
    if is_end:
        staging.finish(import_, stream)
    return False


def _compare(job: Job, import_: Import, at: int) -> bool:
    job.phase = _("Comparing")
    likeness.note_likeness(import_)
    job.cursor = {"phase": "judge", "at": 0}
    return False


def _judge(job: Job, import_: Import, at: int) -> bool:
    job.phase = _("Checking")
    last = min(at + SLICE, import_.row_count)
    rows = ImportRow.objects.filter(of=import_, number__gt=at, number__lte=last, verdict="")
    judging.judge(import_, list(rows.defer("cells").order_by("number")))
    settling.settle(import_, first=at + 1, last=last)
    job.done = (import_.row_count + last) // 2
    job.cursor = {"phase": "judge" if last < import_.row_count else "count", "at": last}
    return False


def _count(job: Job, import_: Import, at: int) -> bool:
    settling.count(import_)
    foreign.notice(import_, actor=Actor.of_job(job))
    job.done = job.total = import_.row_count
    return True


STEPS = {"read": _read, "compare": _compare, "judge": _judge, "count": _count}


def ended(job: Job) -> None:
    """Open the plan, or say why there is none; with `commits` go on to the commit at once."""
    import_ = import_of(job)
    staging.close(import_.pk)
    states = {
        Job.State.SUCCEEDED: Import.State.CHECKED,
        Job.State.CANCELLED: Import.State.CANCELLED,
    }
    import_.state = states.get(Job.State(job.state), Import.State.FAILED)
    import_.error_message = job.error_message
    import_.checked_at = job.finished_at
    if import_.state != Import.State.CHECKED:
        import_.finished_at = job.finished_at
    import_.save(update_fields=["state", "error_message", "checked_at", "finished_at"])
    _discard_files(import_)
    may_commit = job.arguments.get("accepts_foreign") or not import_.needs_tenant_typed
    if import_.state == Import.State.CHECKED and job.arguments.get("commits") and may_commit:
        committing.start(import_=import_, actor=Actor.of_job(job), accepts_foreign=True)


def _discard_files(import_: Import) -> None:
    """The rows hold everything that was read: the upload itself goes."""
    names = [file.stored_as for file in import_.files.all() if file.stored_as]
    import_.files.update(stored_as="")
    for name in names:
        transaction.on_commit(partial(default_storage.delete, name))
