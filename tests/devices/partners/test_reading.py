"""A partner's file: Partner Center's shape in any encoding, with or without hashes."""

import pytest
from django.core.files.base import ContentFile

from devices.services.imports.reader.notes import CsvFault
from devices.services.partners import reading
from tests.devices.partners.sending import machines, text_of

PARTNER_CENTER = "Device serial number,Windows product ID,Hardware hash,Manufacturer name,Device Model"


def read(*lines, most=1000, encoding="utf-8", header=PARTNER_CENTER):
    content = "\r\n".join((header, *lines)).encode(encoding)
    return reading.read([ContentFile(content, name="devices.csv")], most=most)[0]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_tuples_are_read_in_any_encoding(encoding):
    (line,) = read("S1,,,Contoso GmbH & Co,Meridian 14 G3", encoding=encoding)
    assert (line.serial, line.manufacturer, line.model) == ("S1", "Contoso GmbH & Co", "Meridian 14 G3")
    assert (line.refusal, line.hardware_hash) == ("", "")


def test_product_keys_and_hashes_stand_in_their_columns():
    (machine,) = machines(1)
    key, hashed = read(",9999000000001,,,", f",,{text_of(machine)},,")
    assert key.product_key == "9999000000001"
    assert hashed.hardware_hash == text_of(machine)


def test_a_file_without_a_hash_column_is_a_partners_file_too():
    (line,) = read("S1,Contoso,Meridian", header="Serial Number,Manufacturer,Model")
    assert (line.serial, line.manufacturer, line.model) == ("S1", "Contoso", "Meridian")


def test_commas_in_unquoted_names_are_put_back():
    (line,) = read("VMware-56 4d,,,VMware, Inc.,VMware20,1")
    assert (line.manufacturer, line.model) == ("VMware, Inc.", "VMware20,1")


def test_the_templates_explanations_and_blank_rows_are_no_devices():
    lines = read("S1,,,Contoso,Meridian", ",,,,", "SAMPLE EXPLAINED,,,,", "Row one shows a tuple,,,,")
    assert [line.serial for line in lines] == ["S1"]


def test_a_serial_number_spoilt_by_excel_is_refused():
    (line,) = read("1.23E+12,,,Contoso,Meridian")
    assert "Excel" in line.refusal


def test_more_rows_than_the_channel_allows_are_told_with_the_limit():
    with pytest.raises(CsvFault, match="at most 2"):
        read(*(f"S{number},,,Contoso,Meridian" for number in range(3)), most=2)


def test_a_file_without_header_is_told_the_header():
    with pytest.raises(CsvFault, match="Manufacturer name,Device model"):
        read("S2,,,Contoso,Meridian", header="S1,,,Contoso,Meridian")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04xl/", b"\x89PNG"])
def test_what_is_no_file_of_devices_is_refused(content):
    with pytest.raises(CsvFault):
        reading.read([ContentFile(content, name="x.csv")], most=10)
