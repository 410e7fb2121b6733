"""The records of a hardware hash as frozen dataclasses; every number says its unit."""

from dataclasses import dataclass
from datetime import datetime

type_names = {2: "full Windows", 1: "Windows PE"}
architecture_names = {0: "x86", 5: "ARM", 9: "x64", 12: "ARM64"}
bus_names = {
    1: "SCSI",
    2: "ATAPI",
    3: "ATA",
    4: "1394",
    6: "Fibre Channel",
    7: "USB",
    8: "RAID",
    9: "iSCSI",
    10: "SAS",
    11: "SATA",
    12: "SD",
    13: "MMC",
    14: "virtual",
    15: "file-backed virtual",
    16: "Storage Spaces",
    17: "NVMe",
    19: "UFS",
}
medium_names = {0: "unspecified", 1: "WLAN", 9: "native 802.11", 10: "Bluetooth", 14: "Ethernet"}
ecc_names = {3: "none", 4: "parity", 5: "single-bit", 6: "multi-bit", 7: "CRC"}
chassis_names = {
    1: "other",
    2: "unknown",
    3: "desktop",
    4: "low-profile desktop",
    5: "pizza box",
    6: "mini tower",
    7: "tower",
    8: "portable",
    9: "laptop",
    10: "notebook",
    11: "hand held",
    12: "docking station",
    13: "all in one",
    14: "sub notebook",
    15: "space-saving",
    16: "lunch box",
    17: "main server",
    18: "expansion chassis",
    19: "sub chassis",
    20: "bus expansion chassis",
    21: "peripheral chassis",
    22: "RAID chassis",
    23: "rack mount",
    24: "sealed-case PC",
    25: "multi-system chassis",
    26: "CompactPCI",
    27: "AdvancedTCA",
    28: "blade",
    29: "blade enclosure",
    30: "tablet",
    31: "convertible",
    32: "detachable",
    33: "IoT gateway",
    34: "embedded PC",
    35: "mini PC",
    36: "stick PC",
}
power_role_names = {
    0: "unspecified",
    1: "desktop",
    2: "mobile",
    3: "workstation",
    4: "enterprise server",
    5: "SOHO server",
    6: "appliance",
    7: "performance server",
    8: "slate",
}
offline_id_names = {0x0001: "TPM_EK", 0x0102: "UEFI_VARIABLE_TPM", 0x0103: "no-TPM seed"}


@dataclass(frozen=True, slots=True)
class Capture:
    """Record 1: which tool, which Windows, when; versions are (major, minor, build, revision)."""

    tool_version: tuple[int, int, int, int]
    os_version: tuple[int, int, int, int]
    generated_at: datetime  # aware, UTC, whole seconds
    utc_offset_minutes: int | None  # None: the tool did not know (written as 120 quarter hours)
    os_type: int
    architecture: int
    format_version: int  # "ToolVersion": 3 with build 16299 … 9 with build 26100

    @property
    def os_type_name(self) -> str:
        return type_names.get(self.os_type, f"unknown ({self.os_type})")

    @property
    def architecture_name(self) -> str:
        return architecture_names.get(self.architecture, f"unknown ({self.architecture})")


@dataclass(frozen=True, slots=True)
class CpuCounts:
    """Record 2: how many processors, cores and threads."""

    architecture: int
    packages: int
    cores: int
    threads: int
    is_hyperthreaded: bool

    @property
    def architecture_name(self) -> str:
        return architecture_names.get(self.architecture, f"unknown ({self.architecture})")


@dataclass(frozen=True, slots=True)
class CoreClass:
    """One class of record 34 (hybrid processors): 1 = performance, 0 = efficiency."""

    core_class: int
    cores: int
    threads: int


@dataclass(frozen=True, slots=True)
class Memory:
    """Record 5, sizes in GiB; ecc is the SMBIOS enumeration."""

    installed_gib: int
    maximum_gib: int
    slots: int
    arrays: int
    ecc: int

    @property
    def ecc_name(self) -> str:
        return ecc_names.get(self.ecc, f"unknown ({self.ecc})")


@dataclass(frozen=True, slots=True)
class Disk:
    """Record 6, capacity in decimal GB; seek_penalty 0 = none (SSD), 255 = unknown or yes."""

    capacity_gb: int
    bus_type: int
    seek_penalty: int
    trim: int

    @property
    def bus_name(self) -> str:
        return bus_names.get(self.bus_type, f"unknown ({self.bus_type})")


@dataclass(frozen=True, slots=True)
class DiskSerial:
    """Records 7 and 28: what a disk says about itself; inner spaces are significant."""

    serial: str
    model: str
    vendor: str


@dataclass(frozen=True, slots=True)
class Nic:
    """Record 8: one network adapter; medium is the NDIS physical medium, bus PCI, USB, BTH, VMBUS …"""

    medium: int
    mac: bytes  # 6 bytes
    bus: str

    @property
    def mac_text(self) -> str:
        return self.mac.hex(":").upper()

    @property
    def medium_name(self) -> str:
        return medium_names.get(self.medium, f"unknown ({self.medium})")


@dataclass(frozen=True, slots=True)
class Display:
    """Record 9: size in mm, resolution in pixels, video output technology (0x80000000 = internal panel)."""

    width_mm: int
    height_mm: int
    pixels_across: int
    pixels_down: int
    output_technology: int

    @property
    def is_known(self) -> bool:
        return (self.width_mm, self.height_mm) != (0xFFFF, 0xFFFF)

    @property
    def is_internal(self) -> bool:
        return self.output_technology == 0x80000000


@dataclass(frozen=True, slots=True)
class Panel:
    """Record 27: size of the panel in cm; 65535 or 0 = unknown."""

    width_cm: int
    height_cm: int


@dataclass(frozen=True, slots=True)
class Chassis:
    """Record 10: SMBIOS chassis type, power platform role, optical drive, touch/pen flags, touch points."""

    chassis_type: int
    power_role: int
    optical_drive: int
    touch_flags: int
    max_touches: int

    @property
    def chassis_name(self) -> str:
        return chassis_names.get(self.chassis_type, f"unknown ({self.chassis_type})")

    @property
    def power_role_name(self) -> str:
        return power_role_names.get(self.power_role, f"unknown ({self.power_role})")


@dataclass(frozen=True, slots=True)
class OfflineDeviceId:
    """Record 11: kind 0x0001 carries the SHA-256 of the TPM endorsement key (record 25)."""

    status: int
    kind: int
    payload: bytes

    @property
    def kind_name(self) -> str:
        return offline_id_names.get(self.kind, f"unknown (0x{self.kind:04X})")


@dataclass(frozen=True, slots=True)
class Gpu:
    """Record 29: dedicated memory in bytes, removal policy, built in or not."""

    video_bytes: int
    system_bytes: int
    removal_policy: int
    in_machine: int


@dataclass(frozen=True, slots=True)
class GpuName:
    """Record 30: vendor and name of a graphics adapter, in the order of the records 29."""

    vendor: str
    name: str


@dataclass(frozen=True, slots=True)
class Locale:
    """Record 36 (captures by the assessment kit): regional settings as Windows names them."""

    system: str
    user: str
    time_zone: str
    ui_languages: str
    keyboard: str


@dataclass(frozen=True, slots=True)
class LicensingHwid:
    """Record 37: Windows' own component fingerprint: ten component counts and the words behind them."""

    counts: tuple[int, ...]
    words: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class RawRecord:
    """A record of an unknown type, or one whose layout is not the known one: kept byte for byte."""

    type: int
    value: bytes


@dataclass(frozen=True, slots=True)
class Repair:
    """Something mended in the text before it was decoded: a stable name and a sentence."""

    name: str
    message: str
