"""decode: base64 text or a blob into a HardwareIdentity, after every container check in its order."""

import hashlib
import struct
from typing import Any

from devices.hardware.base64_text import CAPTURE_AGAIN, MOST_CHARACTERS, bytes_of
from devices.hardware.codec import CAPTURE, FIELDS, OddLayout, read_capture
from devices.hardware.encode import RAW, TRAILER_HEAD, TRAILER_SIZE, windows_order
from devices.hardware.faults import Fault, HashFault, Remains
from devices.hardware.identity import BLOB_SIZE, HardwareIdentity
from devices.hardware.parts import RawRecord

SINGLE = frozenset((1, 2, 5, *range(10, 27)))
MOST_BYTES = MOST_CHARACTERS // 4 * 3

Record = tuple[int, int, bytes]  # type, offset of the record, value

_head = struct.Struct("<HH")


def decode(value: str | bytes, *, repair: bool = True) -> HardwareIdentity:
    """Read a hash: base64 as str or ASCII bytes, or the blob itself (bytes beginning with OA).

    repair: mend whitespace, wrapping and padding, and list it in identity.repairs; without it such
    text is a fault. Raises HashFault, and nothing else, for whatever the value holds.
    """
    if isinstance(value, str):
        blob, repairs = bytes_of(value, repair=repair)
    elif value[:2] == b"OA":
        blob, repairs = bytes(value), ()
    else:
        blob, repairs = bytes_of(bytes(value).decode("latin-1"), repair=repair)
    total = _checked_total(blob)
    records = _walked(blob, total)
    _check_trailer(blob, total)
    _check_records(records)
    fields = _fields(records)
    if len(blob) != BLOB_SIZE:
        size_warning = f"The hash has {len(blob)} bytes instead of {BLOB_SIZE}."
        fields["warnings"] = (size_warning, *fields["warnings"])
    identity = HardwareIdentity(size=len(blob), repairs=repairs, **fields)
    _check_core_count(identity, records)
    return identity


def _checked_total(blob: bytes) -> int:
    if len(blob) > MOST_BYTES:
        raise HashFault(
            Fault.TOO_LARGE, f"The value has {len(blob):,} bytes; a hardware hash has {BLOB_SIZE:,}."
        )
    if blob[:2] != b"OA":
        raise HashFault(
            Fault.NOT_A_HASH,
            "This is base64 text, but not a hardware hash: a hash begins with T0E, T0F, T0G or T0H. "
            "Check that the Hardware Hash column was not mixed up with another one.",
            0,
        )
    total = int.from_bytes(blob[2:4], "little")
    if len(blob) < BLOB_SIZE and (len(blob) < 4 or total > len(blob) - TRAILER_SIZE):
        raise _truncated(blob, total)
    if not 4 <= total <= len(blob) - TRAILER_SIZE:
        raise HashFault(
            Fault.BAD_LENGTH,
            f"The hash is damaged: it gives its own length as {total} bytes, which cannot be. "
            f"{CAPTURE_AGAIN}",
            2,
        )
    return total


def _truncated(blob: bytes, total: int) -> HashFault:
    remains = _remains(blob, total)
    origin = ""
    if remains.os_version is not None:
        origin = f" (made on Windows {'.'.join(map(str, remains.os_version))})"
    return HashFault(
        Fault.TRUNCATED,
        f"The hash is cut off: it announces {total + TRAILER_SIZE} bytes, but only {len(blob)} are "
        f"there{origin}. It was shortened by a terminal, a mail or a spreadsheet. {CAPTURE_AGAIN}",
        len(blob),
        remains=remains,
    )


def _remains(blob: bytes, total: int) -> Remains:
    """What the cut left of record 1: versions from 16, time from 20, offset from 21 bytes of value."""
    value = blob[8:32]
    if blob[4:8] != b"\x01\0\x1c\0" or len(value) < 16:
        return Remains(total)
    capture = read_capture(value.ljust(CAPTURE.size, b"\0"))
    return Remains(
        total,
        capture.tool_version,
        capture.os_version,
        capture.generated_at if len(value) >= 20 else None,
        capture.utc_offset_minutes if len(value) >= 21 else None,
    )


def _walked(blob: bytes, total: int) -> list[Record]:
    records, offset = [], 4
    while offset < total:
        if offset + 4 > total:
            raise _bad_record(offset)
        number, length = _head.unpack_from(blob, offset)
        if length < 4 or offset + length > total:
            raise _bad_record(offset)
        records.append((number, offset, blob[offset + 4 : offset + length]))
        offset += length
    return records


def _bad_record(offset: int) -> HashFault:
    return HashFault(
        Fault.BAD_RECORD,
        f"The hash is damaged: the record at byte {offset} runs past the end of the data. {CAPTURE_AGAIN}",
        offset,
    )


def _check_trailer(blob: bytes, total: int) -> None:
    if blob[total : total + 4] != TRAILER_HEAD:
        raise HashFault(
            Fault.NO_CHECKSUM,
            f"The hash is damaged: its checksum is not where it should be. {CAPTURE_AGAIN}",
            total,
        )
    if blob[total + 4 : total + TRAILER_SIZE] != hashlib.sha256(blob[:total]).digest():
        raise HashFault(
            Fault.WRONG_CHECKSUM,
            "The hash was changed after it was captured: its checksum does not match, so at least one "
            f"character is wrong. {CAPTURE_AGAIN}",
            total + 4,
        )
    if rest := blob[total + TRAILER_SIZE :].lstrip(b"\0"):
        raise HashFault(
            Fault.BAD_PADDING,
            "The hash is followed by other data: two values may have been joined in one cell. "
            f"{CAPTURE_AGAIN}",
            len(blob) - len(rest),
        )


def _check_records(records: list[Record]) -> None:
    """Repeated singletons, sizes, and the endorsement key against its digest, in this order."""
    seen: dict[int, bytes] = {}
    for number, offset, value in records:
        if number in SINGLE and number in seen:
            raise HashFault(
                Fault.REPEATED_RECORD,
                f"The hash is malformed: record {number} occurs twice. {CAPTURE_AGAIN}",
                offset,
            )
        seen[number] = value
    for number, offset, value in records:
        if number in SIZED and not SIZED[number](value):
            raise HashFault(
                Fault.BAD_RECORD_SIZE,
                f"The hash is malformed: record {number} has a wrong size. {CAPTURE_AGAIN}",
                offset,
            )
    _check_tpm_id(records, seen)


SIZED = {
    8: lambda value: len(value) >= 14 and len(value) == 14 + int.from_bytes(value[10:14], "little"),
    11: lambda value: len(value) >= 10 and len(value) == 10 + int.from_bytes(value[6:10], "little"),
    12: lambda value: len(value) == 16,
    25: lambda value: len(value) == 256,
}


def _check_tpm_id(records: list[Record], seen: dict[int, bytes]) -> None:
    if 11 not in seen or 25 not in seen or seen[11][4:6] != b"\x01\0":
        return
    if seen[11][10:] != hashlib.sha256(seen[25]).digest():
        raise HashFault(
            Fault.WRONG_TPM_ID,
            "The hash contradicts itself: the device id does not belong to the TPM key beside it, so "
            f"it was edited or mixed from two devices. {CAPTURE_AGAIN}",
            next(offset for number, offset, _ in records if number == 11),
        )


def _check_core_count(identity: HardwareIdentity, records: list[Record]) -> None:
    cpu, classes = identity.cpu, identity.core_classes
    if cpu is None or not classes:
        return
    sums = (sum(each.cores for each in classes), sum(each.threads for each in classes))
    if sums != (cpu.cores, cpu.threads):
        raise HashFault(
            Fault.WRONG_CORE_COUNT,
            f"The hash contradicts itself: {cpu.cores} processor cores in one place, {sums[0]} in "
            f"another. It was edited. {CAPTURE_AGAIN}",
            next(offset for number, offset, _ in records if number == 34),
        )


def _fields(records: list[Record]) -> dict[str, Any]:
    """The records as keyword arguments of HardwareIdentity; what cannot be typed becomes raw."""
    fields: dict[str, Any] = {}
    repeated: dict[str, list[Any]] = {}
    raw, order, warnings = [], [], []
    for number, _, value in records:
        field = FIELDS.get(number)
        try:
            if field is None or field.name in fields:
                raise OddLayout
            part = field.read(value)
        except (OddLayout, struct.error):
            raw.append(RawRecord(number, value))
            order.append(RAW)
            if field is not None:
                warnings.append(f"Record {number} ({field.name}) has an unusual layout; it is kept as is.")
            continue
        order.append(number)
        if field.is_repeated:
            repeated.setdefault(field.name, []).append(part)
        else:
            fields[field.name] = part
            if number == 4:
                fields["cpu_model_size"] = len(value)
    fields.update({name: tuple(parts) for name, parts in repeated.items()})
    counts = {number: order.count(number) for number in set(order)}
    is_usual = windows_order(counts) == tuple(order)
    return fields | {
        "raw": tuple(raw),
        "order": () if is_usual else tuple(order),
        "warnings": tuple(warnings),
    }
