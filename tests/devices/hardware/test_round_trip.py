"""decode and encode are exact inverses, on anything a hash can hold."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.hardware.codec import FIELDS
from devices.hardware.decode import SIZED, decode
from devices.hardware.encode import encode, encode_base64
from devices.hardware.identity import HardwareIdentity
from devices.hardware.parts import DiskSerial, RawRecord
from tests.devices.hardware.devices_at_random import blob_of, identities, unknown

loose = st.sampled_from([number for number in FIELDS if number not in (*SIZED, 34)])
odd_records = st.tuples(loose, st.binary(max_size=60)) | unknown.map(lambda raw: (raw.type, raw.value))


def _once_each(records: list[tuple[int, bytes]]) -> list[tuple[int, bytes]]:
    return [record for at, record in enumerate(records) if record[0] not in [r[0] for r in records[:at]]]


@given(identities())
def test_a_random_machine_is_read_back_field_by_field(identity: HardwareIdentity):
    assert decode(encode(identity)) == identity
    assert decode(encode_base64(identity)) == identity


@given(st.lists(odd_records, max_size=12).map(_once_each), st.sampled_from([3000, 2990, 5000]))
def test_any_sound_blob_is_written_back_byte_for_byte(records: list[tuple[int, bytes]], size: int):
    blob = blob_of(*records, size=size)
    identity = decode(blob)
    assert encode(identity) == blob
    assert decode(encode(identity)) == identity


@given(identities(), st.randoms(use_true_random=False))
def test_records_in_any_order_keep_their_order(identity: HardwareIdentity, rng):
    blob = encode(identity)
    records, offset, total = [], 4, int.from_bytes(blob[2:4], "little")
    while offset < total:
        length = int.from_bytes(blob[offset + 2 : offset + 4], "little")
        records.append(
            (int.from_bytes(blob[offset : offset + 2], "little"), blob[offset + 4 : offset + length])
        )
        offset += length
    rng.shuffle(records)
    shuffled = blob_of(*records, size=identity.size)
    assert encode(decode(shuffled)) == shuffled


def test_undecodable_bytes_in_a_text_survive():
    blob = blob_of((14, b"TEST-\xff\xfe\0"), (17, "Möbius\0".encode()))
    identity = decode(blob)
    assert identity.system_serial == "TEST-\udcff\udcfe"
    assert identity.serial == "TEST-\ufffd\ufffd"
    assert identity.model == "Möbius"
    assert encode(identity) == blob


def test_an_unknown_record_is_kept_raw_and_is_no_error():
    identity = decode(blob_of((31, b"abc"), (14, b"TEST-1\0"), (400, b"")))
    assert identity.raw == (RawRecord(31, b"abc"), RawRecord(400, b""))
    assert identity.serial == "TEST-1"
    assert identity.warnings == ()


def test_a_known_record_of_unusual_layout_is_kept_raw_with_a_warning():
    identity = decode(blob_of((14, b"no final nul")))
    assert identity.system_serial is None
    assert identity.raw == (RawRecord(14, b"no final nul"),)
    assert "system_serial" in identity.warnings[0]


def test_another_total_size_is_a_warning():
    identity = decode(blob_of((14, b"TEST-1\0"), size=2000))
    assert identity.size == 2000
    assert "2000" in identity.warnings[0]


def test_the_processor_model_of_an_arm_machine_is_no_fixed_field():
    identity = decode(blob_of((4, b"Contoso ARM\0")))
    assert (identity.cpu_model, identity.cpu_model_size) == ("Contoso ARM", 12)


def test_a_disk_model_may_hold_a_bar():
    assert decode(blob_of((7, b" S1 |A|B|V"))).disk_serials == (DiskSerial(" S1 ", "A|B", "V"),)


def test_base64_bytes_are_read_like_text():
    blob = blob_of((14, b"TEST-1\0"))
    assert decode(base64.b64encode(blob)) == decode(blob)


def test_a_machine_with_too_much_in_it_cannot_be_written():
    with pytest.raises(ValueError, match="bytes of 3000"):
        encode(HardwareIdentity(system_serial="X" * 3000))


@pytest.mark.parametrize("order", [(14, 14), (), (16,)])
def test_an_order_that_does_not_fit_the_fields_is_refused(order: tuple[int, ...]):
    identity = HardwareIdentity(system_serial="TEST-1", system_manufacturer="Contoso", order=order)
    if not order:
        assert decode(encode(identity)) == identity
        return
    with pytest.raises(ValueError, match="order"):
        encode(identity)
