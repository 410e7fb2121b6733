"""One reader and one writer per record type; a layout that is not the known one raises OddLayout."""

import struct
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from devices.hardware.parts import (
    Capture,
    Chassis,
    CoreClass,
    CpuCounts,
    Disk,
    DiskSerial,
    Display,
    Gpu,
    GpuName,
    LicensingHwid,
    Locale,
    Memory,
    Nic,
    OfflineDeviceId,
    Panel,
)

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
UNKNOWN_OFFSET = 120  # quarter hours

CAPTURE = struct.Struct("<8HIbBBB")
CPU = struct.Struct("<4HB3s")
CORE_CLASS = struct.Struct("<BHH")
MEMORY = struct.Struct("<QQHHB")
DISK = struct.Struct("<QHBB")
NIC = struct.Struct("<I6sI")
DISPLAY = struct.Struct("<4HI")
PANEL = struct.Struct("<2H")
CHASSIS = struct.Struct("<5B")
OFFLINE_ID = struct.Struct("<IHI")
GPU = struct.Struct("<QQBB")
HWID_HEAD = struct.Struct("<II10H")


class OddLayout(ValueError):
    """The value of a record does not have the layout of its type; it is kept raw."""


class Field(NamedTuple):
    """How a record type becomes a field of HardwareIdentity."""

    name: str
    read: Callable[[bytes], Any]
    write: Callable[[Any], bytes]
    is_repeated: bool = False


def read_capture(value: bytes) -> Capture:
    t2, t1, t4, t3, o2, o1, o4, o3, seconds, quarters, os_type, architecture, form = CAPTURE.unpack(value)
    return Capture(
        (t1, t2, t3, t4),
        (o1, o2, o3, o4),
        EPOCH + timedelta(seconds=seconds),
        None if quarters == UNKNOWN_OFFSET else quarters * 15,
        os_type,
        architecture,
        form,
    )


def write_capture(capture: Capture) -> bytes:
    (t1, t2, t3, t4), (o1, o2, o3, o4) = capture.tool_version, capture.os_version
    offset = capture.utc_offset_minutes
    return CAPTURE.pack(
        *(t2, t1, t4, t3, o2, o1, o4, o3),
        (capture.generated_at - EPOCH) // timedelta(seconds=1),
        UNKNOWN_OFFSET if offset is None else offset // 15,
        capture.os_type,
        capture.architecture,
        capture.format_version,
    )


def read_cpu(value: bytes) -> CpuCounts:
    architecture, packages, cores, threads, hyperthreading, rest = CPU.unpack(value)
    if hyperthreading > 1 or any(rest):
        raise OddLayout
    return CpuCounts(architecture, packages, cores, threads, hyperthreading == 1)


def write_cpu(cpu: CpuCounts) -> bytes:
    counts = (cpu.architecture, cpu.packages, cpu.cores, cpu.threads)
    return CPU.pack(*counts, cpu.is_hyperthreaded, b"")


def read_core_classes(value: bytes) -> tuple[CoreClass, ...]:
    if not value or len(value) != 1 + 5 * value[0]:
        raise OddLayout
    return tuple(CoreClass(*fields) for fields in CORE_CLASS.iter_unpack(value[1:]))


def write_core_classes(classes: tuple[CoreClass, ...]) -> bytes:
    packed = (CORE_CLASS.pack(each.core_class, each.cores, each.threads) for each in classes)
    return bytes([len(classes)]) + b"".join(packed)


def read_text(value: bytes) -> str:
    if value[-1:] != b"\0":
        raise OddLayout
    return value[:-1].decode("utf-8", "surrogateescape")


def write_text(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape") + b"\0"


def read_filled(value: bytes) -> str:
    return value.rstrip(b"\0").decode("utf-8", "surrogateescape")


def write_filled(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def read_disk_serial(value: bytes) -> DiskSerial:
    serial, first, rest = value.decode("utf-8", "surrogateescape").partition("|")
    model, second, vendor = rest.rpartition("|")
    if not (first and second):
        raise OddLayout
    return DiskSerial(serial, model, vendor)


def write_disk_serial(disk: DiskSerial) -> bytes:
    text = f"{disk.serial}|{disk.model}|{disk.vendor}"
    return text.encode("utf-8", "surrogateescape")


def read_disk_ssn_kernel(value: bytes) -> DiskSerial:
    if value[-1:] != b"\0":
        raise OddLayout
    return read_disk_serial(value[:-1])


def write_disk_ssn_kernel(disk: DiskSerial) -> bytes:
    return write_disk_serial(disk) + b"\0"


def read_nic(value: bytes) -> Nic:
    medium, mac, _ = NIC.unpack_from(value)
    if len(value) % 2 or value[14:][-2:] != b"\0\0":
        raise OddLayout
    return Nic(medium, mac, value[14:-2].decode("utf-16-le", "surrogatepass"))


def write_nic(nic: Nic) -> bytes:
    bus = nic.bus.encode("utf-16-le", "surrogatepass") + b"\0\0"
    return NIC.pack(nic.medium, nic.mac, len(bus)) + bus


def read_offline_id(value: bytes) -> OfflineDeviceId:
    status, kind, _ = OFFLINE_ID.unpack_from(value)
    return OfflineDeviceId(status, kind, value[10:])


def write_offline_id(offline: OfflineDeviceId) -> bytes:
    return OFFLINE_ID.pack(offline.status, offline.kind, len(offline.payload)) + offline.payload


def read_gpu_name(value: bytes) -> GpuName:
    if len(value) % 2:
        raise OddLayout
    vendor, bar, name = value.decode("utf-16-le", "surrogatepass").partition("|")
    if not bar:
        raise OddLayout
    return GpuName(vendor, name)


def write_gpu_name(gpu: GpuName) -> bytes:
    return f"{gpu.vendor}|{gpu.name}".encode("utf-16-le", "surrogatepass")


def read_locale(value: bytes) -> Locale:
    texts = value.decode("utf-8", "surrogateescape").split("|")
    if len(texts) != 5:
        raise OddLayout
    return Locale(*texts)


def write_locale(locale: Locale) -> bytes:
    texts = (locale.system, locale.user, locale.time_zone, locale.ui_languages, locale.keyboard)
    return "|".join(texts).encode("utf-8", "surrogateescape")


def read_hwid(value: bytes) -> LicensingHwid:
    first, second, *counts = HWID_HEAD.unpack_from(value)
    words = 2 + sum(counts)
    if first != len(value) - 4 or second != first or len(value) != HWID_HEAD.size + 2 * words:
        raise OddLayout
    return LicensingHwid(tuple(counts), struct.unpack_from(f"<{words}H", value, HWID_HEAD.size))


def write_hwid(hwid: LicensingHwid) -> bytes:
    length = HWID_HEAD.size + 2 * len(hwid.words) - 4
    words = struct.pack(f"<{len(hwid.words)}H", *hwid.words)
    return HWID_HEAD.pack(length, length, *hwid.counts) + words


def _packed(name: str, layout: struct.Struct, kind: Any, is_repeated: bool = False) -> Field:
    def write(part: Any) -> bytes:
        return layout.pack(*(getattr(part, slot) for slot in kind.__slots__))

    return Field(name, lambda value: kind(*layout.unpack(value)), write, is_repeated)


def _texts(names: dict[int, str]) -> dict[int, Field]:
    return {number: Field(name, read_text, write_text) for number, name in names.items()}


FIELDS: dict[int, Field] = {
    1: Field("capture", read_capture, write_capture),
    2: Field("cpu", read_cpu, write_cpu),
    4: Field("cpu_model", read_filled, write_filled),
    5: _packed("memory", MEMORY, Memory),
    6: _packed("disks", DISK, Disk, True),
    7: Field("disk_serials", read_disk_serial, write_disk_serial, True),
    8: Field("nics", read_nic, write_nic, True),
    9: _packed("displays", DISPLAY, Display, True),
    10: _packed("chassis", CHASSIS, Chassis),
    11: Field("offline_device_id", read_offline_id, write_offline_id),
    12: Field("smbios_uuid", lambda value: UUID(bytes_le=value), lambda uuid: uuid.bytes_le),
    25: Field("ek_pub", bytes, bytes),
    27: _packed("panel", PANEL, Panel),
    28: Field("disk_ssn_kernel", read_disk_ssn_kernel, write_disk_ssn_kernel),
    29: _packed("gpus", GPU, Gpu, True),
    30: Field("gpu_names", read_gpu_name, write_gpu_name, True),
    34: Field("core_classes", read_core_classes, write_core_classes),
    35: Field("record_35", bytes, bytes),
    36: Field("locale", read_locale, write_locale),
    37: Field("licensing_hwid", read_hwid, write_hwid),
    **_texts({3: "cpu_vendor", 13: "tpm_version", 14: "system_serial", 15: "firmware_vendor"}),
    **_texts({16: "system_manufacturer", 17: "product_name", 18: "sku_number"}),
    **_texts({19: "system_family", 20: "board_manufacturer", 21: "board_product"}),
    **_texts({22: "board_version", 23: "system_version", 24: "product_key_id"}),
    **_texts({26: "key_part_number"}),
}
