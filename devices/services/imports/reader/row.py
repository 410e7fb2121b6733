"""One data row of a file: its values by meaning, its original cells, and what was done to it."""

from dataclasses import dataclass

from .alignment import align
from .cells import clean, hash_text, serial_text
from .headers import Header
from .notes import Note


@dataclass(frozen=True, slots=True)
class Row:
    """A row as the reader hands it on; whether the hash decodes is judged later."""

    number: int  # 1-based among the data rows of the file
    line: int  # physical line where the row begins, 1-based
    file: str
    serial: str
    product_key_id: str
    hardware_hash: str  # base64 without blanks; whatever stood there if refused
    group_tag: str | None  # None: no such column, or empty
    assigned_user: str | None
    manufacturer: str
    model: str
    purchase_order: str
    columns: tuple[str, ...]  # the header over this row as written; shared between rows
    cells: tuple[str, ...]  # as in the file, in its order; may be fewer or more than the columns
    repairs: tuple[Note, ...] = ()
    refusal: Note | None = None


class RowBuilder:
    """Makes the rows under one header."""

    def __init__(self, header: Header, *, file: str, needs_hash: bool = True) -> None:
        self._header = header
        self._file = file
        self._needs_hash = needs_hash
        fields = ("serial", "product", "hash", "tag", "user", "manufacturer", "model", "purchase")
        self._places = tuple(header.all_at(field) for field in fields)

    def build(self, number: int, line: int, cells: list[str], repairs: list[Note]) -> Row:
        """The row of these cells; a cell is never looked at beyond its text."""
        placed, moved, refusal = align(cells, self._header, needs_hash=self._needs_hash)
        values = [_first(placed, positions) for positions in self._places]
        serial, damage = serial_text(values[0])
        text, mended, not_hash = hash_text(values[2])
        if not text and not self._needs_hash:
            not_hash = None
        found = [*repairs, *(note for note in (moved, damage, mended) if note)]
        return Row(
            number,
            line,
            self._file,
            serial,
            clean(values[1]),
            text,
            clean(values[3]) or None,
            clean(values[4]) or None,
            clean(values[5]),
            clean(values[6]),
            clean(values[7]),
            self._header.columns,
            tuple(cells),
            tuple(found),
            refusal or not_hash,
        )

    def refused(self, number: int, line: int, cells: list[str], refusal: Note) -> Row:
        """A row that is not looked at further; its cells are kept as given."""
        columns = self._header.columns
        empty = ("", "", "", None, None, "", "", "")
        return Row(number, line, self._file, *empty, columns, tuple(cells), (), refusal)


def _first(cells: list[str], positions: tuple[int, ...]) -> str:
    """The first of these cells that holds anything."""
    found = (cells[at] for at in positions if 0 <= at < len(cells) and cells[at].strip())
    return next(found, "")
