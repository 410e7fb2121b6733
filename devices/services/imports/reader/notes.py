"""What the reader has to say: notes on rows, notices on files, and the fault that ends a file."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from portal.errors import Refused


class CsvFault(Refused):
    """The file as a whole cannot be read; the message says what it is and what to do instead."""

    code = "csv_fault"


@dataclass(frozen=True, slots=True)
class Note:
    """One thing repaired or refused on a row: a word for scripts and a sentence for people."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class FileNotice:
    """One kind of thing noticed in a file: where first (physical line), and how often."""

    code: str
    message: str
    line: int
    count: int = 1


class Notices:
    """The notices of one file, counted per code, so that their number stays small on any file."""

    def __init__(self) -> None:
        self._by_code: dict[str, FileNotice] = {}

    def add(self, code: str, message: str, *, line: int) -> None:
        """Count one more notice of this kind; the first one's words and line are kept."""
        known = self._by_code.get(code)
        self._by_code[code] = (
            replace(known, count=known.count + 1) if known else FileNotice(code, message, line)
        )

    def __iter__(self) -> Iterator[FileNotice]:
        return iter(self._by_code.values())

    def __len__(self) -> int:
        return len(self._by_code)
