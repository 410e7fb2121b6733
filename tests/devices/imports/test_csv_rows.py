"""Rows: what is repaired, what is refused, and that damage to one row stays with that row."""

import pytest

from devices.services.imports.reader.limits import Limits
from devices.services.imports.reader.notes import CsvFault
from tests.devices.imports.shapes import (
    FIVE,
    HASH,
    OTHER,
    PARTNER,
    THREE,
    codes,
    lines,
    read,
    read_one,
    refusal,
    serials,
)


def test_a_clean_row_has_its_values_cells_and_place() -> None:
    row = read_one(lines(FIVE, f"S1,PK,{HASH},KIOSK,a@b.example"))
    assert (row.number, row.line, row.file) == (1, 2, "file.csv")
    assert row.cells == ("S1", "PK", HASH, "KIOSK", "a@b.example")
    assert (row.repairs, row.refusal) == ((), None)


def test_quoted_values_keep_their_commas_and_quotes() -> None:
    row = read_one(lines(PARTNER, f'"S1","","{HASH}","VMware, Inc.","24"" Model"'))
    assert (row.manufacturer, row.model) == ("VMware, Inc.", '24" Model')


def test_an_unquoted_comma_in_a_makers_name_is_put_right_by_the_hash() -> None:
    row = read_one(lines(PARTNER, f"S1,,{HASH},VMware, Inc.,VMware7,1"))
    assert (row.manufacturer, row.model) == ("VMware, Inc.", "VMware7,1")
    assert codes(row) == ["comma_in_value"]


def test_an_unquoted_comma_before_the_hash_is_put_right() -> None:
    header = "Serialnumber,Manufacturer,Model,Product ID,Hardware hash,Group Tag"
    row = read_one(lines(header, f"S1,VMware, Inc.,X,,{HASH},KIOSK"))
    assert (row.manufacturer, row.model, row.group_tag) == ("VMware, Inc.", "X", "KIOSK")


def test_an_ambiguous_comma_beside_a_tag_is_refused() -> None:
    row = read_one(lines(FIVE, f"S1,,{HASH},A,B,a@b.example"))
    assert refusal(row) == "too_many_values"


def test_a_missing_cell_before_the_hash_is_put_right() -> None:
    row = read_one(lines(FIVE, f"S1,{HASH},KIOSK"))
    assert (row.serial, row.product_key_id, row.group_tag) == ("S1", "", "KIOSK")
    assert codes(row) == ["cells_missing"]


def test_an_opening_quote_without_its_pair_does_not_swallow_the_next_row() -> None:
    rows = read(lines(THREE, f'"S1,,{HASH}', f'"S2,,{OTHER}', f"S3,,{HASH}"))
    assert serials(rows) == ["S1", "S2", "S3"]
    assert [codes(row) for row in rows] == [["half_quoted"], ["half_quoted"], []]


def test_rows_quoted_as_a_whole_are_taken_apart() -> None:
    row = read_one(lines(f'"{FIVE}"', f'"S1,,{HASH},KIOSK,"'))
    assert (row.serial, row.group_tag) == ("S1", "KIOSK")


def wrapped(text: str, width: int = 76) -> str:
    return "\r\n".join(text[start : start + width] for start in range(0, len(text), width))


@pytest.mark.parametrize("tail", ["", ",KIOSK", ",KIOSK,a@b.example"])
def test_a_hash_wrapped_over_lines_is_joined(tail: str) -> None:
    text = lines(FIVE, f"S1,,{wrapped(HASH)}{tail}", f"S2,,{OTHER},T2,")
    first, second = read(text)
    assert (first.hardware_hash, codes(first)) == (HASH, ["hash_wrapped"])
    assert first.group_tag == ("KIOSK" if tail else None)
    assert (second.serial, second.hardware_hash) == ("S2", OTHER)


def test_a_quoted_hash_wrapped_over_lines_is_joined() -> None:
    rows = read(lines(THREE, f'"S1","","{wrapped(HASH)}"', f'"S2","","{OTHER}"'))
    assert [row.hardware_hash for row in rows] == [HASH, OTHER]


def test_a_bare_hash_wrapped_over_lines_is_joined() -> None:
    rows = read(lines(wrapped(HASH), wrapped(OTHER)))
    assert [row.hardware_hash for row in rows] == [HASH, OTHER]


def test_blanks_inside_a_hash_are_removed() -> None:
    row = read_one(lines(THREE, f"S1,,{HASH[:90]} {HASH[90:]}\u200b "))
    assert (row.hardware_hash, codes(row)) == (HASH, ["hash_blanks"])


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (HASH[:100] + "…", "hash_truncated"),
        (HASH[:100] + "....", "hash_truncated"),
        ("T0F...", "hash_truncated"),
        ("<HASH>", "hash_placeholder"),
        ("hash", "hash_placeholder"),
        ("n/a", "not_a_hash"),
        ("", "no_hash"),
    ],
)
def test_text_that_is_no_hash_is_refused(text: str, code: str) -> None:
    assert refusal(read_one(lines(FIVE, f"S1,,{text},KIOSK,"))) == code


@pytest.mark.parametrize("serial", ["1.23E+12", "1,23E+12", "4E+09"])
def test_a_serial_that_excel_damaged_is_flagged(serial: str) -> None:
    row = read_one(lines(THREE.replace(",", ";"), f"{serial};;{HASH}"))
    assert (row.serial, codes(row)) == (serial, ["excel_serial"])


def test_a_serial_in_an_excel_formula_is_unwrapped() -> None:
    assert read_one(lines(THREE, f'="00123",,{HASH}')).serial == "00123"


def test_a_serial_may_be_empty_or_hold_blanks() -> None:
    rows = read(lines(THREE, f",,{HASH}", f"VMware-56 4d 1f ,,{OTHER}"))
    assert serials(rows) == ["", "VMware-56 4d 1f"]


def test_the_formula_guard_of_our_own_export_is_removed() -> None:
    row = read_one(lines(FIVE, f"'-S1,,{HASH},'=KIOSK,'@x"))
    assert (row.serial, row.group_tag, row.assigned_user) == ("-S1", "=KIOSK", "@x")


def test_a_huge_cell_refuses_its_row_alone() -> None:
    rows = read(lines(THREE, f"S1,,{'A' * 10_000_000}", f"S2,,{OTHER}"))
    assert [refusal(row) for row in rows] == ["row_too_long", None]
    assert max(map(len, rows[0].cells)) <= 200


def test_a_large_cell_refuses_its_row_alone() -> None:
    rows = read(lines(THREE, f"S1,,{'A' * 40_000}", f"S2,,{OTHER}"))
    assert [refusal(row) for row in rows] == ["cell_too_long", None]


def test_ten_thousand_cells_refuse_their_row_alone() -> None:
    rows = read(lines(THREE, "a," * 10_000, f"S2,,{OTHER}"))
    assert [refusal(row) for row in rows] == ["too_many_cells", None]


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        (Limits(rows=2), "too_many_rows"),
        (Limits(size=9000), "too_large"),
        (Limits(lines=3), "too_many_lines"),
    ],
)
def test_a_file_over_a_limit_is_refused(limits: Limits, code: str) -> None:
    text = lines(THREE, *(f"S{n},,{HASH}" for n in range(5)))
    with pytest.raises(CsvFault) as fault:
        read(text, limits)
    assert fault.value.code == code


def test_the_count_of_rows_is_named_when_there_are_too_many() -> None:
    with pytest.raises(CsvFault) as fault:
        read(lines(THREE, *(f"S{n},,{HASH}" for n in range(5))), Limits(rows=2))
    assert fault.value.context["rows"] == 5


def test_what_one_file_used_is_missing_for_the_next() -> None:
    assert Limits(rows=10, size=100).less(rows=4, size=120) == Limits(rows=6, size=0)
