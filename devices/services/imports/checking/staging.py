"""First half of the check: stream the files' rows, examine each, and COPY them into ImportRow.

A process keeps the reader of its current import open between steps, as far as the committed rows; a
process that takes over, or whose step was rolled back, reads again from the start and skips.
"""

import time
from collections import OrderedDict
from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO, cast
from uuid import UUID

from django.core.files.storage import default_storage
from django.db import connection
from django.utils.translation import gettext as _
from psycopg.types.json import Jsonb

from devices.models import Import, ImportFile

from ..reader.csv_file import Reader
from ..reader.limits import Limits
from ..reader.notes import CsvFault
from ..reader.row import Row
from .examining import Examined, examine

STEP_ROWS = 500
STEP_SECONDS = 1.0
STEP_SECONDS_AFTER_SKIPPING = 4.0  # reading again to where it stopped has to pay
MOST_STREAMS = 2
MOST_HEADERS = 1000

COLUMNS: dict[str, str] = {
    "of_id": "uuid",
    "number": "int4",
    "file": "int2",
    "line": "int4",
    "header": "int2",
    "cells": "text[]",
    "csv_serial": "varchar",
    "serial_number": "varchar",
    "manufacturer": "varchar",
    "model": "varchar",
    "product_key": "varchar",
    "purchase_order": "varchar",
    "group_tag": "varchar",
    "assigned_user": "varchar",
    "blob": "bytea",
    "identity_keys": "varchar[]",
    "alike": "int4[]",
    "verdict": "varchar",
    "decision": "varchar",
    "is_ticked": "bool",
    "code": "int2",
    "code_name": "varchar",
    "reason": "text",
    "next_step": "text",
    "notes": "jsonb",
    "warnings": "jsonb",
    "changes": "jsonb",
    "outcome": "varchar",
}
COPY = f"COPY devices_importrow ({', '.join(COLUMNS)}) FROM STDIN (FORMAT BINARY)"


class TooManyRows(CsvFault):
    """The files of one import have more rows than one import may have."""

    code = "too_many_rows"


class Stream:
    """The rows of an import's files, once, in order, numbered through."""

    def __init__(self, import_: Import) -> None:
        self.files = list(import_.files.order_by("position"))
        self.headers: list[list[list[str]]] = [[] for _file in self.files]
        self.notices: list[dict[str, object]] = []
        self.number = 0
        self.bytes_before = 0
        self.reader: Reader | None = None
        self._rows = self._read()

    @property
    def bytes_read(self) -> int:
        """Bytes of all files used up so far."""
        return self.bytes_before + (self.reader.size if self.reader else 0)

    def take(self, most: int) -> list[tuple[int, int, Row]]:
        """Up to `most` further rows as (file, header, row)."""
        found = list(islice(self._rows, most))
        self.number += len(found)
        return found

    def _read(self) -> Iterator[tuple[int, int, Row]]:
        limits = Limits()
        for place, file in enumerate(self.files):
            with default_storage.open(file.stored_as, "rb") as source:
                self.reader = Reader(cast(BinaryIO, source), name=file.name, limits=limits)
                try:
                    for row in self.reader:
                        yield place, self._header(place, row.columns), row
                except CsvFault as fault:
                    raise _named(fault, file, several=len(self.files) > 1) from fault
            limits = limits.less(rows=self.reader.rows, size=self.reader.size)
            self.notices += [
                {"file": file.name, "code": each.code, "message": str(each.message), "count": each.count}
                for each in self.reader.notices
            ]
            self.bytes_before, self.reader = self.bytes_read, None

    def _header(self, place: int, columns: tuple[str, ...]) -> int:
        known = self.headers[place]
        if known and known[-1] == list(columns):
            return len(known) - 1
        clean = [name.replace("\0", "") for name in columns]
        if clean in known:
            return known.index(clean)
        if len(known) == MOST_HEADERS:
            sentence = _("%(file)s has more than %(most)d different header lines.")
            raise CsvFault(sentence % {"file": self.files[place].name, "most": MOST_HEADERS})
        known.append(clean)
        return len(known) - 1


def _named(fault: CsvFault, file: ImportFile, *, several: bool) -> CsvFault:
    """The fault with the file's name; too many rows are counted over all files of the import."""
    if fault.code == "too_many_rows" and several:
        sentence = _("These files have more than %(most)d rows together. Split them into several imports.")
        return TooManyRows(sentence % {"most": Limits().rows})
    return CsvFault(f"{file.name}: {fault}" if several else str(fault), code=fault.code)


_streams: OrderedDict[UUID, Stream] = OrderedDict()


def _take_out(import_: Import, *, at: int) -> Stream:
    """The open reader that stands behind row `at`; read from the start where this process has none.

    It is kept again after what was read is stored: one that broke would pass for the end of the files.
    """
    stream = _streams.pop(import_.pk, None)
    if stream is None or stream.number != at:
        stream = Stream(import_)
        while stream.number < at:
            if not stream.take(min(STEP_ROWS, at - stream.number)):
                raise CsvFault(_("The stored file lost rows that were read before. Upload it again."))
    return stream


def _keep(import_: Import, stream: Stream) -> None:
    _streams[import_.pk] = stream
    while len(_streams) > MOST_STREAMS:
        _streams.popitem(last=False)


def close(import_id: UUID) -> None:
    """Forget the open reader of an import."""
    _streams.pop(import_id, None)


def stage(import_: Import, *, at: int) -> tuple[int, Stream, bool]:
    """Store the next rows behind row `at` for about a second.

    Returns the last row's number, the stream, and whether the files are used up. Raises CsvFault.
    """
    is_open = import_.pk in _streams and _streams[import_.pk].number == at
    stream = _take_out(import_, at=at)
    seconds = STEP_SECONDS if is_open or not at else STEP_SECONDS_AFTER_SKIPPING
    deadline = time.monotonic() + seconds
    while True:
        found = stream.take(STEP_ROWS)
        _copy(import_, stream.number - len(found), found)
        is_end = len(found) < STEP_ROWS
        if is_end or time.monotonic() > deadline:
            _keep(import_, stream)
            return stream.number, stream, is_end


def _copy(import_: Import, before: int, found: list[tuple[int, int, Row]]) -> None:
    if not found:
        return
    with connection.cursor() as cursor, cursor.copy(COPY) as copy:
        copy.set_types(list(COLUMNS.values()))
        for number, (file, header, row) in enumerate(found, before + 1):
            copy.write_row(_record(import_.pk, number, file, header, examine(row)))


def _record(of: UUID, number: int, file: int, header: int, found: Examined) -> tuple[object, ...]:
    said, values = found.finding, found.values
    return (
        of,
        number,
        file,
        found.row.line,
        header,
        [_storable(cell) for cell in found.row.cells],
        values["csv_serial"],
        found.serial_number,
        found.manufacturer,
        found.model,
        values["product_key"],
        values["purchase_order"],
        values["group_tag"],
        values["assigned_user"],
        found.blob,
        found.keys,
        [],
        said.verdict if said else "",
        "" if said else found.decision,
        False,
        said.code if said else None,
        said.name if said else "",
        said.reason if said else found.reason,
        said.next_step if said else "",
        Jsonb(found.notes),
        Jsonb(found.warnings),
        Jsonb({}),
        "",
    )


def _storable(cell: str) -> str:
    """Text that PostgreSQL takes: without NUL and lone surrogates."""
    if cell.isascii() and "\0" not in cell:
        return cell
    return cell.replace("\0", "\ufffd").encode("utf-8", "replace").decode()


def finish(import_: Import, stream: Stream) -> None:
    """Keep the header lines and what was noticed about the files."""
    for file, headers in zip(stream.files, stream.headers, strict=True):
        file.headers = headers
    ImportFile.objects.bulk_update(stream.files, ["headers"])
    import_.notices = stream.notices
    import_.row_count = stream.number
    import_.save(update_fields=["notices", "row_count"])
    close(import_.pk)
