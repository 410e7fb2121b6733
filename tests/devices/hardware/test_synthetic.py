"""Made-up machines: reproducible, distinct, and never anybody's."""

from datetime import UTC, datetime

import pytest

from devices.hardware.decode import decode
from devices.hardware.encode import encode, encode_base64
from devices.hardware.identity import DECISIVE_KINDS, identity_keys
from devices.hardware.synthetic import MODELS, machine, recapture

AT = datetime(2026, 6, 1, 12, 30, tzinfo=UTC)


@pytest.mark.parametrize("seed", [1, 0, "a word", -5, 2**40])
def test_a_seed_always_gives_the_same_machine(seed: int | str):
    assert machine(seed=seed) == machine(seed=seed)
    assert decode(encode(machine(seed=seed))) == machine(seed=seed)


def test_two_thousand_machines_share_no_serial_no_address_and_no_decisive_key():
    machines = [machine(seed=number) for number in range(2000)]
    assert len({each.serial for each in machines}) == 2000
    assert len({nic.mac for each in machines for nic in each.nics}) == 4000
    decisive = [key for each in machines for key in identity_keys(each) if key.kind in DECISIVE_KINDS]
    assert len(set(decisive)) == 4000


def test_everything_is_reserved_or_invented():
    for number in range(50):
        made = machine(seed=number)
        assert made.serial.startswith("TEST-")
        assert made.manufacturer in MODELS
        assert all(nic.mac.startswith(b"\x00\x00\x5e") for nic in made.nics)


def test_given_values_are_used():
    made = machine(
        seed=1, manufacturer="Adatum", model="A1", serial="", tpm=False, disks=0, nics=0, captured_at=AT
    )
    assert (made.manufacturer, made.model, made.system_serial) == ("Adatum", "A1", "")
    assert (made.disks, made.nics, made.ek_pub, made.disk_ssn_kernel) == ((), (), None, None)
    assert made.capture.generated_at == AT


def test_more_than_four_adapters_are_refused():
    with pytest.raises(ValueError, match="0 to 4"):
        machine(seed=1, nics=5)


def test_a_large_machine_still_fits_into_a_hash():
    made = machine(seed=1, hybrid=True, disks=4, nics=4)
    assert len(encode_base64(made)) == 4000


def test_a_fresh_capture_differs_in_time_only():
    known = machine(seed=1)
    fresh = recapture(known, at=AT)
    assert fresh.capture.generated_at == AT
    assert encode(fresh) != encode(known)
    assert identity_keys(fresh) == identity_keys(known)


@pytest.mark.parametrize(
    "changes",
    [
        {"new_disk": 1, "new_nic": "n", "new_memory_gib": 64, "docked": True},
        {"new_board": 1},
        {"new_tpm": 1},
        {"from_winpe": True},
    ],
    ids=str,
)
def test_a_changed_machine_is_a_sound_hash(changes: dict):
    fresh = recapture(machine(seed=1), at=AT, **changes)
    assert decode(encode(fresh)) == fresh


def test_a_capture_of_a_read_hash_keeps_its_unknown_records():
    known = decode(encode(machine(seed=1)))
    assert recapture(known, at=AT).raw == known.raw
