"""Whatever the bytes: the same table reads the same, and nothing but CsvFault is ever raised."""

import csv
import io
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.services.imports.reader.csv_file import Reader
from devices.services.imports.reader.limits import Limits
from devices.services.imports.reader.notes import CsvFault
from tests.devices.imports.shapes import FIVE, HASH, OTHER, PARTNER, lines, read

BASE = lines(FIVE, f'"S1",,{HASH},KIOSK,a@b.example', "", f"S2,,{OTHER[:80]}\n{OTHER[80:]},,")
CODECS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252")

value = (
    st.text(st.sampled_from("ABCxyz0189-_. ÄÖß,;'\""), max_size=12)
    .map(str.strip)
    .filter(lambda text: not text.startswith(("'", '"')) and not text.endswith('"'))
)
serial = st.from_regex(r"[A-Z0-9]{3,12}", fullmatch=True)
tables = st.lists(st.tuples(serial, value, st.sampled_from([HASH, OTHER]), value, value), min_size=1)


@given(
    tables,
    st.sampled_from(CODECS),
    st.sampled_from(",;\t|"),
    st.sampled_from(["\r\n", "\n", "\r"]),
    st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
)
@settings(deadline=None)
def test_a_clean_table_reads_the_same_in_every_format(
    table: list[tuple[str, ...]], codec: str, delimiter: str, newline: str, quoting: int
) -> None:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator=newline, quoting=quoting)
    writer.writerows([FIVE.split(","), *table])
    rows = read(text.getvalue().encode(codec))
    assert [(row.serial, row.hardware_hash) for row in rows] == [(line[0], line[2]) for line in table]
    assert [(row.product_key_id, row.group_tag or "", row.assigned_user or "") for row in rows] == [
        (line[1], line[3], line[4]) for line in table
    ]


def fault_of(reader: Reader) -> CsvFault | None:
    """What ends the file, after all its rows; each row's cells stay small together."""
    try:
        assert all(sum(map(len, row.cells)) < 200_000 for row in reader)
    except CsvFault as fault:
        return fault
    return None


def survive(data: bytes) -> None:
    fault = fault_of(Reader(io.BytesIO(data), limits=Limits(rows=200)))
    assert fault is None or (fault.code and str(fault))


@given(st.binary(max_size=3000))
@settings(deadline=None)
def test_random_bytes_never_break_the_reader(data: bytes) -> None:
    survive(data)


@given(st.binary(max_size=2000), st.sampled_from(CODECS))
@settings(deadline=None)
def test_random_bytes_under_a_header_never_break_the_reader(data: bytes, codec: str) -> None:
    survive(lines(FIVE).encode(codec) + data)


pieces = st.one_of(
    st.sampled_from(['"', ",", ";", "\n", "\r", "\0", "\ufeff", "<Key>", "</Key>", FIVE, PARTNER, HASH]),
    st.sampled_from(["SAMPLE EXPLAINED", "T0E", "…", "'=", '="1"', "\x1a", "A", "#TYPE x", "sep=;"]),
    st.text(max_size=5),
)


@given(st.lists(pieces, max_size=40), st.sampled_from(CODECS[:5]))
@settings(deadline=None)
def test_any_mixture_of_known_pieces_never_breaks_the_reader(parts: list[str], codec: str) -> None:
    survive("".join(parts).encode(codec, "replace"))


@given(st.lists(st.tuples(st.integers(0, 2**16), st.binary(max_size=4), st.integers(0, 40))))
@settings(deadline=None)
def test_damaged_files_never_break_the_reader(cuts: list[tuple[int, bytes, int]]) -> None:
    for codec in ("utf-8", "utf-16"):
        data = BASE.encode(codec)
        for place, new, removed in cuts:
            at = place % (len(data) + 1)
            data = data[:at] + new + data[at + removed :]
        survive(data)


class Endless(io.RawIOBase):
    """A stream that repeats a piece up to a size, without holding it."""

    def __init__(self, piece: bytes, size: int, start: bytes = b"") -> None:
        self._piece, self._left, self._start = piece, size, start

    def read(self, size: int = -1) -> bytes:
        data, self._start = self._start, b""
        if not data and self._left > 0:
            data = (self._piece * (size // len(self._piece) + 1))[:size]
            self._left -= len(data)
        return data


@pytest.mark.parametrize("start", [b"", lines(FIVE).encode()], ids=["bare", "under-a-header"])
@pytest.mark.parametrize("piece", [b"A", b"\0", b'"', b",", b'"\n",', b"\xff", "😀".encode(), b"\r\n"])
def test_memory_stays_flat_on_a_hostile_file(piece: bytes, start: bytes) -> None:
    tracemalloc.start()
    try:
        rows = Reader(Endless(piece, 20_000_000, start), limits=Limits(lines=100_000, rows=100_000))
        fault_of(rows)
        assert tracemalloc.get_traced_memory()[1] < 16_000_000
    finally:
        tracemalloc.stop()
