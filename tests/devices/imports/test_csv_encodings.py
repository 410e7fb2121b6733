"""Bytes to text: every encoding and newline, and files glued with `copy a+b`."""

import pytest

from tests.devices.imports.shapes import (
    FIVE,
    HASH,
    OTHER,
    THREE,
    lines,
    notices,
    read,
    read_one,
    refusal,
    serials,
)

TEXT = lines(FIVE, f"S1,,{HASH},BÜRO,a@contoso.example", f"S2,,{OTHER},,")


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        b"\xef\xbb\xbf" + TEXT.encode(),
        b"\xff\xfe" + TEXT.encode("utf-16-le"),
        b"\xfe\xff" + TEXT.encode("utf-16-be"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-16-be"),
        TEXT.encode("cp1252"),
        TEXT.replace("\r\n", "\n").encode(),
        TEXT.replace("\r\n", "\r").encode(),
        TEXT.rstrip().encode(),
    ],
    ids=["utf8", "utf8-bom", "le-bom", "be-bom", "le", "be", "ansi", "lf", "cr", "no-last-newline"],
)
def test_a_file_reads_the_same_in_every_encoding(data: bytes) -> None:
    first, second = read(data)
    assert (first.serial, first.group_tag, first.hardware_hash) == ("S1", "BÜRO", HASH)
    assert (second.serial, second.group_tag, second.hardware_hash) == ("S2", None, OTHER)


A = lines(THREE, f"S1,,{HASH}")
B = lines(THREE, f"S2,,{OTHER}")


@pytest.mark.parametrize("first", ["utf-8", "utf-8-sig", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("second", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("end", [b"", b"\x1a"], ids=["clean", "ctrl-z"])
def test_glued_files_of_different_encodings_are_both_read(first: str, second: str, end: bytes) -> None:
    mark = b"" if first.startswith("utf-8") else "\ufeff".encode(first)
    if {first, second} == {"utf-16-le", "utf-16-be"}:
        second = "utf-16"  # no tool writes the rarer order without a mark
    rows = read(mark + A.encode(first) + B.encode(second) + end)
    assert serials(rows) == ["S1", "S2"]
    assert [row.refusal for row in rows] == [None, None]


@pytest.mark.parametrize("order", ["le", "be"])
def test_glued_utf_16_files_with_marks_are_both_read(order: str) -> None:
    one = ("\ufeff" + A).encode("utf-16-le")
    two = ("\ufeff" + B).encode(f"utf-16-{order}")
    assert serials(read(one + b"\x1a" + two)) == ["S1", "S2"]


def test_glued_files_without_a_last_newline_are_told_apart() -> None:
    assert serials(read(A.rstrip() + B)) == ["S1", "S2"]


def test_a_mark_in_the_middle_of_a_line_ends_the_row() -> None:
    rows = read(A.rstrip().encode() + b"\xef\xbb\xbf" + B.encode())
    assert [row.hardware_hash for row in rows] == [HASH, OTHER]


def test_ansi_text_is_noticed() -> None:
    assert notices(TEXT.encode("cp1252"))["ansi"] == 1


def test_a_change_of_encoding_is_noticed() -> None:
    assert "encoding_changed" in notices(A.encode() + B.encode("utf-16"))


def test_nul_bytes_refuse_their_row_alone() -> None:
    rows = read(lines(THREE, f"S1\0\0,,{HASH}", f"S2,,{OTHER}"))
    assert [refusal(row) for row in rows] == ["nul_bytes", None]


def test_nul_padding_after_a_crash_is_skipped() -> None:
    assert read_one(A.encode() + b"\0" * 5000).serial == "S1"


def test_text_across_chunk_borders_is_whole() -> None:
    tagged = [f"S{n},,{HASH},Ü😀{n}," for n in range(120)]
    for codec in ("utf-8", "utf-16-le", "utf-16-be"):
        rows = read(("\ufeff" + lines(FIVE, *tagged)).encode(codec))
        assert [row.group_tag for row in rows] == [f"Ü😀{n}" for n in range(120)]
