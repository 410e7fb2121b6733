"""Headers: any name, case, order and delimiter; none; repeated; files that are something else."""

import pytest

from devices.services.imports.reader.notes import CsvFault
from tests.devices.imports.shapes import (
    FIVE,
    HASH,
    OTHER,
    PARTNER,
    THREE,
    lines,
    notices,
    read,
    read_one,
    refusal,
    serials,
)

SCREEN_TABLE = """
Device Serial Number Windows Product ID Hardware Hash
-------------------- ------------------ -------------
TEST-1                                  T0FBAQEAHAAAAAoA...
"""
SCREEN_LIST = f"""
Device Serial Number : TEST-1
Windows Product ID   :
Hardware Hash        : {HASH[:57]}
                       {HASH[57:114]}
"""


@pytest.mark.parametrize(
    "header",
    [
        THREE,
        THREE.lower(),
        "SERIALNUMBER,ProductKey,HardwareHash",
        "Serialnumber, Product ID , hardwareIdentifier",
        '"Device Serial Number","Windows Product ID","Hardware Hash"',
        "Device  Serial Number,Windows Product ID,Hardware Hash,,,",
    ],
)
def test_any_spelling_of_the_header_is_understood(header: str) -> None:
    row = read_one(lines(header, f"S1,PK,{HASH}"))
    assert (row.serial, row.product_key_id, row.hardware_hash) == ("S1", "PK", HASH)


@pytest.mark.parametrize("name", ["Group Tag", "groupTag", "OrderID", "GROUP TAG"])
def test_the_group_tag_has_many_names(name: str) -> None:
    assert read_one(lines(f"{THREE},{name}", f"S1,,{HASH},KIOSK")).group_tag == "KIOSK"


@pytest.mark.parametrize(
    ("order_id", "tag", "expected"), [("", "NEW", "NEW"), ("OLD", "", "OLD"), ("OLD", "NEW", "NEW")]
)
@pytest.mark.parametrize("is_older_first", [True, False])
def test_an_order_id_counts_where_the_group_tag_is_empty(
    order_id: str, tag: str, expected: str, is_older_first: bool
) -> None:
    columns = [("OrderID", order_id), ("Group Tag", tag)]
    if not is_older_first:
        columns.reverse()
    names, values = zip(*columns, strict=True)
    row = read_one(lines(f"{THREE},{','.join(names)}", f"S1,,{HASH},{','.join(values)}"))
    assert (row.group_tag, row.refusal) == (expected, None)


@pytest.mark.parametrize("name", ["Assigned User", "assignedUserPrincipalName", "UPN", "User"])
def test_the_user_has_many_names(name: str) -> None:
    assert read_one(lines(f"{THREE},{name}", f"S1,,{HASH},a@b.example")).assigned_user == ("a@b.example")


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_other_delimiters_are_found_by_the_header(delimiter: str) -> None:
    text = lines(FIVE, f"S1,,{HASH},KIOSK,a@b.example").replace(",", delimiter)
    assert read_one(text).group_tag == "KIOSK"


def test_reordered_and_extra_columns_are_understood() -> None:
    row = read_one(lines("Colour,Hardware Hash,Purchase order,Serial", f"red,{HASH},PO7,S1"))
    assert (row.serial, row.purchase_order, row.hardware_hash) == ("S1", "PO7", HASH)
    assert (row.columns[0], row.cells[0]) == ("Colour", "red")


def test_cipp_names_are_understood() -> None:
    header = "SerialNumber,oemManufacturerName,modelName,productKey,hardwareHash,groupTag"
    row = read_one(lines(header, f"S1,Contoso,Model X,PK,{HASH},KIOSK"))
    assert (row.manufacturer, row.model, row.group_tag) == ("Contoso", "Model X", "KIOSK")


def test_a_repeated_header_in_another_order_is_honoured_from_there() -> None:
    text = lines(THREE, f"S1,,{HASH}", "Group Tag;Hardware Hash;Serial", f"T;{OTHER};S2")
    first, second = read(text)
    assert (second.serial, second.group_tag, second.number, second.line) == ("S2", "T", 2, 4)
    assert first.columns != second.columns
    assert notices(text) == {"header_repeated": 1}


@pytest.mark.parametrize(
    "sample", ["<SERIAL>,,<HASH>,<TAG>,<UPN>", "SERIAL,,<HASH>,,", "[serial],[pkid],{hash},,"]
)
def test_a_row_of_placeholders_is_no_header(sample: str) -> None:
    placeholder, row = read(lines(FIVE, sample, f"S1,,{HASH},KIOSK,ann@contoso.example"))
    assert refusal(placeholder) == "hash_placeholder"
    assert (row.group_tag, row.assigned_user) == ("KIOSK", "ann@contoso.example")


@pytest.mark.parametrize(
    ("line", "tag", "user"),
    [
        (f"S1,PK,{HASH}", None, None),
        (f"S1,PK,{HASH},KIOSK", "KIOSK", None),
        (f"S1,PK,{HASH},KIOSK,a@b.example", "KIOSK", "a@b.example"),
        (f"S1,PK,{HASH},a@b.example", None, "a@b.example"),
        (f"S1,Contoso,Model X,PK,{HASH},KIOSK", "KIOSK", None),
    ],
)
def test_rows_without_a_header_are_known_by_their_shape(line: str, tag: str | None, user: str | None) -> None:
    row = read_one(lines(line))
    assert (row.serial, row.product_key_id, row.hardware_hash) == ("S1", "PK", HASH)
    assert (row.group_tag, row.assigned_user) == (tag, user)


def test_a_bare_hash_is_a_row() -> None:
    assert read_one(lines(HASH)).hardware_hash == HASH


def test_lines_before_the_header_are_skipped_with_a_notice() -> None:
    text = lines("Delivery 4711", "", "sep=,", "#TYPE System.Object", THREE, f"S1,,{HASH}")
    assert notices(text) == {"preamble": 1}


def test_blank_rows_are_skipped_and_counted() -> None:
    text = lines(FIVE, "", f"S1,,{HASH},,", ",,,,", '"","","","",""', f"S2,,{OTHER},,")
    assert serials(read(text)) == ["S1", "S2"]
    assert notices(text) == {"blank_rows": 3}


def test_the_explanations_of_the_partner_template_are_skipped() -> None:
    text = lines(
        PARTNER,
        f"S1,,{HASH},Contoso,Model X",
        ",,,,",
        "SAMPLE EXPLAINED,,,,",
        '"Row 2: serial, maker, model",,,,',
        f"S2,,{OTHER},Contoso,Model X",
    )
    assert serials(read(text)) == ["S1", "S2"]
    assert notices(text)["sample_block"] == 2


EXPORT = "Serial number,Manufacturer,Model,Group tag,Profile status,Purchase order"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"\r\n,,,\r\n", "empty"),
        (b"\x89PNG\r\n\x1a\n....", "picture"),
        (b"PK\x03\x04....[Content_Types].xml", "excel"),
        (b"PK\x03\x04....readme.txt", "archive"),
        (b"%PDF-1.7", "pdf"),
        (b"MSCF....", "cabinet"),
        (b"<!DOCTYPE html><html>", "web_page"),
        (b'{"value": []}', "json"),
        (SCREEN_TABLE.encode(), "screen_output"),
        (SCREEN_LIST.encode(), "screen_output"),
        (lines(EXPORT, '"S1","Contoso","X","","Assigned",""').encode(), "intune_export"),
        (b"Device name,Manufacturer,Model,Startup score\r\nA,B,C,9\r\n", "analytics_export"),
        (b"Serial,Manufacturer,Model\r\nS1,Contoso,X\r\n", "no_hash_column"),
        (b"Contoso,Model X,S1\r\nContoso,Model X,S2\r\n", "corporate_identifiers"),
        (b"a,b\r\nc,d\r\n", "no_header"),
        (THREE.encode(), "no_rows"),
        (("Hardware Hash," + "a," * 10_000 + "\r\n").encode(), "too_many_columns"),
    ],
)
def test_a_file_that_is_something_else_is_explained(content: bytes, code: str) -> None:
    with pytest.raises(CsvFault) as fault:
        read(content)
    assert fault.value.code == code
