"""Two captures side by side, field by field: what agrees, what differs, what it weighs and why it changes.

Weights and the three columns of change: hardware-hash.md 1.7. The verdict itself is match.py's.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from devices.hardware.identity import HardwareIdentity, disk_key, identity_keys, provided


class Weight(StrEnum):
    """How much a field says about who a machine is."""

    DECISIVE = "decisive"
    STRONG = "strong"
    MEDIUM = "medium"
    WEAK = "weak"
    NONE = "none"


class Change(StrEnum):
    """When a field may differ between two captures of one machine."""

    STABLE = "stable"
    USE = "use"
    CAPTURE = "capture"


class State(StrEnum):
    """How the two captures stand in a field; a value that says nothing about a machine is not compared."""

    AGREES = "agrees"
    DIFFERS = "differs"
    ONE_SIDED = "one_sided"
    NOT_COMPARED = "not_compared"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Value:
    """One value as text; `counts` is False for a placeholder, a dock, an emulated disk and their like."""

    text: str
    counts: bool = True
    is_shared: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """One field of both captures."""

    name: str
    weight: Weight
    change: Change
    known: tuple[Value, ...]
    candidate: tuple[Value, ...]
    state: State


Entry = tuple[str, str | None]  # text, and what it is compared by; None: it says nothing
Reader = Callable[[HardwareIdentity], Iterable[Entry]]


def compare(known: HardwareIdentity, candidate: HardwareIdentity) -> tuple[Field, ...]:
    """Every field of two captures, heaviest first; fields that neither has come last."""
    fields = [_field(name, *spec, known, candidate) for name, spec in FIELDS.items()]
    return tuple(sorted(fields, key=lambda each: each.state == State.ABSENT))


def _field(
    name: str,
    weight: Weight,
    change: Change,
    read: Reader,
    known: HardwareIdentity,
    candidate: HardwareIdentity,
) -> Field:
    ours, theirs = list(read(known)), list(read(candidate))
    mine, other = ({key for _text, key in each if key is not None} for each in (ours, theirs))
    is_list = weight == Weight.NONE  # without weight a field agrees only as a whole
    state = _state(bool(ours), bool(theirs), mine, other, as_a_whole=is_list)
    shared = mine & other
    return Field(name, weight, change, _values(ours, shared), _values(theirs, shared), state)


def _state(has_ours: bool, has_theirs: bool, mine: set[str], other: set[str], *, as_a_whole: bool) -> State:
    if not has_ours and not has_theirs:
        return State.ABSENT
    if not has_ours or not has_theirs:
        return State.ONE_SIDED
    if not mine or not other:
        return State.NOT_COMPARED
    agrees = mine == other if as_a_whole else bool(mine & other)
    return State.AGREES if agrees else State.DIFFERS


def _values(entries: Sequence[Entry], shared: set[str]) -> tuple[Value, ...]:
    return tuple(Value(text, key is not None, key in shared) for text, key in entries)


def _keys(identity: HardwareIdentity, kind: str) -> set[str]:
    return {key.value for key in identity_keys(identity) if key.kind == kind}


def _single(kind: str, text: Callable[[HardwareIdentity], str | None]) -> Reader:
    """A field that holds at most one value, compared by its identity key."""

    def read(identity: HardwareIdentity) -> list[Entry]:
        shown = text(identity)
        return [(shown, next(iter(_keys(identity, kind)), None))] if shown else []

    return read


def _endorsement_key(identity: HardwareIdentity) -> str | None:
    found = next(iter(_keys(identity, "ek")), None)
    return found and f"SHA-256 {found[:16]}…"


def _serial(identity: HardwareIdentity) -> str | None:
    return " ".join(filter(None, (_clean(identity.system_manufacturer), _clean(identity.system_serial))))


def _adapters(identity: HardwareIdentity) -> list[Entry]:
    keys = _keys(identity, "mac")
    return [
        (f"{nic.mac_text} {nic.medium_name} {nic.bus}", nic.mac.hex() if nic.mac.hex() in keys else None)
        for nic in identity.nics
    ]


def _disk_serials(identity: HardwareIdentity) -> list[Entry]:
    keys = _keys(identity, "disk_serial")
    kernel = (identity.disk_ssn_kernel,) if identity.disk_ssn_kernel else ()
    found = {disk_key(each): each for each in (*identity.disk_serials, *kernel)}
    return [
        (_clean(f"{each.serial} {each.model}") or "–", key if key in keys else None)
        for key, each in found.items()
    ]


def _plain(read: Callable[[HardwareIdentity], Any]) -> Reader:
    """A field without weight: its values as text, compared as a whole."""

    def values(identity: HardwareIdentity) -> list[Entry]:
        found = read(identity)
        several = found if isinstance(found, list) else [found]
        texts = [_clean(str(each)) for each in several if each is not None]
        return [(text, text) for text in texts if text]

    return values


def _clean(text: str | None) -> str:
    """A firmware text as people may see it; the sentinel itself stays readable."""
    return provided(text) or (text or "").strip()


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


_STABLE, _USE, _CAPTURE = Change.STABLE, Change.USE, Change.CAPTURE
FIELDS: dict[str, tuple[Weight, Change, Reader]] = {
    "ek": (Weight.DECISIVE, _STABLE, _single("ek", _endorsement_key)),
    "uuid": (
        Weight.DECISIVE,
        _STABLE,
        _single("uuid", lambda each: str(each.smbios_uuid).upper() if each.smbios_uuid else None),
    ),
    "manufacturer_serial": (Weight.STRONG, _STABLE, _single("manufacturer_serial", _serial)),
    "product_key_id": (
        Weight.STRONG,
        _STABLE,
        _single("product_key_id", lambda each: _clean(each.product_key_id)),
    ),
    "mac": (Weight.MEDIUM, _STABLE, _adapters),
    "disk_serial": (Weight.WEAK, _USE, _disk_serials),
    "model": (
        Weight.WEAK,
        _STABLE,
        lambda each: [(each.model, each.model.upper())] if each.model else [],
    ),
}
_WITHOUT_WEIGHT: dict[str, tuple[Change, Callable[[HardwareIdentity], Any]]] = {
    "sku_number": (_STABLE, lambda each: each.sku_number),
    "system_family": (_STABLE, lambda each: each.system_family),
    "system_version": (_STABLE, lambda each: each.system_version),
    "board": (_STABLE, lambda each: [each.board_manufacturer, each.board_product, each.board_version]),
    "key_part_number": (_STABLE, lambda each: each.key_part_number),
    "chassis": (_STABLE, lambda each: each.chassis and each.chassis.chassis_name),
    "processor": (_STABLE, lambda each: each.cpu_model),
    "tpm_version": (_USE, lambda each: each.tpm_version),
    "offline_device_id": (
        _USE,
        lambda each: each.offline_device_id and each.offline_device_id.kind_name,
    ),
    "firmware_vendor": (_USE, lambda each: each.firmware_vendor),
    "memory": (_USE, lambda each: each.memory and f"{each.memory.installed_gib} GiB"),
    "disks": (_USE, lambda each: [f"{disk.capacity_gb} GB {disk.bus_name}" for disk in each.disks]),
    "displays": (
        _USE,
        lambda each: [f"{one.pixels_across} × {one.pixels_down}" for one in each.displays if one.is_known],
    ),
    "graphics": (_USE, lambda each: [gpu.name for gpu in each.gpu_names]),
    "windows": (_USE, lambda each: each.capture and _dotted(each.capture.os_version)),
    "captured_in": (_USE, lambda each: each.capture and each.capture.os_type_name),
    "tool": (_USE, lambda each: each.capture and _dotted(each.capture.tool_version)),
    "locale": (_USE, lambda each: each.locale and f"{each.locale.system} {each.locale.time_zone}"),
    "captured_at": (
        _CAPTURE,
        lambda each: each.capture and f"{each.capture.generated_at:%Y-%m-%d %H:%M:%S} UTC",
    ),
}
FIELDS |= {name: (Weight.NONE, change, _plain(read)) for name, (change, read) in _WITHOUT_WEIGHT.items()}
