"""match: are two hashes the same machine? Pure and explainable, field by field; absent is not different.

Rules: hardware-hash.md 1.7 and the repair table of domain.md 1.9. Endorsement key over UUID over
manufacturer and serial over product key id over onboard adapters over disks. Another disk is the same
device; another board under the same serial is a replaced board.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import NamedTuple

from devices.hardware.identity import HardwareIdentity, identity_keys


class Verdict(StrEnum):
    """What two hashes are to each other."""

    SAME = "same"
    DIFFERENT = "different"
    REPLACED_BOARD = "replaced_board"


@dataclass(frozen=True, slots=True)
class Reason:
    """One observation: what it is about, whether it speaks for (True), against (False) or neither."""

    kind: str
    agrees: bool | None
    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Match:
    """The verdict, how much speaks for one machine (0 to 100), and why."""

    verdict: Verdict
    score: int
    reasons: tuple[Reason, ...]


class Weight(NamedTuple):
    """Points for agreement and against, and how both are said."""

    agreement: int
    difference: int
    same: str
    other: str


WEIGHTS = {
    "ek": Weight(100, 60, "same TPM endorsement key", "TPM endorsement key differs"),
    "uuid": Weight(80, 50, "same SMBIOS UUID", "SMBIOS UUID differs"),
    "manufacturer_serial": Weight(
        60, 40, "same manufacturer and serial number", "manufacturer or serial number differs"
    ),
    "product_key_id": Weight(40, 30, "same product key id", "product key id differs"),
    "mac": Weight(25, 10, "same onboard network adapter", "onboard network adapters differ"),
    "disk_serial": Weight(10, 0, "same disk", "disk differs"),
    "model": Weight(5, 10, "same model", "model differs"),
}
ENOUGH = 40  # points without a decisive key: a serial or a product key id alone, or several weak ones


def match(known: HardwareIdentity, candidate: HardwareIdentity) -> Match:
    """Compare a registered machine with another capture; the verdict is the same either way round."""
    agreement = _agreement(known, candidate)
    score = sum(
        WEIGHTS[kind].agreement if agrees else -WEIGHTS[kind].difference for kind, agrees in agreement.items()
    )
    score = max(0, min(100, score))
    reasons = [
        Reason(kind, agrees, WEIGHTS[kind].same if agrees else WEIGHTS[kind].other)
        for kind, agrees in agreement.items()
    ]
    return Match(
        _verdict(agreement, score),
        score,
        (*reasons, *_missing(agreement), *_circumstances(known, candidate)),
    )


def _agreement(known: HardwareIdentity, candidate: HardwareIdentity) -> dict[str, bool]:
    """Per kind of evidence that both hashes carry: do they share a value?"""
    ours, theirs = _values(known), _values(candidate)
    return {kind: bool(ours[kind] & theirs[kind]) for kind in WEIGHTS if ours[kind] and theirs[kind]}


def _values(identity: HardwareIdentity) -> dict[str, set[str]]:
    values: dict[str, set[str]] = {kind: set() for kind in WEIGHTS}
    for kind, value in identity_keys(identity):
        values[kind].add(value)
    if identity.model is not None:
        values["model"].add(identity.model.upper())
    return values


def _verdict(agreement: dict[str, bool], score: int) -> Verdict:
    decisive = [agreement[kind] for kind in ("ek", "uuid") if kind in agreement]
    serial = agreement.get("manufacturer_serial")
    if agreement.get("ek"):
        return Verdict.SAME
    if agreement.get("uuid"):
        # A UUID that two boards share by mistake: the keys and the serials say they are two.
        return Verdict.DIFFERENT if decisive[0] is False and serial is False else Verdict.SAME
    is_exchanged = bool(decisive) or agreement.get("product_key_id") is False
    if serial and is_exchanged and agreement.get("model") is not False:
        return Verdict.REPLACED_BOARD
    if decisive or score < ENOUGH:
        return Verdict.DIFFERENT
    return Verdict.SAME


def _missing(agreement: dict[str, bool]) -> list[Reason]:
    """Say it when nothing that identifies a machine could be compared."""
    if any(kind in agreement for kind in ("ek", "uuid", "manufacturer_serial")):
        return []
    return [Reason("evidence", None, "no endorsement key, UUID or serial number to compare")]


def _circumstances(known: HardwareIdentity, candidate: HardwareIdentity) -> list[Reason]:
    """What explains a difference between two captures and weighs nothing."""
    reasons = []
    if known.memory and candidate.memory:
        before, after = known.memory.installed_gib, candidate.memory.installed_gib
        if before != after:
            reasons.append(Reason("memory", None, f"memory {before} GiB became {after} GiB"))
    if known.capture and candidate.capture:
        if known.capture.os_type != candidate.capture.os_type:
            reasons.append(Reason("os_type", None, "one was captured in Windows PE"))
        passed = candidate.capture.generated_at - known.capture.generated_at
        reasons.append(Reason("time", None, _passed(passed)))
    return reasons


def _passed(passed: timedelta) -> str:
    if not passed:
        return "captured at the same second"
    direction = "later" if passed > timedelta(0) else "earlier"
    seconds = abs(passed) // timedelta(seconds=1)
    units = ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))
    count, unit = next((seconds // size, unit) for size, unit in units if seconds >= size)
    return f"captured {count} {unit}{'' if count == 1 else 's'} {direction}"
