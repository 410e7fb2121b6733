"""The files we write: the template, Microsoft's exact import format, and the rows that failed.

Microsoft's format (learn.microsoft.com, "Add devices"): this header, no quotes, no commas in
values, ANSI, at most 500 rows. Values it cannot hold are refused, never altered.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Protocol

from django.utils.translation import gettext as _

from portal.errors import Refused
from portal.ui.formula_guard import guard_formula

from .headers import IMPORT_COLUMNS

ROWS_PER_FILE = 500
REASON_COLUMNS = ("Reason code", "Reason")
_HEADER = (",".join(IMPORT_COLUMNS) + "\r\n").encode("ascii")
_IMPOSSIBLE = ',"\r\n\0'


class Importable(Protocol):
    """What the five columns are taken from; a `Row` is one."""

    @property
    def serial(self) -> str: ...
    @property
    def product_key_id(self) -> str: ...
    @property
    def hardware_hash(self) -> str: ...
    @property
    def group_tag(self) -> str | None: ...
    @property
    def assigned_user(self) -> str | None: ...


class Unwritable(Refused):
    """A value that Microsoft's import format cannot hold; `column` in the context names it."""

    code = "unwritable"


def template(columns: Sequence[str] = IMPORT_COLUMNS) -> bytes:
    """The CSV template: the header line alone."""
    return (",".join(columns) + "\r\n").encode("ascii")


def write_rows(
    rows: Iterable[Importable],
    *,
    refuse: Callable[[Importable, Unwritable], None],
    encoding: str = "ascii",
    guard: bool = False,
) -> Iterator[bytes]:
    """The header, then a line per row; rows that the format cannot hold go to `refuse` instead.

    ASCII is the one text that is ANSI and UTF-8 alike. `guard` for files opened in a spreadsheet.
    """
    yield _HEADER
    for row in rows:
        try:
            yield _line(row, encoding=encoding, guard=guard)
        except Unwritable as fault:
            refuse(row, fault)


def intune_files(
    rows: Iterable[Importable],
    *,
    refuse: Callable[[Importable, Unwritable], None],
    rows_per_file: int = ROWS_PER_FILE,
) -> Iterator[bytes]:
    """Whole files for Intune's own import, each of at most `rows_per_file` rows."""
    lines = islice(write_rows(rows, refuse=refuse), 1, None)
    for first in lines:
        yield b"".join(chain((_HEADER, first), islice(lines, rows_per_file - 1)))


def write_failed(
    failed: Iterable[tuple[Sequence[str], Sequence[str], str, str]],
) -> Iterator[bytes]:
    """A CSV of (columns, cells, code, reason) with the reason first, to correct and read again.

    UTF-8 with a byte order mark for Excel, guarded against formulas; a new header line where the
    columns change, which the reader honours. The reason stands first because rows that failed may
    have more cells than columns.
    """
    current: tuple[str, ...] | None = None
    start = "\ufeff"
    for columns, cells, code, reason in failed:
        if tuple(columns) != current:
            current = tuple(columns)
            yield (start + _quoted((*REASON_COLUMNS, *columns))).encode()
            start = ""
        yield _quoted((code, reason, *cells)).encode("utf-8", "replace")


def _line(row: Importable, *, encoding: str, guard: bool) -> bytes:
    values = (
        row.serial,
        row.product_key_id,
        row.hardware_hash,
        row.group_tag or "",
        row.assigned_user or "",
    )
    for column, value in zip(IMPORT_COLUMNS, values, strict=True):
        _check(column, value, encoding)
    written = map(guard_formula, values) if guard else values
    return (",".join(written) + "\r\n").encode(encoding)


def _check(column: str, value: str, encoding: str) -> None:
    if any(character in value for character in _IMPOSSIBLE):
        message = _(
            "%(column)s holds a comma, quotation mark or line break, which Intune's import cannot read."
        )
        raise Unwritable(message % {"column": column}, column=column)
    try:
        value.encode(encoding)
    except UnicodeEncodeError:
        message = _("%(column)s holds letters that Intune's import cannot read (it reads ANSI text only).")
        raise Unwritable(message % {"column": column}, column=column) from None


def _quoted(values: Iterable[str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow([guard_formula(value) for value in values])
    return text.getvalue()
