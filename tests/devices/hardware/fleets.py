"""Hypothesis strategies: random fleets of machines that look alike, and repairs they are permitted."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

from hypothesis import strategies as st

from devices.hardware.identity import SENTINEL, HardwareIdentity
from devices.hardware.parts import Disk, DiskSerial, GpuName, Nic, OfflineDeviceId
from devices.hardware.synthetic import machine, recapture

LATER = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
BOGUS = UUID("03000200-0400-0500-0006-000700080009")
MODEL = {"manufacturer": "Contoso", "model": "Tower 5000"}
QEMU_DISK = DiskSerial("QM00001", "QEMU HARDDISK", "")
DOCK = Nic(14, bytes.fromhex("00005e005310"), "USB")
THUNDERBOLT_DOCK = Nic(14, bytes.fromhex("00005e005311"), "PCI")
RADIO = Nic(10, bytes.fromhex("00005e005312"), "BTH")
STICK = DiskSerial("STICK-0001", "Contoso stick", "")


def full(seed: int) -> HardwareIdentity:
    """Everything that identifies a machine."""
    return machine(seed=seed, **MODEL)


def without_tpm(seed: int) -> HardwareIdentity:
    """UUID, serial and product key, no endorsement key."""
    return machine(seed=seed, tpm=False, **MODEL)


def known_by_tpm(seed: int) -> HardwareIdentity:
    """A white box: only its endorsement key is its own."""
    return replace(full(seed), smbios_uuid=BOGUS, system_serial="Default string", product_key_id=None)


def known_by_serial(seed: int) -> HardwareIdentity:
    """An old machine: no TPM, a shared UUID, a serial number."""
    return replace(without_tpm(seed), smbios_uuid=BOGUS, product_key_id=None)


def known_by_product_key(seed: int) -> HardwareIdentity:
    """Only the key in its firmware tells it apart."""
    return replace(without_tpm(seed), smbios_uuid=BOGUS, system_serial="To be filled by O.E.M.")


def virtual(seed: int) -> HardwareIdentity:
    """A QEMU machine: sentinel serial and the disk serial that all of them have."""
    found = machine(seed=seed, manufacturer="QEMU", model="Standard PC (Q35 + ICH9, 2009)", tpm=False)
    return replace(
        found,
        system_serial=SENTINEL,
        product_key_id=None,
        nics=(Nic(14, bytes.fromhex("525400123456"), "PCI"),),
        disk_serials=(QEMU_DISK,),
        disk_ssn_kernel=QEMU_DISK,
        offline_device_id=OfflineDeviceId(0, 0x0103, bytes(32)),
    )


KINDS = (full, without_tpm, known_by_tpm, known_by_serial, known_by_product_key, virtual)


def with_disk_of(identity: HardwareIdentity, donor: HardwareIdentity) -> HardwareIdentity:
    """The machine with another machine's disk in it."""
    return replace(
        identity,
        disks=donor.disks,
        disk_serials=donor.disk_serials,
        disk_ssn_kernel=donor.disk_ssn_kernel,
    )


def with_shared_things(identity: HardwareIdentity) -> HardwareIdentity:
    """Captured at a desk where everybody docks: docks, a headset and a USB stick."""
    return replace(
        identity,
        nics=(*identity.nics, DOCK, THUNDERBOLT_DOCK, RADIO),
        disks=(*identity.disks, Disk(64, 7, 0, 0)),
        disk_serials=(*identity.disk_serials, STICK),
        order=(),
    )


@dataclass(frozen=True)
class Fleet:
    """Registered machines, and of each a later capture after repairs that keep it the same device."""

    known: list[HardwareIdentity]
    again: list[HardwareIdentity]


REPAIRS = ("disk", "donor_disk", "adapter", "memory", "graphics", "desk", "winpe")


@st.composite
def fleets(draw: st.DrawFn, most: int = 6) -> Fleet:
    """Two to `most` machines of one model (and QEMU machines), some captured at the same desk."""
    seeds = draw(st.lists(st.integers(0, 2**22 - 1), min_size=2, max_size=most, unique=True))
    known = [draw(st.sampled_from(KINDS))(seed) for seed in seeds]
    known = [with_shared_things(each) if draw(st.booleans()) else each for each in known]
    again = []
    for each in known:
        repairs = draw(st.sets(st.sampled_from(REPAIRS), max_size=3))
        number = draw(st.integers(0, 99))
        again.append(_repaired(each, repairs, number, donor=draw(st.sampled_from(known))))
    return Fleet(known, again)


def _repaired(
    identity: HardwareIdentity, repairs: set[str], number: int, *, donor: HardwareIdentity
) -> HardwareIdentity:
    if "graphics" in repairs:
        identity = replace(identity, gpu_names=(GpuName("Contoso", f"Graphics {number}"),))
    if "desk" in repairs:
        identity = with_shared_things(identity)
    if "donor_disk" in repairs:
        identity = with_disk_of(identity, donor)
    return recapture(
        identity,
        at=LATER,
        new_disk=f"new {number}" if "disk" in repairs else None,
        new_nic=f"new {number}" if "adapter" in repairs else None,
        new_memory_gib=number + 1 if "memory" in repairs else None,
        from_winpe="winpe" in repairs,
    )
