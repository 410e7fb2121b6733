"""The repair table of the registration documentation, row by row, on the pure match.

Rows marked unsupported or untested there carry our own ruling (design, identity).
"""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from devices.hardware.identity import SENTINEL, HardwareIdentity
from devices.hardware.match import Verdict, match
from devices.hardware.parts import CpuCounts, Gpu, GpuName
from devices.hardware.synthetic import machine, recapture
from tests.devices.hardware.fleets import LATER, MODEL, with_disk_of

OWNER = machine(seed=1, captured_at=datetime(2026, 3, 1, tzinfo=UTC), **MODEL)
DONOR = machine(seed=2, **MODEL)
AGAIN = recapture(OWNER, at=LATER)
OTHER_BOARD = recapture(OWNER, at=LATER, new_board="spare")
ON_A_DONOR_BOARD = replace(with_disk_of(DONOR, OWNER), system_serial=OWNER.system_serial)

NOT_IN_A_HASH = (
    *("power supply", "card reader", "sound card", "expansion card", "microphone", "webcam", "fan"),
    "heat sink",
)
SAME = {
    "memory": recapture(OWNER, at=LATER, new_memory_gib=64),
    "graphics": replace(AGAIN, gpus=(Gpu(8 * 2**30, 0, 0, 0),), gpu_names=(GpuName("X", "Card"),)),
    **dict.fromkeys(NOT_IN_A_HASH, AGAIN),
    "CMOS battery, and the clock with it": recapture(OWNER, at=datetime(2001, 1, 1, tzinfo=UTC)),
    "disk from a machine that is not registered": recapture(OWNER, at=LATER, new_disk="spare"),
    "disk from another registered machine": with_disk_of(AGAIN, DONOR),
    "one network adapter": recapture(OWNER, at=LATER, new_nic="spare"),
    "Wi-Fi alone": replace(AGAIN, nics=AGAIN.nics[:1]),
    "Ethernet alone": replace(AGAIN, nics=AGAIN.nics[1:]),
    "daughterboard with an adapter on it": replace(AGAIN, nics=(AGAIN.nics[0], DONOR.nics[1])),
    "processor": replace(AGAIN, cpu=CpuCounts(9, 1, 4, 8, True), cpu_model="Contoso Core 9"),
    "reimaged": replace(AGAIN, locale=None, licensing_hwid=None, record_35=None),
    "docked and undocked": recapture(OWNER, at=LATER, docked=True),
    "captured in Windows PE": recapture(OWNER, at=LATER, from_winpe=True),
}
NEW_DEVICE = {
    "TPM": (recapture(OWNER, at=LATER, new_tpm="spare"), Verdict.REPLACED_TPM),
    "motherboard": (OTHER_BOARD, Verdict.REPLACED_BOARD),
    "motherboard, second adapter kept, TPM on": (
        replace(OTHER_BOARD, nics=(OTHER_BOARD.nics[0], OWNER.nics[1])),
        Verdict.REPLACED_BOARD,
    ),
    "motherboard and disk": (recapture(OTHER_BOARD, at=LATER, new_disk="spare"), Verdict.REPLACED_BOARD),
    "motherboard, captured in Windows PE": (
        recapture(OTHER_BOARD, at=LATER, from_winpe=True),
        Verdict.REPLACED_BOARD,
    ),
    "donor board with the serial written": (ON_A_DONOR_BOARD, Verdict.REPLACED_BOARD),
}
NOT_RECOGNISED = {
    "board without firmware information": replace(
        OTHER_BOARD, system_serial=SENTINEL, smbios_uuid=None, product_key_id=None
    ),
    "board without firmware information, second adapter kept": replace(
        OTHER_BOARD, system_serial=SENTINEL, nics=(OTHER_BOARD.nics[0], OWNER.nics[1])
    ),
    "another machine with the disk": with_disk_of(DONOR, OWNER),
    "another machine with an adapter and the disk": replace(with_disk_of(DONOR, OWNER), nics=OWNER.nics),
    "donor board with its own serial": with_disk_of(DONOR, OWNER),
}


@pytest.mark.parametrize("capture", SAME.values(), ids=SAME.keys())
def test_the_machine_is_the_same_device_after_a_change_of(capture: HardwareIdentity):
    assert match(OWNER, capture).verdict is Verdict.SAME


@pytest.mark.parametrize(("capture", "verdict"), NEW_DEVICE.values(), ids=NEW_DEVICE.keys())
def test_the_machine_is_a_new_device_after_a_change_of(capture: HardwareIdentity, verdict: Verdict):
    assert match(OWNER, capture).verdict is verdict


@pytest.mark.parametrize("capture", NOT_RECOGNISED.values(), ids=NOT_RECOGNISED.keys())
def test_the_machine_is_not_recognised_as(capture: HardwareIdentity):
    assert match(OWNER, capture).verdict is Verdict.DIFFERENT


@pytest.mark.parametrize("capture", SAME.values(), ids=SAME.keys())
def test_the_donor_does_not_become_the_machine_after_a_change_of(capture: HardwareIdentity):
    assert match(DONOR, capture).verdict is Verdict.DIFFERENT


def test_a_donor_board_is_still_the_donor_by_its_key():
    assert match(DONOR, ON_A_DONOR_BOARD).verdict is Verdict.SAME


def test_an_add_in_adapter_swapped_where_nothing_stronger_is_known_breaks_recognition():
    known = HardwareIdentity(
        system_manufacturer="Contoso",
        product_name="Model X",
        nics=OWNER.nics,
        disk_serials=OWNER.disk_serials,
    )
    assert match(known, known).verdict is Verdict.SAME
    assert match(known, replace(known, nics=DONOR.nics)).verdict is Verdict.DIFFERENT
