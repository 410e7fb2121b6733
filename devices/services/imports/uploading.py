"""Accept an upload: stream it to storage with its digest, look at its beginning, start the check.

Nothing is accepted that could not be stored or is plainly not a file of hashes; nothing is held
whole in memory.
"""

import hashlib
import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from devices.models import Import, ImportFile
from devices.services.autopilot import editing
from portal.errors import Refused
from tenants.models import Job, Tenant
from tenants.permissions import Actor
from tenants.services import jobs

from .reader.csv_file import Reader
from .reader.limits import Limits
from .reader.notes import CsvFault

CHECK_TASK = "devices.check_import"
PERMISSION = "devices.import"
MOST_FILES = 50
CHUNK = 256 * 1024


class UploadRefused(Refused):
    """The files as a whole cannot be imported; the message names the file."""

    code = "upload_refused"


@dataclass(frozen=True, slots=True)
class Options:
    """What an import does beside registering: a tag for rows without one, and two kinds of update."""

    default_group_tag: str = ""
    updates_group_tag: bool = False
    updates_user: bool = False


@dataclass(frozen=True, slots=True)
class Stored:
    """A file in storage: its own name, bytes, digest and where it lies."""

    name: str
    size: int
    sha256: str
    stored_as: str


def pasted(text: str) -> File:
    """Pasted text as a file."""
    return ContentFile(text.encode(), name=_("Pasted text"))


def accept(
    *,
    tenant: Tenant,
    actor: Actor,
    files: Sequence[File],
    options: Options | None = None,
    key: str | None = None,
    commits: bool = False,
    accepts_foreign: bool = False,
) -> Import:
    """Store the files and start the check; returns the import.

    key: a form's one-time key: the same key returns the import it made the first time. commits: go on
    to the commit when the check is done (the command line); accepts_foreign: even if most of the
    rows seem to belong to another tenant. Raises UploadRefused.
    """
    wishes = options or Options()
    try:
        editing.check_tag(wishes.default_group_tag)
    except editing.BadValue as refusal:
        raise UploadRefused(str(refusal), code=refusal.code) from refusal
    import_id = uuid.uuid4()
    stored = _store(files, folder=f"imports/{tenant.pk}/{import_id}")
    try:
        job = _start(
            tenant,
            actor,
            import_id,
            stored,
            wishes,
            key,
            {"commits": commits, "accepts_foreign": accepts_foreign},
        )
    except Refused:  # after any other error the job may exist; files that none reads are erased in a day
        discard(stored)
        raise
    made = uuid.UUID(job.arguments["import"])
    if made != import_id:
        discard(stored)
    found: Import = Import.objects.of(tenant).get(pk=made)
    return found


def _start(
    tenant: Tenant,
    actor: Actor,
    import_id: uuid.UUID,
    stored: Sequence[Stored],
    options: Options,
    key: str | None,
    wishes: dict[str, bool],
) -> Job:
    def prepare(job: Job) -> None:
        row = Import.objects.create(
            tenant=tenant,
            pk=import_id,
            name=_title(stored),
            created_by=actor.user,
            created_by_label=actor.label,
            via=actor.via,
            default_group_tag=options.default_group_tag,
            updates_group_tag=options.updates_group_tag,
            updates_user=options.updates_user,
            check_job=job,
        )
        ImportFile.objects.bulk_create(
            ImportFile(
                of=row,
                position=place,
                name=each.name,
                size=each.size,
                sha256=each.sha256,
                stored_as=each.stored_as,
            )
            for place, each in enumerate(stored)
        )

    with transaction.atomic():
        return jobs.start(
            tenant=tenant,
            actor=actor,
            task=CHECK_TASK,
            title=_("Check %(files)s") % {"files": _title(stored)},
            permission=PERMISSION,
            arguments={"import": str(import_id), **wishes},
            dedupe_key=f"check-{key}"[:64] if key else None,
            prepare=prepare,
        )


def _title(stored: Sequence[Stored]) -> str:
    first = stored[0].name
    if len(stored) == 1:
        return first
    more = len(stored) - 1
    words = ngettext("%(first)s and %(more)d more", "%(first)s and %(more)d more", more)
    return words % {"first": first[:200], "more": more}


def _store(files: Sequence[File], *, folder: str) -> list[Stored]:
    if not files:
        raise UploadRefused(_("Choose a file or paste rows first."), code="no_file")
    if len(files) > MOST_FILES:
        sentence = _("Choose at most %(most)d files at once.")
        raise UploadRefused(sentence % {"most": MOST_FILES}, code="too_many_files")
    limits = Limits()
    stored: list[Stored] = []
    try:
        for place, file in enumerate(files):
            stored.append(_store_one(file, f"{folder}/{place}.csv", limits))
            limits = limits.less(rows=0, size=stored[-1].size)
    except BaseException:
        discard(stored)
        raise
    return stored


def _store_one(file: File, path: str, limits: Limits) -> Stored:
    name = shown_name(file.name)
    digest, size = hashlib.sha256(), 0
    for chunk in file.chunks(CHUNK):
        size += len(chunk)
        if size > limits.size:
            raise too_large()
        digest.update(chunk)
    look_at_beginning(file, name=name)
    file.seek(0)
    try:
        stored_as = default_storage.save(path, file)
    except BaseException:
        default_storage.delete(path)  # what fitted on a disk that was full then
        raise
    return Stored(name, size, digest.hexdigest(), stored_as)


def too_large() -> UploadRefused:
    """The refusal of more bytes than one import may have."""
    sentence = _("These files have more than %(most)d MB together. Split them into several imports.")
    return UploadRefused(sentence % {"most": Limits().size // 1_000_000}, code="too_large")


def look_at_beginning(file: File, *, name: str) -> None:
    """Read up to the first row; raises UploadRefused where the file is something else."""
    file.seek(0)
    try:
        next(iter(Reader(file.file, name=name)))  # type: ignore[arg-type]
    except CsvFault as fault:
        raise UploadRefused(f"{name}: {fault}", code=fault.code) from fault


def shown_name(name: str | None) -> str:
    """A file's name without folders and control characters."""
    last = (name or "").replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(filter(str.isprintable, last))[:255] or _("File")


def discard(stored: Sequence[Stored]) -> None:
    """Take files out of storage again; one that is already gone is as wanted."""
    for each in stored:
        with suppress(FileNotFoundError):
            default_storage.delete(each.stored_as)
