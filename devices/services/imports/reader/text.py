"""Bytes to text, whatever the encoding, also where it changes in the middle of glued files.

UTF-8 and UTF-16 of either byte order, with and without a byte order mark, and Windows-1252.
"""

import re
from collections.abc import Iterator
from typing import BinaryIO

from django.utils.translation import gettext as _

from .notes import CsvFault, Notices
from .signatures import refuse_foreign

CHUNK = 1 << 16
_KEPT = 64  # bytes held back, so that a change of encoding is never cut by the end of a chunk
_NARROW = "8-bit"
_WIDE_START = re.compile(
    rb"(?P<le_mark>\xff\xfe(?=[^\0]\0))|(?P<be_mark>\xfe\xff(?=\0[^\0]))"
    rb"|(?P<le>[\t -~]\0(?:[\t\n\r -~]\0){7})|(?P<be>(?:\0[\t\n\r -~]){8})"
)
_MARKS = re.compile(rb"\xff\xfe(?=[^\0]\0)|\xfe\xff(?=\0[^\0])")
_NARROW_START = re.compile(rb"\xef\xbb\xbf|[\t\n\r -~]{32}")


class Decoder:
    """Iterable pieces of text of one binary stream; counts the bytes in `size`.

    Raises CsvFault for an empty file, one over `max_bytes`, and one that is no text.
    """

    def __init__(self, stream: BinaryIO, *, max_bytes: int, notices: Notices) -> None:
        self.size = 0
        self._stream = stream
        self._max_bytes = max_bytes
        self._notices = notices
        self._mode = _NARROW

    def __iter__(self) -> Iterator[str]:
        buffer = self._opening()
        while True:
            chunk = self._read()
            buffer += chunk
            while True:
                text, buffer, changed = self._step(buffer, last=not chunk)
                if text:
                    yield text
                if not changed:
                    break
            if not chunk:
                return

    def _read(self) -> bytes:
        chunk = self._stream.read(CHUNK)
        self.size += len(chunk)
        if self.size > self._max_bytes:
            raise CsvFault(
                _("The files hold more than %(limit)d MB; split them.") % {"limit": self._max_bytes // 10**6},
                code="too_large",
                limit=self._max_bytes,
            )
        return chunk

    def _opening(self) -> bytes:
        start = self._read()
        if not start:
            raise CsvFault(_("The file is empty."), code="empty")
        refuse_foreign(start)
        if start.startswith((b"\xff\xfe", b"\xfe\xff")):
            self._mode = "utf-16-le" if start[0] == 0xFF else "utf-16-be"
            return start[2:]
        return start

    def _step(self, buffer: bytes, *, last: bool) -> tuple[str, bytes, bool]:
        """Text of what is certain, the bytes left over, and whether the encoding changed."""
        step = self._narrow if self._mode == _NARROW else self._wide
        return step(buffer, last=last)

    def _narrow(self, buffer: bytes, *, last: bool) -> tuple[str, bytes, bool]:
        found = _WIDE_START.search(buffer) if b"\0" in buffer.strip(b"\0") else None
        if found:
            kind = found.lastgroup or ""
            self._mode = "utf-16-le" if kind.startswith("le") else "utf-16-be"
            rest = buffer[found.end() if kind.endswith("mark") else found.start() :]
            self._note_change(found.start())
            return self._eight_bit(buffer[: found.start()]), rest, True
        end = len(buffer) if last else _safe_end(buffer, len(buffer) - _KEPT)
        return self._eight_bit(buffer[:end]), buffer[end:], False

    def _wide(self, buffer: bytes, *, last: bool) -> tuple[str, bytes, bool]:
        end = (len(buffer) if last else max(0, len(buffer) - _KEPT)) & ~1
        text = buffer[:end].decode(self._mode, "replace")
        if text.isascii():  # answered without a scan, so plain UTF-16 costs nothing extra
            return text, buffer[end:] if not last else b"", False
        return self._turn(buffer) or self._whole_pairs(buffer, end, last=last)

    def _turn(self, buffer: bytes) -> tuple[str, bytes, bool] | None:
        """The text up to where 16-bit text ends or goes on in another byte order or alignment."""
        codec, turns = self._mode, []
        if found := _NARROW_START.search(buffer):
            turns.append((found.start(), 0, _NARROW))
        for mark in _MARKS.finditer(buffer):
            other = "utf-16-le" if mark[0] == b"\xff\xfe" else "utf-16-be"
            if mark.start() % 2 or other != codec:
                turns.append((mark.start(), 2, other))
                break
        if not turns:
            return None
        start, skip, self._mode = min(turns)
        self._note_change(start)
        return buffer[: start & ~1].decode(codec, "replace"), buffer[start + skip :], True

    def _whole_pairs(self, buffer: bytes, end: int, *, last: bool) -> tuple[str, bytes, bool]:
        high = buffer[end - 1 : end] if self._mode == "utf-16-le" else buffer[end - 2 : end - 1]
        if not last and high and 0xD8 <= high[0] <= 0xDB:
            end -= 2
        text = buffer[:end].decode(self._mode, "replace")
        return text, buffer[end:] if not last else b"", False

    def _eight_bit(self, data: bytes) -> str:
        try:
            return data.decode()
        except UnicodeDecodeError:
            return "".join(map(self._utf8_or_ansi, data.splitlines(keepends=True)))

    def _utf8_or_ansi(self, line: bytes) -> str:
        try:
            return line.decode()
        except UnicodeDecodeError:
            self._notices.add(
                "ansi",
                _("Some text is neither UTF-8 nor UTF-16 and was read as Windows-1252 (ANSI)."),
                line=0,
            )
            return line.decode("cp1252", "replace")

    def _note_change(self, position: int) -> None:
        if position or self.size > CHUNK:
            self._notices.add(
                "encoding_changed",
                _("The text encoding changes within the file: several files were glued together."),
                line=0,
            )


def _safe_end(buffer: bytes, end: int) -> int:
    """At most `end`, after a line where possible, and never inside a UTF-8 sequence."""
    end = max(0, end)
    if buffer.isascii():
        return end
    newline = max(buffer.rfind(b"\n", 0, end), buffer.rfind(b"\r", 0, end)) + 1
    if newline or len(buffer) < 2 * CHUNK:
        return newline
    for _step in range(3):
        if buffer[end] & 0xC0 == 0x80:
            end -= 1
    return end
