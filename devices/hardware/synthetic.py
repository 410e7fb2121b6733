"""Made-up machines and fresh captures of them, for the demo, test files and tests.

Everything is reserved or invented: manufacturers are Microsoft's fictitious companies, serials begin
TEST-. Network addresses lie under 00:00:5E (IANA's own prefix, which no adapter carries): the locally
administered 02:… can never be an identity key, and the documentation range 00:00:5E:00:53:xx holds
only 256. Whole-number seeds below 4,194,304 give unique serials and addresses (4 adapters a machine).
"""

import hashlib
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from devices.hardware.identity import HardwareIdentity
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
    Memory,
    Nic,
    OfflineDeviceId,
    Panel,
)

MODELS: dict[str, tuple[str, ...]] = {
    "Contoso": ("Meridian 14 G3", "Meridian 16 G3", "Tower 5000", "Slate Go 11"),
    "Fabrikam": ("FabBook 840", "FabBook 860", "FabStation Mini", "FabDesk 400"),
    "Northwind": ("Trader X13", "Trader T14s", "Trader P16"),
    "Tailwind": ("Kiosk One", "Retail AIO 24", "Shopfloor 12 Rugged"),
}
DESKTOPS = frozenset(("Tower 5000", "FabStation Mini", "FabDesk 400", "Kiosk One", "Retail AIO 24"))
WINDOWS_BUILDS = ((10, 0, 22621, 4317), (10, 0, 26100, 7705), (10, 0, 26200, 7840))
FIRST_CAPTURE = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)

SERIAL_LETTERS = "0123456789ABCDEFGHJKLMNPQRSTVWXY"
MOST_ADAPTERS = 4


def machine(
    *,
    seed: int | str,
    manufacturer: str | None = None,
    model: str | None = None,
    serial: str | None = None,
    tpm: bool = True,
    disks: int = 1,
    nics: int = 2,
    hybrid: bool = False,
    captured_at: datetime | None = None,
) -> HardwareIdentity:
    """A made-up machine, the same for the same arguments; nics at most 4, captured_at aware."""
    if not 0 <= nics <= MOST_ADAPTERS:
        raise ValueError(f"a made-up machine has 0 to {MOST_ADAPTERS} network adapters")
    rng = random.Random(f"machine {seed}")  # noqa: S311 - reproducible, not secret
    number = _number(seed)
    manufacturer = manufacturer or rng.choice(tuple(MODELS))
    model = model or rng.choice(MODELS.get(manufacturer, ("Model X", "Model Y")))
    is_desktop = model in DESKTOPS
    drives = [_drive(rng) for _ in range(disks)]
    return HardwareIdentity(
        capture=_capture(rng, captured_at or FIRST_CAPTURE + timedelta(seconds=rng.randrange(2**24))),
        **_processor(hybrid=hybrid),
        memory=Memory(rng.choice((8, 16, 32)), 64, 2, 1, 3),
        disks=tuple(disk for disk, _ in drives),
        disk_serials=tuple(disk_serial for _, disk_serial in drives),
        nics=_adapters(number, nics),
        displays=(Display(300, 190, 1920, 1200, 0xFFFFFFFF if is_desktop else 0x80000000),),
        panel=Panel(30, 19),
        chassis=Chassis(3, 1, 0, 0, 0) if is_desktop else Chassis(10, 2, 0, 0x41, 10),
        **_security(rng, tpm=tpm),
        **_firmware(rng, number, manufacturer, model, serial),
        disk_ssn_kernel=drives[0][1] if drives else None,
        gpus=(Gpu(128 * 2**20, 0, 0, 1),),
        gpu_names=(GpuName("Contoso Graphics", "Contoso Graphics 770"),),
        record_35=b"\x02\x00\x01",
    )


def recapture(
    identity: HardwareIdentity,
    *,
    at: datetime,
    new_disk: int | str | None = None,
    new_board: int | str | None = None,
    new_tpm: int | str | None = None,
    new_nic: int | str | None = None,
    new_memory_gib: int | None = None,
    docked: bool = False,
    from_winpe: bool = False,
) -> HardwareIdentity:
    """The same machine captured again at another time; each new_… is the seed of the exchanged part.

    new_board: another endorsement key, UUID, product key id and onboard adapters, the same serial;
    new_nic: the first adapter exchanged; docked: a USB dock's adapter joins; from_winpe: without what
    Windows PE cannot see (TPM, displays, Wi-Fi, system disk, key part number).
    """
    if identity.capture is not None:
        identity = replace(identity, capture=replace(identity.capture, generated_at=_whole(at)))
    if new_disk is not None:
        identity = _with_disk(identity, new_disk)
    if new_tpm is not None:
        identity = replace(identity, **_security(_rng("tpm", new_tpm), tpm=True))
    if new_board is not None:
        identity = _with_board(identity, new_board)
    if new_nic is not None:
        adapters = _adapters(_number(f"nic {new_nic}"), 1) + identity.nics[1:]
        identity = replace(identity, nics=adapters)
    if new_memory_gib is not None and identity.memory is not None:
        identity = replace(identity, memory=replace(identity.memory, installed_gib=new_memory_gib))
    if docked:
        identity = replace(identity, nics=(*identity.nics, _adapter("dock", 14, "USB")))
    return replace(_seen_from_winpe(identity) if from_winpe else identity, order=())


def _rng(part: str, seed: int | str) -> random.Random:
    return random.Random(f"{part} {seed}")  # noqa: S311 - reproducible, not secret


def _number(seed: int | str) -> int:
    """22 bits that tell machines apart: the seed itself where it is a small number."""
    if isinstance(seed, int) and 0 <= seed < 2**22:
        return seed
    return int.from_bytes(hashlib.sha256(str(seed).encode()).digest()[:8], "big")


def _whole(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(microsecond=0)


def _capture(rng: random.Random, at: datetime) -> Capture:
    build = rng.choice(WINDOWS_BUILDS)
    return Capture((10, 0, 26100, 7705), build, _whole(at), rng.choice((-300, 0, 60)), 2, 9, 9)


def _processor(*, hybrid: bool) -> dict[str, Any]:
    counts = CpuCounts(9, 1, 12, 14, True) if hybrid else CpuCounts(9, 1, 8, 16, True)
    return {
        "cpu": counts,
        "core_classes": (CoreClass(1, 2, 4), CoreClass(0, 10, 10)) if hybrid else None,
        "cpu_vendor": "GenuineIntel",
        "cpu_model": "Contoso Core 7 synthetic",
    }


def _drive(rng: random.Random) -> tuple[Disk, DiskSerial]:
    size = rng.choice((256, 512, 1024))
    serial = f"TESTDISK_{rng.getrandbits(64):016X}."
    return Disk(size, 17, 0, 1), DiskSerial(serial, f"Contoso NVMe {size}GB", "")


def _adapters(number: int, count: int) -> tuple[Nic, ...]:
    kinds = ((14, "PCI"), (1, "PCI"), (14, "PCI"), (14, "PCI"))
    found = []
    for index, (medium, bus) in enumerate(kinds[:count]):
        # An odd factor makes this one-to-one, so neighbours in number do not look alike.
        host = (number * MOST_ADAPTERS + index) * 0x9E3779 % 2**24
        found.append(Nic(medium, b"\x00\x00\x5e" + host.to_bytes(3, "big"), bus))
    return tuple(found)


def _adapter(seed: str, medium: int, bus: str) -> Nic:
    return Nic(medium, b"\x00\x00\x5e\x00\x53" + hashlib.sha256(seed.encode()).digest()[:1], bus)


def _security(rng: random.Random, *, tpm: bool) -> dict[str, Any]:
    if not tpm:
        seed_id = OfflineDeviceId(0, 0x0103, rng.randbytes(32))
        return {"tpm_version": None, "ek_pub": None, "offline_device_id": seed_id}
    key = b"\xc0" + rng.randbytes(255)
    version = "TPM-Version:2.0 -Level:0-Revision:1.59-VendorID:'TEST'-Firmware:1.2"
    offline_id = OfflineDeviceId(0, 0x0001, hashlib.sha256(key).digest())
    return {"tpm_version": version, "ek_pub": key, "offline_device_id": offline_id}


def _firmware(
    rng: random.Random, number: int, manufacturer: str, model: str, serial: str | None
) -> dict[str, Any]:
    return {
        **_board(rng),
        "system_serial": _serial(number) if serial is None else serial,
        "firmware_vendor": f"{manufacturer} Firmware",
        "system_manufacturer": manufacturer,
        "product_name": model,
        "sku_number": f"SKU-{model.replace(' ', '-')}",
        "system_family": model.split()[0],
        "system_version": "1.0",
        "board_manufacturer": manufacturer,
        "board_product": f"{model.split()[0]} board",
        "board_version": "A01",
        "key_part_number": "[TEST]X00-00001",
    }


def _board(rng: random.Random) -> dict[str, Any]:
    """What follows the board: UUID and product key id (key group 9999 is not issued)."""
    return {
        "smbios_uuid": UUID(bytes=rng.randbytes(16), version=4),
        "product_key_id": f"9999{rng.randrange(10**9):09d}",
    }


def _serial(number: int) -> str:
    mixed = number * 0x5DEECE66D % 2**35
    return "TEST-" + "".join(SERIAL_LETTERS[mixed >> shift & 31] for shift in range(30, -1, -5))


def _with_disk(identity: HardwareIdentity, seed: int | str) -> HardwareIdentity:
    disk, disk_serial = _drive(_rng("disk", seed))
    return replace(
        identity,
        disks=(disk, *identity.disks[1:]),
        disk_serials=(disk_serial, *identity.disk_serials[1:]),
        disk_ssn_kernel=disk_serial,
    )


def _with_board(identity: HardwareIdentity, seed: int | str) -> HardwareIdentity:
    rng = _rng("board", seed)
    onboard = _adapters(_number(f"board {seed}"), min(len(identity.nics), MOST_ADAPTERS))
    parts = _board(rng) | _security(rng, tpm=identity.ek_pub is not None)
    return replace(identity, nics=onboard, **parts)


def _seen_from_winpe(identity: HardwareIdentity) -> HardwareIdentity:
    capture = identity.capture and replace(identity.capture, os_type=1)
    parts = _security(_rng("winpe", str(identity.smbios_uuid)), tpm=False)
    return replace(
        identity,
        capture=capture,
        displays=(),
        panel=None,
        nics=tuple(nic for nic in identity.nics if nic.medium == 14),
        disk_ssn_kernel=None,
        key_part_number=None,
        gpu_names=tuple(GpuName("", "Microsoft Basic Display") for _ in identity.gpu_names),
        **parts,
    )
