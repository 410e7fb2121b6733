"""Text to physical lines, each bounded: CRLF, LF, CR, and marks left where files were glued."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from django.utils.translation import gettext as _

from .headers import looks_like_header
from .limits import Limits
from .notes import CsvFault

_MARK = "\ufeff"
_END_OF_FILE = "\x1a"  # what `copy a+b` appends


class Line(NamedTuple):
    """A physical line; `length` is more than the text's when the line was too long to keep."""

    number: int
    text: str
    length: int

    @property
    def is_cut(self) -> bool:
        """Whether only the beginning was kept."""
        return self.length > len(self.text)


def split_lines(pieces: Iterable[str], *, limits: Limits) -> Iterator[Line]:
    """Every physical line of the text in order; at most `limits.line` characters are ever held.

    Raises CsvFault over `limits.lines` lines.
    """
    number, text, length = 1, "", 0
    for first, rest in _by_newline(pieces):
        if length < limits.line:
            text += first[: limits.line - length]
        length += len(first)
        if not rest:
            continue
        yield from _unglued(number, text, length)
        last = rest.pop()
        for line in rest:
            number += 1
            if _MARK in line or _END_OF_FILE in line:
                yield from _unglued(number, line, len(line))
            else:
                yield Line(number, line, len(line))
        number, text, length = number + 1, last, len(last)
        if number > limits.lines:
            raise CsvFault(
                _("The file has more than %(limit)d lines.") % {"limit": limits.lines},
                code="too_many_lines",
            )
    if length:
        yield from _unglued(number, text, length)


def _by_newline(pieces: Iterable[str]) -> Iterator[tuple[str, list[str]]]:
    held = ""
    for piece in pieces:
        piece = held + piece
        held = "\r" if piece.endswith("\r") else ""
        if held:
            piece = piece[:-1]
        if "\r" in piece:
            piece = piece.replace("\r\n", "\n").replace("\r", "\n")
        first, *rest = piece.split("\n")
        yield first, rest


def _unglued(number: int, text: str, length: int) -> Iterator[Line]:
    """A mark inside a line is where a file without a last newline was glued to the next one."""
    if length > len(text):
        yield Line(number, text, length)
        return
    before, *others = text.replace(_END_OF_FILE, "").split(_MARK)
    for part in others:
        if looks_like_header(part) or part.lstrip().startswith("<"):
            yield Line(number, before, len(before))
            before = part
        else:
            before += part
    yield Line(number, before, len(before))
