"""Hypothesis strategies for random machines and random records, and a builder of broken blobs."""

import hashlib
import struct
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from devices.hardware import parts
from devices.hardware.codec import FIELDS
from devices.hardware.identity import HardwareIdentity

u8, u16 = st.integers(0, 0xFF), st.integers(0, 0xFFFF)
u32, u64 = st.integers(0, 2**32 - 1), st.integers(0, 2**64 - 1)
letters = st.characters(codec="utf-8", exclude_characters="\0|")
text = st.text(letters, max_size=12)
maybe_text = st.none() | text
offsets = st.none() | st.integers(-128, 119).map(lambda quarters: quarters * 15)
times = u32.map(lambda seconds: datetime(2000, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds))
versions = st.tuples(u16, u16, u16, u16)
captures = st.builds(parts.Capture, versions, versions, times, offsets, u8, u8, u8)
disk_serials = st.builds(parts.DiskSerial, text, st.text(letters, max_size=8), text)
nics = st.builds(
    parts.Nic, u32, st.binary(min_size=6, max_size=6), st.sampled_from(["PCI", "BTH", "ÜSB", ""])
)
core_classes = st.builds(parts.CoreClass, u8, st.integers(0, 99), st.integers(0, 99))
locales = st.builds(parts.Locale, text, text, text, text, text)
gpu_names = st.builds(parts.GpuName, text, text)
memories = st.builds(parts.Memory, u64, u64, u16, u16, u8)
gpus = st.builds(parts.Gpu, u64, u64, u8, u8)
displays = st.builds(parts.Display, u16, u16, u16, u16, u32)
disks = st.builds(parts.Disk, u64, u16, u8, u8)
unknown = st.builds(parts.RawRecord, u16.filter(lambda number: number not in FIELDS), st.binary(max_size=40))


def few(strategy: st.SearchStrategy) -> st.SearchStrategy:
    return st.lists(strategy, max_size=3).map(tuple)


@st.composite
def hwids(draw: st.DrawFn) -> parts.LicensingHwid:
    counts = draw(st.tuples(*[st.integers(0, 2)] * 10))
    size = 2 + sum(counts)
    return parts.LicensingHwid(counts, tuple(draw(st.lists(u16, min_size=size, max_size=size))))


@st.composite
def security(draw: st.DrawFn) -> dict:
    key = draw(st.none() | st.binary(min_size=1, max_size=4).map(lambda seed: (seed * 256)[:256]))
    if key is None:
        payload = draw(st.binary(max_size=32))
        return {
            "offline_device_id": draw(
                st.none() | st.builds(parts.OfflineDeviceId, u32, u16, st.just(payload))
            )
        }
    return {"ek_pub": key, "offline_device_id": parts.OfflineDeviceId(0, 1, hashlib.sha256(key).digest())}


@st.composite
def processor(draw: st.DrawFn) -> dict:
    classes = draw(st.none() | few(core_classes))
    cores, threads = draw(u16), draw(u16)
    if classes:
        cores, threads = sum(each.cores for each in classes), sum(each.threads for each in classes)
    cpu = draw(
        st.none() | st.builds(parts.CpuCounts, u16, u16, st.just(cores), st.just(threads), st.booleans())
    )
    return {"cpu": cpu, "core_classes": classes}


@st.composite
def identities(draw: st.DrawFn) -> HardwareIdentity:
    """Any machine that the format can hold, in the order Windows writes, unknown records last."""
    texts = [name for name in HardwareIdentity.__dataclass_fields__ if FIELD_KINDS.get(name) == "text"]
    return HardwareIdentity(
        **draw(processor()),
        **draw(security()),
        **{name: draw(maybe_text) for name in texts},
        capture=draw(st.none() | captures),
        memory=draw(st.none() | memories),
        cpu_model=draw(maybe_text),
        disks=draw(few(disks)),
        disk_serials=draw(few(disk_serials)),
        nics=draw(few(nics)),
        displays=draw(few(displays)),
        panel=draw(st.none() | st.builds(parts.Panel, u16, u16)),
        chassis=draw(st.none() | st.builds(parts.Chassis, u8, u8, u8, u8, u8)),
        smbios_uuid=draw(st.none() | st.uuids()),
        disk_ssn_kernel=draw(st.none() | disk_serials),
        gpus=draw(few(gpus)),
        gpu_names=draw(few(gpu_names)),
        record_35=draw(st.none() | st.binary(max_size=5)),
        locale=draw(st.none() | locales),
        licensing_hwid=draw(st.none() | hwids()),
        raw=draw(few(unknown)),
        size=draw(st.sampled_from([3000, 3000, 2999, 4096])),
    )


FIELD_KINDS = {field.name: "text" for field in FIELDS.values() if field.read.__name__ == "read_text"}


def blob_of(*records: tuple[int, bytes], size: int = 3000) -> bytes:
    """A sound container around any records (type, value)."""
    body = b"".join(struct.pack("<HH", number, 4 + len(value)) + value for number, value in records)
    return sealed(b"OA" + struct.pack("<H", 4 + len(body)) + body, size=size)


def sealed(head: bytes, *, size: int = 3000) -> bytes:
    return (head + b"CS$\0" + hashlib.sha256(head).digest()).ljust(size, b"\0")
