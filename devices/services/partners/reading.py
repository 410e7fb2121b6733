"""A partner's file, in Partner Center's shape or any other the import reads, as lines."""

from collections.abc import Sequence
from typing import BinaryIO, cast

from django.core.files.base import File
from django.utils.translation import gettext as _

from devices.services.imports.reader.cells import EXCEL
from devices.services.imports.reader.csv_file import Reader
from devices.services.imports.reader.limits import Limits
from devices.services.imports.reader.notes import CsvFault
from devices.services.imports.reader.row import Row
from devices.services.partners.lines import Line


def read(files: Sequence[File], *, most: int, needs_hash: bool = False) -> tuple[list[Line], list[list[str]]]:
    """The lines of all files and the header lines they stand under.

    Raises CsvFault for a file that is something else, or for more than `most` rows together.
    """
    if not files:
        raise CsvFault(_("Choose a file or paste rows first."), code="no_file")
    lines: list[Line] = []
    headers: list[list[str]] = []
    for file in files:
        file.seek(0)
        limits = Limits(rows=most - len(lines), size=most * 40_000)
        source = cast(BinaryIO, file.file)
        for row in Reader(source, name=file.name or "", limits=limits, needs_hash=needs_hash):
            lines.append(_line(row, headers))
    return lines, headers


def _line(row: Row, headers: list[list[str]]) -> Line:
    columns = [name.replace("\0", "") for name in row.columns]
    if columns not in headers:
        headers.append(columns)
    return Line(
        serial=_text(row.serial, 255),
        product_key=_text(row.product_key_id, 40),
        hardware_hash=row.hardware_hash,
        manufacturer=_text(row.manufacturer, 255),
        model=_text(row.model, 255),
        line=row.line,
        header=headers.index(columns),
        cells=tuple(_text(cell) for cell in row.cells),
        refusal=_refusal(row),
    )


def _refusal(row: Row) -> str:
    if row.refusal is not None:
        return row.refusal.message
    spoilt = next((note for note in row.repairs if note.code == EXCEL), None)
    if spoilt is None or row.hardware_hash:
        return ""
    sentence = _("Excel turned the serial number into %(serial)s; take it from the original file.")
    return sentence % {"serial": row.serial}


def _text(text: str, most: int | None = None) -> str:
    """Text that PostgreSQL takes: without NUL and lone surrogates."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()[:most]
