"""Every way a hash can be broken has a name, a sentence and, where there is one, a place."""

import contextlib
import hashlib
import pickle
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.hardware.decode import decode
from devices.hardware.encode import encode, encode_base64
from devices.hardware.faults import Fault, HashFault
from devices.hardware.synthetic import machine
from tests.devices.hardware.devices_at_random import blob_of, sealed

SOUND = encode(machine(seed=1, hybrid=True))
TEXT = encode_base64(machine(seed=1, hybrid=True))
TOTAL = int.from_bytes(SOUND[2:4], "little")
KEY = bytes(range(256))


def fault_of(value: str | bytes) -> HashFault:
    with pytest.raises(HashFault) as caught:
        decode(value)
    return caught.value


def changed(at: int, new: bytes) -> bytes:
    return SOUND[:at] + new + SOUND[at + len(new) :]


BROKEN = {
    "huge text": ("A" * 65_537, Fault.TOO_LARGE, None),
    "huge blob": (b"OA" + bytes(50_000), Fault.TOO_LARGE, None),
    "nothing": ("", Fault.EMPTY, None),
    "blanks": (" \r\n", Fault.EMPTY, None),
    "dots": (TEXT[:200] + "...", Fault.TRUNCATED, None),
    "an ellipsis": (TEXT[:80] + "…", Fault.TRUNCATED, None),
    "half of it": (TEXT[:600], Fault.TRUNCATED, 450),
    "no base64": ("<HASH>", Fault.NOT_BASE64, 0),
    "an inner =": (TEXT[:100] + "=" + TEXT[100:], Fault.NOT_BASE64, 100),
    "another value": ("SGVsbG8gd29ybGQh", Fault.NOT_A_HASH, 0),
    "length too small": (changed(2, b"\x03\x00"), Fault.BAD_LENGTH, 2),
    "length too large": (changed(2, b"\xff\xff"), Fault.BAD_LENGTH, 2),
    "record of no length": (sealed(b"OA\x08\0\x01\0\0\0"), Fault.BAD_RECORD, 4),
    "record past the end": (sealed(b"OA\x08\0\x01\0\xff\0"), Fault.BAD_RECORD, 4),
    "half a record head": (sealed(b"OA\x06\0\x01\0"), Fault.BAD_RECORD, 4),
    "no trailer": (changed(TOTAL, b"XX"), Fault.NO_CHECKSUM, TOTAL),
    "other checksum": (changed(TOTAL + 4, hashlib.sha256(b"x").digest()), Fault.WRONG_CHECKSUM, TOTAL + 4),
    "padding": (changed(2990, b"x"), Fault.BAD_PADDING, 2990),
    "record twice": (blob_of((14, b"A\0"), (14, b"A\0")), Fault.REPEATED_RECORD, 10),
    "short uuid": (blob_of((12, bytes(15))), Fault.BAD_RECORD_SIZE, 4),
    "short key": (blob_of((25, bytes(255))), Fault.BAD_RECORD_SIZE, 4),
    "short adapter": (blob_of((8, bytes(13))), Fault.BAD_RECORD_SIZE, 4),
    "adapter name": (blob_of((8, bytes(10) + b"\x08\0\0\0PC")), Fault.BAD_RECORD_SIZE, 4),
    "device id": (blob_of((11, struct.pack("<IHI", 0, 1, 32) + b"short")), Fault.BAD_RECORD_SIZE, 4),
    "tpm id": (
        blob_of((25, KEY), (11, struct.pack("<IHI", 0, 1, 32) + bytes(32))),
        Fault.WRONG_TPM_ID,
        264,
    ),
    "core sums": (
        blob_of((2, struct.pack("<4HB3x", 9, 1, 4, 8, 1)), (34, b"\x01\x01\x02\0\x04\0")),
        Fault.WRONG_CORE_COUNT,
        20,
    ),
}


@pytest.mark.parametrize(("value", "fault", "offset"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_hash_has_a_named_fault_a_place_and_a_sentence(value, fault: Fault, offset: int | None):
    found = fault_of(value)
    assert (found.fault, found.offset) == (fault, offset)
    assert found.message.endswith(".")
    assert str(found) == found.message


def test_every_named_fault_occurs_in_the_table():
    assert {fault for _, fault, _ in BROKEN.values()} == set(Fault)


def test_checks_come_in_their_order_the_checksum_before_the_records():
    both = bytearray(blob_of((12, bytes(15))))
    both[10] ^= 1
    assert fault_of(bytes(both)).fault is Fault.WRONG_CHECKSUM


def test_every_single_byte_corruption_is_caught():
    for at in range(len(SOUND)):
        with pytest.raises(HashFault):
            decode(changed(at, bytes([SOUND[at] ^ (1 + at % 255)])))


@given(st.binary(max_size=4000))
def test_random_bytes_raise_nothing_but_a_fault(value: bytes):
    _decode_or_fault(value)


@given(st.binary(max_size=600))
def test_random_bytes_after_the_magic_raise_nothing_but_a_fault(value: bytes):
    _decode_or_fault(b"OA" + value)


@given(st.lists(st.tuples(st.integers(0, 45), st.binary(max_size=70)), max_size=10))
def test_random_records_in_a_sound_container_raise_nothing_but_a_fault(records):
    _decode_or_fault(blob_of(*records))


@given(st.text(max_size=400))
def test_random_text_raises_nothing_but_a_fault(value: str):
    _decode_or_fault(value)


@given(st.text("ABCxyz019+/= .…\n", max_size=200))
def test_text_that_is_nearly_base64_raises_nothing_but_a_fault(value: str):
    _decode_or_fault(value)
    _decode_or_fault("T0E" + value)


@pytest.mark.parametrize("value", ["." * 65_000 + "x", " " * 65_000 + "x", "=" * 65_000, "A=" * 30_000])
def test_text_made_to_keep_a_reader_busy_is_refused(value: str):
    fault_of(value)


def test_a_fault_travels_between_processes():
    fault = fault_of(TEXT[:600])
    copy = pickle.loads(pickle.dumps(fault))  # noqa: S301 - our own bytes
    assert (copy.fault, copy.message, copy.offset, copy.remains) == (
        fault.fault,
        fault.message,
        fault.offset,
        fault.remains,
    )


def _decode_or_fault(value: str | bytes) -> None:
    """Any other exception fails the test."""
    with contextlib.suppress(HashFault):
        decode(value)
