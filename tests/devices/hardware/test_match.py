"""Two hashes: the same machine, a different one, or a replaced board, and why."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given

from devices.hardware.identity import SENTINEL, HardwareIdentity
from devices.hardware.match import Verdict, match
from devices.hardware.parts import DiskSerial, OfflineDeviceId
from devices.hardware.synthetic import machine, recapture
from tests.devices.hardware.devices_at_random import identities

KNOWN = machine(seed=1, captured_at=datetime(2026, 3, 1, tzinfo=UTC))
LATER = datetime(2026, 3, 4, tzinfo=UTC)


def reasons(known: HardwareIdentity, candidate: HardwareIdentity) -> list[str]:
    return [reason.text for reason in match(known, candidate).reasons]


SAME = {
    "nothing": {},
    "another disk": {"new_disk": 7},
    "more memory": {"new_memory_gib": 128},
    "another adapter": {"new_nic": 7},
    "a dock": {"docked": True},
    "Windows PE": {"from_winpe": True},
    "disk, memory and adapter": {"new_disk": 7, "new_memory_gib": 128, "new_nic": 7},
}


@pytest.mark.parametrize("changes", SAME.values(), ids=SAME.keys())
def test_a_repaired_machine_is_the_same(changes: dict):
    assert match(KNOWN, recapture(KNOWN, at=LATER, **changes)).verdict is Verdict.SAME


def test_another_board_under_the_same_serial_is_a_replaced_board():
    found = match(KNOWN, recapture(KNOWN, at=LATER, new_board=7))
    assert found.verdict is Verdict.REPLACED_BOARD
    texts = [str(reason) for reason in found.reasons]
    assert "TPM endorsement key differs" in texts
    assert "SMBIOS UUID differs" in texts
    assert "same manufacturer and serial number" in texts


def test_another_tpm_on_the_same_board_is_a_new_device():
    found = match(KNOWN, recapture(KNOWN, at=LATER, new_tpm=7))
    assert found.verdict is Verdict.REPLACED_TPM
    assert found.verdict.is_replacement
    texts = [str(reason) for reason in found.reasons]
    assert "TPM endorsement key differs" in texts
    assert "same SMBIOS UUID" in texts


def test_another_board_without_a_tpm_is_a_replaced_board():
    known = machine(seed=2, tpm=False)
    assert match(known, recapture(known, at=LATER, new_board=7)).verdict is Verdict.REPLACED_BOARD


def test_a_board_whose_firmware_was_left_blank_is_not_recognised():
    blank = replace(recapture(KNOWN, at=LATER, new_board=7), system_serial=SENTINEL)
    assert match(KNOWN, blank).verdict is Verdict.DIFFERENT


def test_a_disk_moved_into_another_machine_makes_it_no_less_different():
    other = replace(
        machine(seed=2, manufacturer=KNOWN.manufacturer, model=KNOWN.model),
        disks=KNOWN.disks,
        disk_serials=KNOWN.disk_serials,
        disk_ssn_kernel=KNOWN.disk_ssn_kernel,
    )
    assert match(KNOWN, other).verdict is Verdict.DIFFERENT


def test_two_machines_of_one_model_are_different():
    other = machine(seed=2, manufacturer=KNOWN.manufacturer, model=KNOWN.model)
    found = match(KNOWN, other)
    assert (found.verdict, found.score) == (Verdict.DIFFERENT, 0)


def test_two_emulated_machines_that_share_serial_disk_and_model_are_different():
    shared = {
        "system_serial": SENTINEL,
        "system_manufacturer": "QEMU",
        "product_name": "Standard PC (Q35 + ICH9, 2009)",
        "disk_serials": (DiskSerial("QM00001", "QEMU HARDDISK", ""),),
        "disk_ssn_kernel": DiskSerial("QM00001", "QEMU HARDDISK", ""),
    }
    first = HardwareIdentity(
        **shared, smbios_uuid=UUID(int=1 << 90), offline_device_id=OfflineDeviceId(0, 0x103, b"a" * 32)
    )
    second = HardwareIdentity(
        **shared, smbios_uuid=UUID(int=5 << 90), offline_device_id=OfflineDeviceId(0, 0x103, b"b" * 32)
    )
    assert match(first, second).verdict is Verdict.DIFFERENT


def test_the_endorsement_key_decides_over_everything_else():
    other = replace(machine(seed=2), ek_pub=KNOWN.ek_pub, offline_device_id=KNOWN.offline_device_id)
    assert match(KNOWN, other).verdict is Verdict.SAME


def test_a_uuid_shared_by_mistake_does_not_join_two_machines():
    other = replace(machine(seed=2), smbios_uuid=KNOWN.smbios_uuid)
    assert match(KNOWN, other).verdict is Verdict.DIFFERENT


def test_a_uuid_shared_by_machines_without_tpm_does_not_join_them_when_nothing_else_agrees():
    known, other = machine(seed=2, tpm=False), machine(seed=3, tpm=False)
    assert match(known, replace(other, smbios_uuid=known.smbios_uuid)).verdict is Verdict.DIFFERENT


def test_a_serial_rewritten_on_the_same_board_is_the_same_machine():
    known = machine(seed=2, tpm=False)
    assert match(known, replace(known, system_serial="TEST-REWRITTEN")).verdict is Verdict.SAME


def test_two_machines_known_by_different_kinds_are_not_joined_by_an_adapter_and_a_disk():
    shared = {"nics": KNOWN.nics, "disk_serials": KNOWN.disk_serials}
    by_serial, by_key = bare(system_serial="T1", **shared), bare(product_key_id="9999000000001", **shared)
    assert match(by_serial, by_key).verdict is Verdict.DIFFERENT


def test_an_absent_field_is_not_a_different_one():
    minimal = HardwareIdentity(
        smbios_uuid=KNOWN.smbios_uuid,
        system_serial=KNOWN.system_serial,
        system_manufacturer=KNOWN.system_manufacturer,
    )
    found = match(KNOWN, minimal)
    assert found.verdict is Verdict.SAME
    assert all(reason.agrees for reason in found.reasons)


def bare(**fields: object) -> HardwareIdentity:
    return HardwareIdentity(system_manufacturer="Contoso", product_name="Model X", **fields)


def test_a_serial_alone_makes_the_same_machine_where_nothing_contradicts():
    assert match(bare(system_serial="T1"), bare(system_serial="t1")).verdict is Verdict.SAME


def test_another_serial_without_stronger_evidence_is_another_machine():
    assert match(bare(system_serial="T1"), bare(system_serial="T2")).verdict is Verdict.DIFFERENT


def test_the_same_serial_with_another_product_key_is_a_replaced_board():
    known = bare(system_serial="T1", product_key_id="9999000000001")
    other = bare(system_serial="T1", product_key_id="9999000000002")
    assert match(known, other).verdict is Verdict.REPLACED_BOARD


def test_a_product_key_alone_is_enough_and_a_disk_alone_is_not():
    key = {"product_key_id": "9999000000001"}
    disk = {"disk_serials": (DiskSerial("D1", "Disk", ""),)}
    assert match(bare(**key), bare(**key)).verdict is Verdict.SAME
    assert match(bare(**disk), bare(**disk)).verdict is Verdict.DIFFERENT


def test_an_adapter_needs_the_disk_and_the_model_beside_it():
    adapter, disk = {"nics": KNOWN.nics}, {"disk_serials": KNOWN.disk_serials}
    assert match(bare(**adapter), bare(**adapter)).verdict is Verdict.DIFFERENT
    assert match(bare(**adapter, **disk), bare(**adapter, **disk)).verdict is Verdict.SAME


def test_the_reasons_read_like_sentences_and_say_how_much_later():
    texts = reasons(KNOWN, recapture(KNOWN, at=LATER, new_disk=7))
    assert "same TPM endorsement key" in texts
    assert "disk differs" in texts
    assert "captured 3 days later" in texts


@pytest.mark.parametrize(
    ("passed", "text"),
    [
        (timedelta(0), "captured at the same second"),
        (timedelta(seconds=1), "captured 1 second later"),
        (timedelta(minutes=-5), "captured 5 minutes earlier"),
        (timedelta(hours=30), "captured 1 day later"),
    ],
)
def test_the_time_between_two_captures_is_said(passed: timedelta, text: str):
    assert text in reasons(KNOWN, recapture(KNOWN, at=datetime(2026, 3, 1, tzinfo=UTC) + passed))


def test_nothing_to_compare_is_said():
    found = match(HardwareIdentity(), HardwareIdentity())
    assert found.verdict is Verdict.DIFFERENT
    assert found.reasons[0].text == "no endorsement key, UUID or serial number to compare"


@given(identities(), identities())
def test_the_verdict_is_the_same_either_way_round(first: HardwareIdentity, second: HardwareIdentity):
    there, back = match(first, second), match(second, first)
    assert (there.verdict, there.score) == (back.verdict, back.score)
    assert 0 <= there.score <= 100
