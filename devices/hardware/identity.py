"""HardwareIdentity: one decoded hash; what counts as missing, generic or bogus; its identity keys."""

import hashlib
import re
from dataclasses import dataclass, field
from typing import NamedTuple
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
    RawRecord,
    Repair,
)

BLOB_SIZE = 3000
SENTINEL = "SMBIOS_STRING_INDEX_0"


@dataclass(frozen=True, slots=True, kw_only=True)
class HardwareIdentity:
    """Every record of a hash; None or () where the hash has no such record.

    Text is UTF-8; undecodable bytes are surrogate escapes, so that encode gives the same bytes back.
    `order` is () for the order Windows writes, else the record types in sequence (-1 = next of `raw`).
    `repairs` and `warnings` tell about the reading and take no part in comparisons.
    """

    capture: Capture | None = None
    cpu: CpuCounts | None = None
    core_classes: tuple[CoreClass, ...] | None = None
    memory: Memory | None = None
    cpu_vendor: str | None = None
    cpu_model: str | None = None
    cpu_model_size: int = 48  # bytes of record 4, filled with NUL; on ARM the text and one NUL
    disks: tuple[Disk, ...] = ()
    disk_serials: tuple[DiskSerial, ...] = ()
    nics: tuple[Nic, ...] = ()
    displays: tuple[Display, ...] = ()
    panel: Panel | None = None
    chassis: Chassis | None = None
    tpm_version: str | None = None
    ek_pub: bytes | None = None  # RSA-2048 modulus, 256 bytes, big-endian
    offline_device_id: OfflineDeviceId | None = None
    smbios_uuid: UUID | None = None
    system_serial: str | None = None
    firmware_vendor: str | None = None
    system_manufacturer: str | None = None
    product_name: str | None = None
    sku_number: str | None = None
    system_family: str | None = None
    system_version: str | None = None
    board_manufacturer: str | None = None
    board_product: str | None = None
    board_version: str | None = None
    product_key_id: str | None = None
    key_part_number: str | None = None
    disk_ssn_kernel: DiskSerial | None = None
    gpus: tuple[Gpu, ...] = ()
    gpu_names: tuple[GpuName, ...] = ()
    record_35: bytes | None = None
    locale: Locale | None = None
    licensing_hwid: LicensingHwid | None = None
    raw: tuple[RawRecord, ...] = ()
    order: tuple[int, ...] = ()
    size: int = BLOB_SIZE  # bytes of the whole blob, zero padding included
    repairs: tuple[Repair, ...] = field(default=(), compare=False)
    warnings: tuple[str, ...] = field(default=(), compare=False)

    @property
    def serial(self) -> str | None:
        """The serial number, None where the firmware gave none."""
        return provided(self.system_serial)

    @property
    def manufacturer(self) -> str | None:
        return provided(self.system_manufacturer)

    @property
    def model(self) -> str | None:
        return provided(self.product_name)


class IdentityKey(NamedTuple):
    """One thing by which a machine is recognised again; value is short text."""

    kind: str
    value: str


KINDS = ("ek", "uuid", "manufacturer_serial", "product_key_id", "mac", "disk_serial")
DECISIVE_KINDS = ("ek", "uuid")

# What board makers and hypervisors leave in place of a serial number or a name (lower case).
GENERIC_TEXTS = frozenset(
    """
    smbios_string_index_0|none|null|n/a|na|not specified|not applicable|not available|unknown|invalid
    |default|default string|to be filled by o.e.m.|to be filled by oem|filled by o.e.m.|o.e.m.|oem
    |system serial number|serial number|chassis serial number|base board serial number|serialnumber
    |system manufacturer|system product name|manufacturer|0123456789|123456789|1234567890|12345678
    |123456|1234567|0123456789abcdef|empty|undefined|type2 - board serial number|ssn|sn|serial
    |system-serial|not set|standard|empty string|no serial|tbd|test
    """.replace("\n", "")
    .replace("    ", "")
    .split("|")
)
BOGUS_UUIDS = frozenset(
    UUID(text)
    for text in (
        "03000200-0400-0500-0006-000700080009",
        "00020003-0004-0005-0006-000700080009",
        "12345678-1234-5678-90ab-cddeefaabbcc",
        "11111111-2222-3333-4444-555555555555",
        "4c4c4544-0000-2010-8020-80c04f202020",  # Dell without a service tag: "DELL" and blanks
    )
)
VIRTUAL_MAC_PREFIXES = frozenset(
    bytes.fromhex(prefix)
    for prefix in (
        *("000569", "000c29", "001c14", "005056"),  # VMware
        *("00155d", "001dd8", "0003ff"),  # Hyper-V, its Virtual Machine Manager, Virtual PC
        *("080027", "000f4b", "0021f6"),  # VirtualBox, Oracle VM
        *("00163e", "001c42", "001851", "001a4a"),  # Xen, Parallels, Virtuozzo, RHEV
        *("bc2411", "506b8d", "589cfc"),  # Proxmox, Nutanix, bhyve
    )
)
ONBOARD_MEDIA = frozenset((0, 1, 9, 14))
PORTABLE_BUSES = frozenset((4, 7, 9, 12, 14, 15))  # 1394, USB, iSCSI, SD, virtual, file-backed
BLANK_EKS = frozenset(hashlib.sha256(value).digest() for value in (b"", bytes(256), b"\xff" * 256))

_emulated_disk = re.compile(r"QM\d{5}|VMWARE.*|VBOX.*")
_unprintable = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def provided(text: str | None) -> str | None:
    """A firmware text as people may see it, None when blank, `None` or the sentinel."""
    if text is None:
        return None
    shown = _unprintable.sub("\ufffd", text).strip()
    return None if shown.lower() in ("", "none", "smbios_string_index_0") else shown


def is_generic_text(text: str | None) -> bool:
    """True for a placeholder such as `Default string`, and for one character repeated."""
    shown = provided(text)
    return shown is None or shown.lower() in GENERIC_TEXTS or len(set(shown) - set(" -.")) <= 1


def is_generic_serial(serial: str | None) -> bool:
    """True where a serial number says nothing about the machine, or is missing."""
    return is_generic_text(serial)


def is_bogus_uuid(uuid: UUID | None) -> bool:
    """True for a missing UUID and for those that many boards share (hardware-hash.md, 1.7)."""
    return uuid is None or len(set(uuid.bytes)) == 1 or uuid in BOGUS_UUIDS


def identity_keys(identity: HardwareIdentity) -> tuple[IdentityKey, ...]:
    """The keys of a machine, strongest kind first, each once; bogus and generic values give none."""
    candidates = (
        ("ek", _ek(identity)),
        ("uuid", _uuid(identity)),
        ("manufacturer_serial", _manufacturer_serial(identity)),
        ("product_key_id", _product_key_id(identity)),
        *(("mac", nic.mac.hex()) for nic in identity.nics if is_onboard(nic)),
        *(("disk_serial", serial) for serial in _disk_serials(identity)),
    )
    return tuple(dict.fromkeys(IdentityKey(kind, value) for kind, value in candidates if value))


def is_onboard(nic: Nic) -> bool:
    """True for a physical adapter on the PCI bus with a maker's own address."""
    mac = nic.mac
    return (
        nic.bus.upper() == "PCI"
        and nic.medium in ONBOARD_MEDIA
        and not mac[0] & 0b11  # bit 0 group or broadcast, bit 1 locally administered
        and any(mac)
        and mac[:3] not in VIRTUAL_MAC_PREFIXES
    )


def _ek(identity: HardwareIdentity) -> str | None:
    """SHA-256 of the endorsement key in hex; record 11 of kind 1 carries the same digest."""
    offline = identity.offline_device_id
    if identity.ek_pub is not None:
        digest = hashlib.sha256(identity.ek_pub).digest()
    elif offline is not None and offline.kind == 1 and len(offline.payload) == 32:
        digest = offline.payload
    else:
        return None
    return None if digest in BLANK_EKS or len(set(digest)) == 1 else digest.hex()


def _uuid(identity: HardwareIdentity) -> str | None:
    return None if is_bogus_uuid(identity.smbios_uuid) else str(identity.smbios_uuid)


def _manufacturer_serial(identity: HardwareIdentity) -> str | None:
    if is_generic_text(identity.system_manufacturer) or is_generic_serial(identity.system_serial):
        return None
    return _short(f"{_folded(identity.manufacturer)}|{_folded(identity.serial)}")


def _product_key_id(identity: HardwareIdentity) -> str | None:
    shown = provided(identity.product_key_id) or ""
    is_sound = re.fullmatch(r"[0-9]{13}", shown) and len(set(shown)) > 1
    return shown if is_sound else None


def _disk_serials(identity: HardwareIdentity) -> list[str]:
    """Serials of the built-in disks; a USB stick or a virtual disk moves between machines."""
    paired = len(identity.disks) == len(identity.disk_serials)
    portable, found = set(), []
    for number, disk_serial in enumerate(identity.disk_serials):
        if paired and identity.disks[number].bus_type in PORTABLE_BUSES:
            portable.add(disk_serial)
        else:
            found.append(disk_serial)
    if identity.disk_ssn_kernel is not None and identity.disk_ssn_kernel not in portable:
        found.append(identity.disk_ssn_kernel)
    return [disk_key(each) for each in found if not _is_emulated(each)]


def disk_key(disk: DiskSerial) -> str:
    """How a disk is told from others, case and blanks ignored."""
    return _short(_folded(disk.serial))


def _is_emulated(disk: DiskSerial) -> bool:
    return is_generic_serial(disk.serial) or bool(_emulated_disk.fullmatch(_folded(disk.serial)))


def _folded(text: str | None) -> str:
    return " ".join((provided(text) or "").upper().split())


def _short(text: str) -> str:
    return text if len(text) <= 120 else hashlib.sha256(text.encode()).hexdigest()
