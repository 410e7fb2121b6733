"""encode: the exact inverse of decode; every field and every unknown record back into its bytes."""

import binascii
import hashlib
import struct
from collections.abc import Iterator
from typing import Any

from devices.hardware.codec import FIELDS
from devices.hardware.identity import HardwareIdentity

RAW = -1
TRAILER_HEAD = b"CS$\0"
TRAILER_SIZE = 36

BEFORE_DISKS = (1, 2, 34, 5, 3, 4)
BETWEEN = (8, 9, 27, 10, 13, 25, 11, 12, 14, 15, 16, 17, 18, 19, 23, 20, 21, 22, 24, 26, 28, 29, 30)
AT_THE_END = (35, 36, 37)

_head = struct.Struct("<HH")


def encode(identity: HardwareIdentity) -> bytes:
    """The blob of a hash, zero-padded to identity.size bytes; ValueError for what no hash can hold."""
    try:
        records = b"".join(_records(identity))
    except (struct.error, AttributeError, TypeError) as error:
        raise ValueError(f"a field does not fit its record: {error}") from error
    total = 4 + len(records)
    if total + TRAILER_SIZE > identity.size or total > 0xFFFF:
        raise ValueError(f"the records need {total + TRAILER_SIZE} bytes of {identity.size}")
    head = b"OA" + total.to_bytes(2, "little") + records
    return (head + TRAILER_HEAD + hashlib.sha256(head).digest()).ljust(identity.size, b"\0")


def encode_base64(identity: HardwareIdentity) -> str:
    """The hash as text: 4000 characters for the usual 3000 bytes."""
    return binascii.b2a_base64(encode(identity), newline=False).decode("ascii")


def windows_order(counts: dict[int, int]) -> tuple[int, ...]:
    """The record types in the order Windows writes them, raw ones last; counts: type -> how many."""
    order = [number for number in BEFORE_DISKS if number in counts]
    disks, serials = counts.get(6, 0), counts.get(7, 0)
    for number in range(max(disks, serials)):
        order += [6] * (number < disks) + [7] * (number < serials)
    for number in BETWEEN:
        if number in counts:
            order += [number] * counts[number]
    order += [number for number in AT_THE_END if number in counts]
    order += [RAW] * counts.get(RAW, 0)
    return tuple(order)


def _records(identity: HardwareIdentity) -> Iterator[bytes]:
    parts = {number: _values(identity, number) for number in FIELDS}
    parts[RAW] = list(identity.raw)
    counts = {number: len(values) for number, values in parts.items() if values}
    for number in identity.order or windows_order(counts):
        if not parts.get(number):
            raise ValueError(f"the order names record {number} once too often")
        value = parts[number].pop(0)
        if number == RAW:
            yield _record(value.type, value.value)
        elif number == 4:
            yield _record(4, FIELDS[4].write(value).ljust(identity.cpu_model_size, b"\0"))
        else:
            yield _record(number, FIELDS[number].write(value))
    if left := [number for number, values in parts.items() if values]:
        raise ValueError(f"the order leaves out records {left}")


def _values(identity: HardwareIdentity, number: int) -> list[Any]:
    field = FIELDS[number]
    value = getattr(identity, field.name)
    if field.is_repeated:
        return list(value)
    return [] if value is None else [value]


def _record(number: int, value: bytes) -> bytes:
    return _head.pack(number, 4 + len(value)) + value
