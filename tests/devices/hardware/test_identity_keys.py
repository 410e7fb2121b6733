"""Which values recognise a machine again, and which never do."""

import hashlib
from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given

from devices.hardware.identity import (
    KINDS,
    HardwareIdentity,
    identity_keys,
    is_bogus_uuid,
    is_generic_serial,
)
from devices.hardware.parts import Disk, DiskSerial, Nic, OfflineDeviceId
from devices.hardware.synthetic import machine
from tests.devices.hardware.devices_at_random import identities

PLACEHOLDERS = (
    *("", " ", None, "None", "SMBIOS_STRING_INDEX_0", "Default string", "To be filled by O.E.M."),
    *("System Serial Number", "0123456789", "00000000", "XXXXXXX", "0000-0000", "N/A", "none "),
)
ONBOARD = bytes.fromhex("00005e1234ab")


def keys_of(kind: str, **fields: object) -> list[str]:
    return [key.value for key in identity_keys(HardwareIdentity(**fields)) if key.kind == kind]


def macs_of(mac: str = ONBOARD.hex(), *, bus: str = "PCI", medium: int = 14) -> list[str]:
    return keys_of("mac", nics=(Nic(medium, bytes.fromhex(mac), bus),))


def test_a_full_machine_has_every_kind_strongest_first():
    kinds = [kind for kind, _ in identity_keys(machine(seed=1))]
    assert list(dict.fromkeys(kinds)) == list(KINDS)


def test_the_endorsement_key_is_known_by_its_digest():
    key = bytes(range(256))
    assert keys_of("ek", ek_pub=key) == [hashlib.sha256(key).hexdigest()]


def test_the_device_id_stands_in_for_an_absent_endorsement_key():
    known = machine(seed=1)
    without = replace(known, ek_pub=None)
    assert identity_keys(without) == identity_keys(known)


@pytest.mark.parametrize(
    "fields",
    [
        {"offline_device_id": OfflineDeviceId(0, 0x0103, bytes(range(32)))},
        {"offline_device_id": OfflineDeviceId(0, 1, bytes(32))},
        {"offline_device_id": OfflineDeviceId(0, 1, b"short")},
        {"ek_pub": bytes(256)},
        {"ek_pub": b"\xff" * 256},
    ],
)
def test_a_seed_or_a_blank_key_is_no_endorsement_key(fields: dict[str, object]):
    assert keys_of("ek", **fields) == []


@pytest.mark.parametrize(
    "text",
    [
        "00000000-0000-0000-0000-000000000000",
        "ffffffff-ffff-ffff-ffff-ffffffffffff",
        "03000200-0400-0500-0006-000700080009",
    ],
)
def test_a_uuid_that_many_boards_share_is_bogus(text: str):
    assert is_bogus_uuid(UUID(text))
    assert keys_of("uuid", smbios_uuid=UUID(text)) == []


def test_a_uuid_is_written_as_windows_shows_it_in_lower_case():
    assert keys_of("uuid", smbios_uuid=UUID("4C4C4544-0031-3010-8035-B4C04F4E3132")) == [
        "4c4c4544-0031-3010-8035-b4c04f4e3132"
    ]


@pytest.mark.parametrize("serial", PLACEHOLDERS)
def test_a_placeholder_is_a_generic_serial_and_no_key(serial: str | None):
    assert is_generic_serial(serial)
    assert keys_of("manufacturer_serial", system_manufacturer="Contoso", system_serial=serial) == []


@pytest.mark.parametrize("serial", ["TEST-0001", "5CG1234567", "VMware-56 4d 11 22", "12"])
def test_a_real_serial_is_not_generic(serial: str):
    assert not is_generic_serial(serial)


def test_the_serial_counts_with_its_manufacturer_whatever_the_case_and_blanks():
    assert (
        keys_of("manufacturer_serial", system_manufacturer="Contoso ", system_serial="test-1")
        == keys_of("manufacturer_serial", system_manufacturer="CONTOSO", system_serial=" TEST-1")
        == ["CONTOSO|TEST-1"]
    )


def test_a_generic_manufacturer_makes_no_key():
    assert keys_of("manufacturer_serial", system_manufacturer="Default string", system_serial="T1") == []


@pytest.mark.parametrize(("text", "found"), [("9999000000001", 1), ("0" * 13, 0), ("12345", 0), ("None", 0)])
def test_a_product_key_id_has_thirteen_digits(text: str, found: int):
    assert len(keys_of("product_key_id", product_key_id=text)) == found


def test_an_onboard_adapter_is_a_key():
    assert macs_of() == ["00005e1234ab"]
    assert macs_of(medium=1) == ["00005e1234ab"]


@pytest.mark.parametrize(
    "nic",
    [
        {"bus": "USB"},
        {"bus": "BTH", "medium": 10},
        {"bus": "VMBUS"},
        {"medium": 10},
        {"mac": "02005e1234ab"},
        {"mac": "01005e1234ab"},
        {"mac": "000000000000"},
        {"mac": "ffffffffffff"},
        {"mac": "00155d123456"},
        {"mac": "000c29123456"},
        {"mac": "080027123456"},
        {"mac": "525400123456"},
    ],
    ids=str,
)
def test_docks_radios_and_made_up_addresses_are_no_keys(nic: dict):
    assert macs_of(**nic) == []


@pytest.mark.parametrize("serial", ["", " ", "QM00001", "QM00013", "VMware NVME_0000", "0000"])
def test_the_serial_of_an_emulated_disk_is_no_key(serial: str):
    assert keys_of("disk_serial", disk_serials=(DiskSerial(serial, "Model", ""),)) == []


def test_a_usb_stick_present_at_the_capture_is_no_key():
    stick, disk = DiskSerial("STICK", "Stick", ""), DiskSerial("D1", "Disk", "")
    found = keys_of(
        "disk_serial",
        disks=(Disk(64, 7, 0, 0), Disk(512, 17, 0, 1)),
        disk_serials=(stick, disk),
        disk_ssn_kernel=stick,
    )
    assert found == ["D1"]


def test_the_same_disk_counts_once():
    disk = DiskSerial("D1", "Disk", "")
    assert keys_of("disk_serial", disk_serials=(disk,), disk_ssn_kernel=disk) == ["D1"]


@given(identities())
def test_every_key_is_short_text_that_a_database_can_hold(identity: HardwareIdentity):
    for kind, value in identity_keys(identity):
        assert kind in KINDS
        assert 0 < len(value.encode()) <= 500
        assert len(value) <= 120
        assert value.isprintable() or not any(ord(letter) < 32 for letter in value)


@pytest.mark.parametrize("sentinel", ["SMBIOS_STRING_INDEX_0", "", " ", "None", None])
def test_a_sentinel_is_a_missing_value(sentinel: str | None):
    identity = HardwareIdentity(system_serial=sentinel, system_manufacturer=sentinel, product_name=sentinel)
    assert (identity.serial, identity.manufacturer, identity.model) == (None, None, None)
