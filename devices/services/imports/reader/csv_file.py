"""The reader: any CSV an admin has for Windows Autopilot, as a stream of rows in flat memory.

    reader = Reader(stream, name="hashes.csv", limits=Limits())
    for row in reader: …            # Row; row.refusal is None or says why it cannot be imported
    reader.notices                  # FileNotice per kind; complete when the rows are used up
    reader.rows, reader.size        # for Limits.less() before the next file of the same go

needs_hash=False reads the files of partners, which name a machine by other things as well. Raises
CsvFault, and nothing else, when the file as a whole is not what it should be.
"""

from collections.abc import Iterator
from typing import BinaryIO

from django.utils.translation import gettext as _

from . import oa3_xml
from .cells import looks_like_hash
from .headers import Header, glued_header_at, header_of, read_header
from .limits import Limits
from .lines import Line, split_lines
from .notes import CsvFault, FileNotice, Note, Notices
from .records import Records
from .row import Row, RowBuilder
from .shapes import (
    explain_missing_hash,
    explain_no_partner_header,
    explain_unrecognised,
    header_by_shape,
)
from .text import Decoder

_MOST_PREAMBLE = 20  # lines of prose before the header
_SHOWN = 200  # characters kept of a cell that is refused for its size
_BLANK = " ,;|\t\"'\0\u00a0\u3000"


class Reader:
    """The rows of one file, once, in order; see the module's docstring."""

    def __init__(
        self, stream: BinaryIO, *, name: str = "", limits: Limits | None = None, needs_hash: bool = True
    ) -> None:
        self.name = name
        self._needs_hash = needs_hash
        self.rows = 0
        self._limits = limits or Limits()
        self._notices = Notices()
        self._decoder = Decoder(stream, max_bytes=self._limits.size, notices=self._notices)
        lines = split_lines(self._decoder, limits=self._limits)
        self._records = Records(lines, limits=self._limits)
        self._in_prose = False

    @property
    def notices(self) -> tuple[FileNotice, ...]:
        """What was noticed so far about the file as a whole."""
        return tuple(self._notices)

    @property
    def size(self) -> int:
        """Bytes read so far."""
        return self._decoder.size

    def __iter__(self) -> Iterator[Row]:
        self._use(self._first_header())
        for line in self._records:
            text = line.text
            if not text.strip(_BLANK):
                if "\0" in text:
                    self._notice("nul_padding", _("Lines of NUL bytes were skipped."), line)
                else:
                    self._notice("blank_rows", _("Blank rows were skipped."), line)
            elif not self._is_no_row(line):
                if self.rows >= self._limits.rows:
                    raise self._too_many_rows()
                self.rows += 1
                yield self._row(line)
        if not self.rows:
            raise CsvFault(_("The file has a header but no rows."), code="no_rows")

    def _use(self, header: Header) -> None:
        self._header = header
        self._builder = RowBuilder(header, file=self.name, needs_hash=self._needs_hash)
        self._in_prose = False

    def _notice(self, code: str, message: str, line: Line) -> None:
        self._notices.add(code, message, line=line.number)

    # the beginning of the file

    def _first_header(self) -> Header:
        preamble: list[str] = []
        for line in self._records:
            if self._is_directive(line.text) or not line.text.strip(_BLANK):
                continue
            header = self._header_here(line)
            if header:
                if preamble:
                    self._notice("preamble", _("Lines before the header were skipped."), line)
                return header
            if not preamble:
                oa3_xml.refuse_other_xml(line.text)
            preamble.append(line.text[:4096])
            if len(preamble) == _MOST_PREAMBLE:
                break
        raise explain_unrecognised(preamble) if self._needs_hash else explain_no_partner_header(preamble)

    def _header_here(self, line: Line) -> Header | None:
        """The header that the line is, or that it implies; an implying line stays to be read."""
        header = read_header(line.text)
        if header:
            return self._checked(header, line)
        if oa3_xml.starts_key(line.text):
            header = header_of(oa3_xml.COLUMNS, delimiter=",")
        else:
            header = header_by_shape(line.text)
            if header:
                self._notice("no_header", _("The file has no header; its columns were recognized."), line)
        if header:
            self._records.put_back(line)
        return header

    def _checked(self, header: Header, line: Line) -> Header:
        if line.is_cut or len(header.columns) > self._limits.columns:
            raise CsvFault(
                _("The header has more than %(limit)d columns.") % {"limit": self._limits.columns},
                code="too_many_columns",
            )
        if header.at("hash") < 0 and self._needs_hash:
            raise explain_missing_hash(header)
        return header

    # lines that are no rows

    def _is_directive(self, text: str) -> bool:
        """`#TYPE …` of Export-Csv, `sep=;` of Excel, a lone XML declaration."""
        if len(text) > 200:
            return False
        start = text.lstrip(' "').lower()
        return start.startswith("#type ") or start[:4] == "sep=" or oa3_xml.is_declaration(text)

    def _is_no_row(self, line: Line) -> bool:
        """Whether a line between the rows is a directive, another header or prose; acts upon it."""
        text = line.text
        if len(text) > 2000:  # a hash
            self._in_prose = False
            return False
        if self._is_directive(text):
            return True
        header = read_header(text)
        if header and len(header.places) > 1 and len(header.columns) <= self._limits.columns:
            self._notice("header_repeated", _("The header is repeated: files were merged."), line)
            self._use(header)
            return True
        return self._is_prose(line)

    def _is_prose(self, line: Line) -> bool:
        """The block "SAMPLE EXPLAINED" of Partner Center's template, up to the next hash."""
        if "sample explained" in line.text.lower():
            self._in_prose = True
        elif self._in_prose:
            cells = line.text.split(self._header.delimiter)
            self._in_prose = not any(map(looks_like_hash, cells))
        if self._in_prose:
            self._notice(
                "sample_block",
                _("The explanations of Partner Center's template were skipped."),
                line,
            )
        return self._in_prose

    # rows

    def _row(self, line: Line) -> Row:
        refusal = self._refusal(line)
        if refusal:
            return self._refused(line, line.text.split(self._header.delimiter), refusal)
        if oa3_xml.starts_key(line.text):
            return self._oa3_row(line)
        repairs: list[Note] = []
        cells, mended = self._records.cells(line, self._header.delimiter)
        if mended:
            repairs.append(mended)
        cells = self._unglued(line, cells)
        cells, went_on = self._records.with_continuation(cells, self._header)
        if went_on:
            repairs.append(
                Note("hash_wrapped", _("The hardware hash went on in the next lines; it was joined."))
            )
        refusal = self._cells_refusal(cells)
        if refusal:
            return self._refused(line, cells, refusal)
        return self._builder.build(self.rows, line.number, cells, repairs)

    def _refusal(self, line: Line) -> Note | None:
        """Why a line is not taken apart at all."""
        if line.is_cut:
            message = _("The row has %(length)d characters; at most %(limit)d are read.")
            return Note("row_too_long", message % {"length": line.length, "limit": self._limits.line})
        if "\0" in line.text:
            return Note("nul_bytes", _("The row holds NUL bytes: the file is damaged here."))
        return None

    def _cells_refusal(self, cells: list[str]) -> Note | None:
        if len(cells) > self._limits.columns:
            message = _("The row has %(cells)d cells; at most %(limit)d are read.")
            return Note("too_many_cells", message % {"cells": len(cells), "limit": self._limits.columns})
        longest = max(map(len, cells))
        if longest > self._limits.cell:
            message = _("A cell has %(length)d characters; at most %(limit)d are read.")
            return Note("cell_too_long", message % {"length": longest, "limit": self._limits.cell})
        return None

    def _refused(self, line: Line, cells: list[str], refusal: Note) -> Row:
        kept = [cell[:_SHOWN].replace("\0", "\ufffd") for cell in cells[: self._limits.columns]]
        return self._builder.refused(self.rows, line.number, kept, refusal)

    def _oa3_row(self, line: Line) -> Row:
        cells = list(oa3_xml.read_key(line, self._records))
        header = header_of(oa3_xml.COLUMNS, delimiter=",")
        builder = RowBuilder(header, file=self.name) if header else self._builder
        return builder.build(self.rows, line.number, cells, [])

    def _unglued(self, line: Line, cells: list[str]) -> list[str]:
        """The cells up to a header that was glued to the row for want of a newline."""
        if len(cells) <= len(self._header.columns) or (start := glued_header_at(line.text)) < 0:
            return cells
        rest = line.text[start:]
        self._records.put_back(Line(line.number, rest, len(rest)))
        return line.text[:start].split(self._header.delimiter)

    def _too_many_rows(self) -> CsvFault:
        """The fault that names how many rows there are; the rest is counted, not read."""
        rest = sum(1 for line in self._records if line.text.strip(_BLANK))
        return CsvFault(
            _("There are about %(rows)d rows; at most %(limit)d can be imported in one go. Split the file.")
            % {"rows": self.rows + rest + 1, "limit": self._limits.rows},
            code="too_many_rows",
            rows=self.rows + rest + 1,
        )
