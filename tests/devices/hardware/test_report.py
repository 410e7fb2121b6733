"""The report of a hash: every field, as JSON-able values and as text."""

import json
from dataclasses import fields, replace

from hypothesis import given

from devices.hardware.identity import HardwareIdentity
from devices.hardware.parts import Chassis, LicensingHwid, Locale, RawRecord
from devices.hardware.report import as_dict, as_text
from devices.hardware.synthetic import machine
from tests.devices.hardware.devices_at_random import identities

FULL = replace(
    machine(seed=1, hybrid=True, serial="TEST-REPORT"),
    locale=Locale("en-GB", "en-GB", "GMT Standard Time", "en-GB", "00000809"),
    licensing_hwid=LicensingHwid((0,) * 10, (1, 2)),
    raw=(RawRecord(99, b"\x01\x02"),),
)


def test_every_field_of_a_hash_is_in_the_report():
    report = as_dict(FULL)
    assert {field.name for field in fields(HardwareIdentity)} <= set(report)
    assert all(report[field.name] is not None for field in fields(HardwareIdentity))


def test_values_are_written_as_windows_writes_them():
    report = as_dict(FULL)
    assert report["capture"]["tool_version"] == "10.0.26100.7705"
    assert report["capture"]["generated_at"].endswith("Z")
    assert report["smbios_uuid"] == str(FULL.smbios_uuid).upper()
    assert report["nics"][0]["mac"].startswith("00:00:5E:")
    assert report["disks"][0]["bus_name"] == "NVMe"
    assert report["raw"] == [{"type": 99, "value": "0102"}]


def test_every_chassis_of_the_smbios_standard_has_a_name():
    names = [Chassis(kind, 0, 0, 0, 0).chassis_name for kind in range(1, 37)]
    assert not any("(" in name for name in names)
    assert Chassis(99, 0, 0, 0, 0).chassis_name == "unknown (99)"


def test_the_text_names_units_and_what_is_absent():
    text = as_text(machine(seed=1))
    assert "Installed (GiB): " in text
    assert "NIC 2:" in text
    assert text.splitlines()[-1] == "Not in this hash: Core classes, Locale, Licensing HWID, Raw, Order"


@given(identities())
def test_any_hash_can_be_reported(identity: HardwareIdentity):
    assert json.loads(json.dumps(as_dict(identity), ensure_ascii=False).encode())
    assert as_text(identity).isprintable() or "\n" in as_text(identity)
