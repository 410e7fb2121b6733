"""`OA3.xml` of the Windows ADK, alone, glued, and hostile."""

import pytest

from devices.services.imports.reader.notes import CsvFault
from tests.devices.imports.shapes import HASH, OTHER, THREE, lines, read, read_one, refusal

STATE = "<ProductKeyState>6</ProductKeyState>"


def key(text: str) -> str:
    return f"<Key>{STATE}<HardwareHash>{text}</HardwareHash></Key>"


@pytest.mark.parametrize("start", ["", '<?xml version="1.0"?>', '<?xml version="1.0"?>\r\n'])
def test_an_oa3_file_is_one_row(start: str) -> None:
    row = read_one(lines(start + key(HASH)))
    assert (row.serial, row.hardware_hash, row.refusal) == ("", HASH, None)


def test_an_oa3_file_gives_its_product_key_id() -> None:
    text = key(HASH).replace(STATE, "<ProductKeyID>3305300000123</ProductKeyID>")
    assert read_one(text).product_key_id == "3305300000123"


@pytest.mark.parametrize("between", ["", "\r\n", "\r\n\ufeff"])
def test_glued_oa3_files_are_a_row_each(between: str) -> None:
    assert [row.hardware_hash for row in read(key(HASH) + between + key(OTHER))] == [HASH, OTHER]


def test_an_indented_oa3_file_is_read() -> None:
    assert read_one(key(HASH).replace("><", ">\r\n  <")).hardware_hash == HASH


def test_an_oa3_file_in_utf_16_is_read() -> None:
    assert read_one(key(HASH).encode("utf-16")).hardware_hash == HASH


def test_an_oa3_file_may_follow_a_csv() -> None:
    rows = read(lines(THREE, f"S1,,{HASH}", key(OTHER)))
    assert [row.hardware_hash for row in rows] == [HASH, OTHER]


def test_an_oa3_file_without_a_hash_is_refused_as_a_row() -> None:
    assert refusal(read_one(f"<Key>{STATE}</Key>")) == "no_hash"


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE Key [<!ENTITY a "b">]>' + key("&a;"),
        "<Key><!ENTITY a 'b'><HardwareHash>x</HardwareHash></Key>",
        "<Devices><Device/></Devices>",
    ],
)
def test_other_xml_is_refused_unread(text: str) -> None:
    with pytest.raises(CsvFault) as fault:
        read(text)
    assert fault.value.code == "xml"
