"""The words of a comparison of two captures: fields, weights, states, and what a verdict means."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from devices.hardware.compare import Change, Field, State, Weight, compare
from devices.hardware.identity import DECISIVE_KINDS, HardwareIdentity
from devices.hardware.match import Match, Verdict, match

LABELS: dict[str, Any] = {
    "ek": _("TPM endorsement key"),
    "uuid": _("SMBIOS UUID"),
    "manufacturer_serial": _("Manufacturer and serial number"),
    "product_key_id": _("Product key ID"),
    "mac": _("Network adapters"),
    "disk_serial": _("Disk serial numbers"),
    "model": _("Model"),
    "sku_number": _("SKU number"),
    "system_family": _("System family"),
    "system_version": _("System version"),
    "board": _("Board"),
    "key_part_number": _("Key part number"),
    "chassis": _("Chassis"),
    "processor": _("Processor"),
    "tpm_version": _("TPM"),
    "offline_device_id": _("Offline device ID"),
    "firmware_vendor": _("Firmware"),
    "memory": _("Memory"),
    "disks": _("Disks"),
    "displays": _("Displays"),
    "graphics": _("Graphics"),
    "windows": _("Windows"),
    "captured_in": _("Captured in"),
    "tool": _("Capturing tool"),
    "locale": _("Regional settings"),
    "captured_at": _("Captured"),
}
WEIGHTS: dict[Weight, Any] = {
    Weight.DECISIVE: _("Decisive"),
    Weight.STRONG: _("Strong"),
    Weight.MEDIUM: _("Medium"),
    Weight.WEAK: _("Weak"),
    Weight.NONE: _("None"),
}
CHANGES: dict[Change, Any] = {
    Change.STABLE: _("stable; changes only with a repair"),
    Change.USE: _("changes with use"),
    Change.CAPTURE: _("changes with each capture"),
}
STATES: dict[State, tuple[Any, str]] = {
    State.AGREES: (_("Agrees"), "success"),
    State.DIFFERS: (_("Differs"), "danger"),
    State.ONE_SIDED: (_("Only in one"), "neutral"),
    State.NOT_COMPARED: (_("Not compared"), "neutral"),
    State.ABSENT: (_("Absent"), "neutral"),
}
VERDICTS: dict[Verdict, tuple[Any, str, Any]] = {
    Verdict.SAME: (
        _("The same machine"),
        "success",
        _("The service recognises it: importing the second answers 806 here and 808 in another tenant."),
    ),
    Verdict.DIFFERENT: (
        _("Two different machines"),
        "neutral",
        _("Both can be registered; neither stands in the other's way."),
    ),
    Verdict.REPLACED_BOARD: (
        _("A new device: the mainboard was replaced"),
        "warning",
        _("An import of the second asks for a decision, and Replace moves the old device's values to it."),
    ),
    Verdict.REPLACED_TPM: (
        _("A new device: the TPM was replaced"),
        "warning",
        _("An import of the second asks for a decision, and Replace moves the old device's values to it."),
    ),
}
CLASH = (
    _("Two different machines that cannot be told apart"),
    "danger",
    _("They share a TPM key or SMBIOS UUID: while one is registered the other is refused with 813."),
)


@dataclass(frozen=True, slots=True)
class Line:
    """One field in words."""

    field: Field
    label: Any
    weight: Any
    change: Any
    state: Any
    tone: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """The verdict in words, and the fields that at least one capture has; `absent` names the others."""

    match: Match
    title: Any
    tone: str
    meaning: Any
    lines: list[Line]
    absent: list[Any]


def comparison(known: HardwareIdentity, candidate: HardwareIdentity) -> Comparison:
    """Two captures compared, for the page."""
    found = match(known, candidate)
    fields = compare(known, candidate)
    shown = [field for field in fields if field.state != State.ABSENT]
    absent = [LABELS[field.name] for field in fields if field.state == State.ABSENT]
    return Comparison(found, *_words(found), [_line(field) for field in shown], absent)


def _words(found: Match) -> tuple[Any, str, Any]:
    shares = any(reason.kind in DECISIVE_KINDS and reason.agrees for reason in found.reasons)
    return CLASH if shares and found.verdict == Verdict.DIFFERENT else VERDICTS[found.verdict]


def _line(field: Field) -> Line:
    label, tone = STATES[field.state]
    if field.state == State.DIFFERS and field.change != Change.STABLE:
        tone = "warning"
    return Line(field, LABELS[field.name], WEIGHTS[field.weight], CHANGES[field.change], label, tone)
