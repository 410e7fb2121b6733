"""What is mended in the text of a hash, and that it is said."""

import base64
import textwrap

import pytest

from devices.hardware.decode import decode
from devices.hardware.encode import encode, encode_base64
from devices.hardware.faults import Fault, HashFault
from devices.hardware.synthetic import machine
from tests.devices.hardware.devices_at_random import blob_of

MACHINE = machine(seed="repairs")
TEXT = encode_base64(MACHINE)
SHORT = {size: base64.b64encode(blob_of((14, b"TEST-1\0"), size=size)).decode() for size in (99, 100, 101)}


def repairs_of(text: str) -> list[str]:
    return [repair.name for repair in decode(text).repairs]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (TEXT, []),
        (f"  {TEXT}\r\n", ["whitespace"]),
        ("\ufeff" + TEXT, ["whitespace"]),
        (TEXT[:100] + " " + TEXT[100:], ["whitespace"]),
        (textwrap.fill(TEXT, 76), ["wrapping"]),
        ("\r\n".join(textwrap.wrap(TEXT, 64)) + "\r\n", ["wrapping"]),
        (textwrap.indent(textwrap.fill(TEXT, 76), "  "), ["wrapping", "whitespace"]),
        (SHORT[99], []),
        (SHORT[100], []),
        (SHORT[100].rstrip("="), ["missing_padding"]),
        (SHORT[100].removesuffix("="), ["missing_padding"]),
        (SHORT[101].rstrip("="), ["missing_padding"]),
        (SHORT[99] + "==", ["surplus_padding"]),
        (SHORT[101].rstrip("=") + "==", ["surplus_padding"]),
        (SHORT[99] + "A", ["padding_loop"]),
        (SHORT[99] + "A==", ["padding_loop"]),
        (TEXT[:-3], ["padding_loop"]),
    ],
)
def test_a_repair_is_made_and_named(text: str, names: list[str]):
    assert repairs_of(text) == names


def test_a_repaired_hash_is_the_same_machine():
    identity = decode("\r\n".join(textwrap.wrap(TEXT, 76)))
    assert identity == MACHINE
    assert encode(identity) == encode(MACHINE)


def test_a_repair_has_a_sentence():
    assert decode(TEXT + "\n").repairs[0].message == "Spaces inside or around the hash were removed."


@pytest.mark.parametrize("text", [TEXT + "\n", SHORT[100].rstrip("="), SHORT[99] + "A"])
def test_without_repair_such_text_is_refused(text: str):
    with pytest.raises(HashFault) as caught:
        decode(text, repair=False)
    assert caught.value.fault is Fault.NOT_BASE64


def test_whole_groups_of_padding_may_come_or_go():
    assert decode(TEXT + "AAAA").serial == MACHINE.serial
    assert decode(TEXT[:-400]).serial == MACHINE.serial
