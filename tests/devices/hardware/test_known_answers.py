"""The known answers of the fact sheet, and the cut-off prefixes printed in public documents."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from devices.hardware.decode import decode
from devices.hardware.encode import encode, encode_base64
from devices.hardware.faults import Fault, HashFault, Remains
from devices.hardware.identity import HardwareIdentity
from devices.hardware.parts import Capture, CoreClass, CpuCounts, Memory, RawRecord

MINIMAL = HardwareIdentity(
    smbios_uuid=UUID("00112233-4455-6677-8899-aabbccddeeff"),
    system_serial="TEST-0001",
    system_manufacturer="Contoso",
    product_name="Model X",
)
FULL = HardwareIdentity(
    capture=Capture(
        (10, 0, 26100, 7705),
        (10, 0, 26200, 7840),
        datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        -300,
        *(2, 9, 9),
    ),
    cpu=CpuCounts(9, 1, 12, 14, True),
    core_classes=(CoreClass(1, 2, 4), CoreClass(0, 10, 10)),
    memory=Memory(16, 64, 2, 1, 3),
    cpu_vendor="GenuineIntel",
    cpu_model="Contoso Core 7",
    system_serial="TEST-0002",
    system_manufacturer="Contoso",
)
FULL_START = bytes.fromhex(
    "4f41c90301001c0000000a00191ef46500000a00a01e586625f2e930ec02090902001000090001000c000e00010000002200"
    "0f00020102000400000a000a000500190010000000000000004000000000000000020001000303001100"
)
PREFIXES = {
    "T0FzAQEAHAAAAAoA6AOCOgEABgBgW7EdzorHH3g": (371, (10, 0, 14978, 1000), (6, 1, 7601, 23392)),
    "T0FmBAEAHAAAAAoAHgZhSgAACgCSBmFKYGIyKgg": (1126, (10, 0, 19041, 1566), (10, 0, 19041, 1682)),
    "T0GDAgEAHAAAAAoADwCrPwAACgCRALpHq0gcJ3gC": (643, (10, 0, 16299, 15), (10, 0, 18362, 145)),
}


def test_answer_a_the_minimal_hash_is_written_byte_for_byte():
    text = encode_base64(MINIMAL)
    assert encode(MINIMAL)[:62].hex() == (
        "4f413e000c00140033221100554477668899aabbccddeeff0e000e00544553542d303030310010000c00436f6e74"
        "6f736f0011000c004d6f64656c205800"
    )
    assert encode(MINIMAL)[62:98].hex() == (
        "435324003ae740cc4f412815dd6f225c59805086ea979e580cd0791d55a4212ee1c8b5ec"
    )
    assert len(text) == 4000
    digest = "fe81a3e70e3d8e51634d0e2345d962a060e6b5f48fcab3a2af3e7c9b37267c77"
    assert hashlib.sha256(text.encode()).hexdigest() == digest


def test_answer_a_is_read_back():
    assert decode(encode_base64(MINIMAL)) == MINIMAL


def test_answer_b_the_full_hash_begins_as_printed():
    total = int.from_bytes(FULL_START[2:4], "little")
    missing = total - int.from_bytes(encode(FULL)[2:4], "little")
    filled = replace(FULL, raw=(RawRecord(99, bytes(missing - 4)),))
    assert encode(filled)[:92] == FULL_START
    assert decode(encode(filled)) == filled


@pytest.mark.parametrize(("prefix", "header"), PREFIXES.items())
def test_a_printed_prefix_is_refused_as_cut_off_and_still_tells_its_origin(prefix: str, header: tuple):
    with pytest.raises(HashFault) as caught:
        decode(prefix)
    assert caught.value.fault is Fault.TRUNCATED
    assert "cut off" in caught.value.message
    assert ".".join(map(str, header[2])) in caught.value.message
    remains = caught.value.remains
    assert remains is not None
    assert (remains.total, remains.tool_version, remains.os_version) == header


def test_the_longest_prefix_also_tells_when_it_was_made():
    with pytest.raises(HashFault) as caught:
        decode("T0GDAgEAHAAAAAoADwCrPwAACgCRALpHq0gcJ3gC")
    made_at = datetime(2020, 10, 16, 12, 3, 55, tzinfo=UTC)
    assert caught.value.remains == Remains(643, (10, 0, 16299, 15), (10, 0, 18362, 145), made_at, None)
