"""match: are two hashes the same machine? Pure and explainable, field by field; absent is not different.

Rules: hardware-hash.md 1.7 and the repair table of domain.md 1.9. Endorsement key over UUID over
manufacturer and serial over product key id over onboard adapters over disks. Another disk is the same
device; another board under the same serial, or another TPM on the same board, is a new device.
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
    REPLACED_TPM = "replaced_tpm"

    @property
    def is_replacement(self) -> bool:
        """Whether a part was exchanged that makes the machine a new device."""
        return self in (Verdict.REPLACED_BOARD, Verdict.REPLACED_TPM)


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


Values = dict[str, set[str]]


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
    "mac": Weight(25, 5, "same onboard network adapter", "onboard network adapters differ"),
    "disk_serial": Weight(10, 0, "same disk", "disk differs"),
    "model": Weight(5, 10, "same model", "model differs"),
}
STRONG = ("ek", "uuid", "manufacturer_serial", "product_key_id")
ENOUGH = 40  # points without a decisive key: a serial or a product key id alone, or several weak ones


def match(known: HardwareIdentity, candidate: HardwareIdentity) -> Match:
    """Compare a registered machine with another capture; the verdict is the same either way round."""
    ours, theirs = _values(known), _values(candidate)
    agreement = _agreement(ours, theirs)
    score = _score(agreement)
    reasons = [
        Reason(kind, agrees, WEIGHTS[kind].same if agrees else WEIGHTS[kind].other)
        for kind, agrees in agreement.items()
    ]
    verdict = _verdict(agreement, score)
    if verdict == Verdict.SAME and _is_hearsay(agreement, ours, theirs):
        verdict = Verdict.DIFFERENT
    return Match(verdict, score, (*reasons, *_missing(agreement), *_circumstances(known, candidate)))


def _score(agreement: dict[str, bool]) -> int:
    agreed = sum(WEIGHTS[kind].agreement for kind, agrees in agreement.items() if agrees)
    differing = sum(WEIGHTS[kind].difference for kind, agrees in agreement.items() if not agrees)
    return max(0, min(100, agreed) - differing)


def _is_hearsay(agreement: dict[str, bool], ours: Values, theirs: Values) -> bool:
    """Each has an identity of its own that the other lacks: adapters and disks alone do not join them."""
    is_compared = any(kind in agreement for kind in STRONG)
    return not is_compared and all(any(values[kind] for kind in STRONG) for values in (ours, theirs))


def _agreement(ours: Values, theirs: Values) -> dict[str, bool]:
    """Per kind of evidence that both hashes carry: do they share a value?"""
    return {kind: bool(ours[kind] & theirs[kind]) for kind in WEIGHTS if ours[kind] and theirs[kind]}


def _values(identity: HardwareIdentity) -> Values:
    values: Values = {kind: set() for kind in WEIGHTS}
    for kind, value in identity_keys(identity):
        values[kind].add(value)
    if identity.model is not None:
        values["model"].add(identity.model.upper())
    return values


def _verdict(agreement: dict[str, bool], score: int) -> Verdict:
    ek, uuid, serial = (agreement.get(kind) for kind in ("ek", "uuid", "manufacturer_serial"))
    if ek:
        return Verdict.SAME
    if uuid:
        return _under_one_uuid(agreement)
    has_other_board = False in (ek, uuid)
    is_exchanged = has_other_board or agreement.get("product_key_id") is False
    if serial and is_exchanged and agreement.get("model") is not False:
        return Verdict.REPLACED_BOARD
    if has_other_board or score < ENOUGH:
        return Verdict.DIFFERENT
    return Verdict.SAME


def _under_one_uuid(agreement: dict[str, bool]) -> Verdict:
    """The same UUID without a common key: one board, or two boards that share a UUID by mistake."""
    has_other_serial = agreement.get("manufacturer_serial") is False
    if agreement.get("ek") is False:
        return Verdict.DIFFERENT if has_other_serial else Verdict.REPLACED_TPM
    others = [agreement.get(kind) for kind in ("product_key_id", "mac")]
    is_mistake = has_other_serial and False in others and True not in others
    return Verdict.DIFFERENT if is_mistake else Verdict.SAME


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
