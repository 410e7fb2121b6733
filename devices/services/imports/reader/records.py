"""Physical lines to the cells of one row: quotes, values over several lines, wrapped hashes."""

import csv
from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from .cells import FULL_HASH, begins_new_hash, is_base64, is_cut_short, looks_like_hash
from .headers import Header
from .limits import Limits
from .lines import Line
from .notes import Note

_MOST_LINES = 200  # of one value


class Records:
    """The lines of a file, with the power to look ahead a bounded way and to put lines back."""

    def __init__(self, lines: Iterable[Line], *, limits: Limits) -> None:
        self._lines = iter(lines)
        self._returned: list[Line] = []
        self._limits = limits

    def __iter__(self) -> Iterator[Line]:
        return self

    def __next__(self) -> Line:
        return self._returned.pop() if self._returned else next(self._lines)

    def put_back(self, *lines: Line) -> None:
        """Make these lines, in order, the next ones."""
        self._returned.extend(reversed(lines))

    def cells(self, line: Line, delimiter: str) -> tuple[list[str], Note | None]:
        """The cells of the row that starts with this line, and a note on repaired quotes."""
        if '"' not in line.text:
            return line.text.split(delimiter), None
        cells = self._quoted(line, delimiter)
        if cells is None:
            note = Note("half_quoted", _("A quotation mark without its pair was removed."))
            return line.text.replace('"', "").split(delimiter), note
        if len(cells) == 1 and delimiter in cells[0]:
            note = Note("row_quoted", _("The whole row was one quoted value; it was taken apart."))
            return cells[0].replace('"', "").split(delimiter), note
        return cells, None

    def _quoted(self, line: Line, delimiter: str) -> list[str] | None:
        """The cells read by the rules of quotes, or None when a quote is never closed."""
        source = _Quoted(line, self, delimiter, room=self._limits.line)
        try:
            cells = next(csv.reader(source, delimiter=delimiter, skipinitialspace=True))
        except csv.Error:
            cells = None
        if cells is None or source.is_open or any("\n" in cell and delimiter in cell for cell in cells):
            self.put_back(*source.taken)
            return None
        return cells

    def with_continuation(self, cells: list[str], header: Header) -> tuple[list[str], bool]:
        """The cells with the rest of a hash that goes on in the next lines, and whether it did."""
        went_on, at = False, header.at("hash")
        room = len(header.columns) - at if header.is_written else 3
        while 0 <= at == len(cells) - 1 and len(cells[at]) < min(FULL_HASH, self._limits.cell):
            following = next(self, None)
            if following is None:
                break
            parts = [] if following.is_cut else following.text.split(header.delimiter)
            if not parts or len(parts) > room or not _goes_on(cells[at].strip(), parts, at):
                self.put_back(following)
                break
            cells = [*cells[:at], cells[at].strip() + parts[0].strip(), *parts[1:]]
            went_on = True
        return cells, went_on


class _Quoted:
    """What the csv module reads one row from: the line, and more lines while a quote is open."""

    def __init__(self, line: Line, records: Records, delimiter: str, *, room: int) -> None:
        self.taken: list[Line] = []
        self.is_open = False
        self._first: str | None = line.text + "\n"
        self._records = records
        self._delimiter = delimiter
        self._room = room - len(line.text)

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self._first is not None:
            text, self._first = self._first, None
            return text
        line = next(self._records, None) if len(self.taken) < _MOST_LINES else None
        if line is not None:
            self.taken.append(line)
            self._room -= line.length
        if line is None or self._room < 0 or self._delimiter in line.text.split('"', 1)[0]:
            self.is_open = True
            raise StopIteration
        return line.text + "\n"


def _goes_on(text: str, parts: list[str], at: int) -> bool:
    """Whether a line, split into parts, carries on the hash whose text so far is given."""
    fragment = parts[0].strip()
    if not text:
        return looks_like_hash(fragment)
    if not looks_like_hash(text) or not is_base64(fragment) or begins_new_hash(fragment):
        return False
    if len(parts) > at > 0 and looks_like_hash(parts[at]):
        return False
    if not is_cut_short(text):  # only the zero padding can still follow
        return set(fragment) <= {"A", "="}
    whole = len(text) + len(fragment) == FULL_HASH
    return whole or len(parts) <= at or at == 0 or bool(parts[at].strip())
