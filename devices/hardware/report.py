"""A decoded hash for people and for scripts: every field, with units and the names of the codes."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from devices.hardware.identity import HardwareIdentity, identity_keys

UNITS = {"gib": "GiB", "gb": "GB", "mm": "mm", "cm": "cm", "bytes": "bytes", "minutes": "minutes"}
ABBREVIATIONS = {
    word.lower(): word for word in ("CPU", "TPM", "EK", "SMBIOS", "UUID", "OS", "UTC", "MAC", "SKU", "ECC")
} | {"gpu": "GPU", "gpus": "GPUs", "nic": "NIC", "nics": "NICs", "hwid": "HWID", "id": "ID", "ssn": "SSN"}
READING = ("repairs", "warnings")


def as_dict(identity: HardwareIdentity) -> dict[str, Any]:
    """Every field as JSON-able values: bytes in hex, times in ISO 8601 UTC, absent records null or []."""
    return {
        "serial": identity.serial,
        "manufacturer": identity.manufacturer,
        "model": identity.model,
        **{each.name: _plain(each.name, getattr(identity, each.name)) for each in fields(identity)},
        "identity_keys": [key._asdict() for key in identity_keys(identity)],
    }


def as_text(identity: HardwareIdentity) -> str:
    """The same as lines of text; absent records are named together in the last line."""
    report = as_dict(identity)
    absent = [_label(name) for name, value in report.items() if _is_absent(value) and name not in READING]
    lines = [line for name, value in report.items() if not _is_absent(value) for line in _lines(name, value)]
    if absent:
        lines.append(f"Not in this hash: {', '.join(absent)}")
    return "\n".join(lines)


def _plain(name: str, value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, bytes):
        return value.hex(":").upper() if name == "mac" else value.hex()
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, UUID):
        return str(value).upper()
    if isinstance(value, tuple):
        is_version = name.endswith("_version")
        return ".".join(map(str, value)) if is_version else [_plain(name, each) for each in value]
    return _part(value) if is_dataclass(value) else value


def _part(part: Any) -> dict[str, Any]:
    """The fields of a record, each code followed by its name."""
    values = {each.name: _plain(each.name, getattr(part, each.name)) for each in fields(part)}
    named = [name for name, each in vars(type(part)).items() if isinstance(each, property)]
    return values | {name: getattr(part, name) for name in named if name != "mac_text"}


def _is_absent(value: Any) -> bool:
    return value is None or value == []


def _lines(name: str, value: Any, indent: str = "") -> Iterator[str]:
    head = f"{indent}{_label(name)}:"
    if isinstance(value, dict):
        yield head
        for inner, each in value.items():
            yield from _lines(inner, each, indent + "  ")
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for number, each in enumerate(value, 1):
            yield from _lines(f"{_singular(name)} {number}", each, indent)
    else:
        yield f"{head} {_shown(value)}"


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return " ".join(map(str, value))
    text = "not known" if value is None else str(value)
    return "".join(letter if letter.isprintable() else f"\\x{ord(letter):02x}" for letter in text)


def _singular(name: str) -> str:
    return name.removesuffix("es") if name.endswith("classes") else name.removesuffix("s")


def _label(name: str) -> str:
    words = name.replace(" ", "_").split("_")
    unit = UNITS.get(words[-1]) if len(words) > 1 else None
    words = [ABBREVIATIONS.get(word, word) for word in (words[:-1] if unit else words)]
    label = " ".join(words)
    label = label[0].upper() + label[1:]
    return f"{label} ({unit})" if unit else label
