"""What can be taken away from an import: failed rows, old values, and files for Intune's own import."""

import csv
import io
import tempfile
import zipfile
from base64 import b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import IO, Any

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from devices.models import Import, ImportRow, RegistrationHash
from portal.ui.formula_guard import guard_formula
from tenants.permissions import Actor, missing
from tenants.services import audit

from .reader.template import Importable, Unwritable, intune_files, write_failed

Verdict, Outcome = ImportRow.Verdict, ImportRow.Outcome
FAILING = (
    Verdict.OTHER_TENANT,
    Verdict.DUPLICATE_IN_FILE,
    Verdict.INVALID_HASH,
    Verdict.MISSING_IDENTITY,
    Verdict.ENTRA_JOINED,
)
SOUND = (Verdict.NEW, Verdict.UPDATE, Verdict.UNCHANGED, Verdict.ALREADY_REGISTERED)


def failing(import_: Import) -> QuerySet[ImportRow]:
    """The rows that failed, or, before the commit, that are going to."""
    return ImportRow.objects.filter(
        Q(outcome=Outcome.FAILED) | Q(outcome=Outcome.NONE, verdict__in=FAILING), of=import_
    )


def failed_rows(import_: Import) -> Iterator[bytes]:
    """The failing rows as CSV: the original columns and the reason; can be corrected and uploaded."""
    headers = {file.position: file.headers for file in import_.files.all()}
    rows = failing(import_).order_by("number")
    fields = rows.values_list("file", "header", "cells", "code", "code_name", "reason")
    return write_failed(
        (headers[file][header], cells, f"{code or ''} {name}".strip(), reason)
        for file, header, cells, code, name, reason in fields.iterator(chunk_size=200)
    )


def old_values(import_: Import) -> Iterator[bytes]:
    """The values that the import overwrites (or overwrote) as CSV."""
    labels = {"group_tag": _("Group tag"), "user_principal_name": _("User")}
    yield _line([_("Serial number"), _("Device ID"), _("Property"), _("Old value"), _("New value")])
    rows = ImportRow.objects.filter(of=import_).exclude(changes={}).order_by("number")
    fields = rows.values_list("serial_number", "existing_device", "changes")
    for serial, device, changes in fields.iterator(chunk_size=500):
        for field, (old, new) in changes.items():
            yield _line([serial, str(device), labels[field], old, new])


def _line(values: Iterable[Any]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow([guard_formula(str(value)) for value in values])
    return text.getvalue().encode()


@dataclass(frozen=True, slots=True)
class Sound:
    """A row in Microsoft's five columns."""

    number: int
    serial: str
    product_key_id: str
    hardware_hash: str
    group_tag: str | None
    assigned_user: str | None


def for_intune(import_: Import, *, actor: Actor) -> tuple[IO[bytes], str]:
    """The cleaned rows in Microsoft's exact format, after an audit event: an open file and its name.

    One CSV where the rows fit into one; else a ZIP of files of at most 500 rows, with a list of the
    rows that the format cannot hold. Raises Forbidden without devices.export_hash.
    """
    tenant, count = import_.tenant, _sound_rows(import_).count()
    if not actor.can("devices.export_hash", tenant=tenant):
        raise missing("devices.export_hash")
    activity = "device.hash_exported"
    audit.record(tenant=tenant, actor=actor, activity=activity, summary=import_.name, target_count=count)
    refused: list[tuple[int, str]] = []

    def refuse(row: Importable, fault: Unwritable) -> None:
        refused.append((row.number if isinstance(row, Sound) else 0, str(fault)))

    files = intune_files(_sound(import_), refuse=refuse)
    first, second = next(files, b""), next(files, None)
    if second is None and not refused:
        return io.BytesIO(first), "intune.csv"
    return _zipped([first, second], files, refused), "intune.zip"


def _zipped(begun: list[bytes | None], files: Iterator[bytes], refused: list[tuple[int, str]]) -> IO[bytes]:
    target = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        whole = (content for content in begun if content)
        for number, content in enumerate(chain(whole, files), 1):
            archive.writestr(f"intune-{number:03d}.csv", content)
        if refused:
            lines = [_line([_("Row"), _("Reason")]), *(_line([row, reason]) for row, reason in refused)]
            archive.writestr("not-included.csv", b"".join(lines))
    target.seek(0)
    return target


def _sound_rows(import_: Import) -> QuerySet[ImportRow]:
    return ImportRow.objects.filter(
        Q(verdict__in=SOUND) | Q(verdict=Verdict.NEEDS_DECISION, is_ticked=True), of=import_
    )


def _sound(import_: Import) -> Iterator[Sound]:
    registered = RegistrationHash.objects.filter(registration=OuterRef("device_id"))
    rows = (
        _sound_rows(import_)
        .annotate(registered=Subquery(registered.values("blob")[:1]))
        .defer("cells")
        .order_by("number")
    )
    for row in rows.iterator(chunk_size=200):
        blob = row.blob or row.registered
        if blob is not None:
            yield Sound(
                number=row.number,
                serial=row.serial_number,
                product_key_id=row.product_key,
                hardware_hash=b64encode(bytes(blob)).decode(),
                group_tag=row.group_tag or import_.default_group_tag or None,
                assigned_user=row.assigned_user or None,
            )
