"""Machines whose hash an OEM reported: keep them, and find the one that a tuple or a ProductKeyID means.

A tuple means the machine with exactly this manufacturer, model and serial number, spelling and case as in
SMBIOS; none answers 812, several answer 813 (device directory service error codes [D]). Two reports of one
machine are told from two machines under one tuple by the pure `hardware.match`.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from devices.hardware.decode import decode
from devices.hardware.identity import HardwareIdentity, IdentityKey, identity_keys
from devices.hardware.match import Verdict, match
from devices.models import KnownMachine, Submission
from devices.registry.submissions import Identifier, Named
from tenants.models import Partner

NOT_FOUND = (812, "ZtdDeviceNotFound")
NOT_UNIQUE = (813, "ZtdDeviceIsNotUnique")


@dataclass(frozen=True, slots=True)
class Resolved:
    """The reported machine that a name means, or the service's code and name."""

    identity: HardwareIdentity | None = None
    blob: bytes = b""
    code: int | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Reported:
    """One hash of a report."""

    identity: HardwareIdentity
    blob: bytes


def resolve(wanted: Mapping[int, tuple[Identifier, Named]]) -> dict[int, Resolved]:
    """The machine of each name by its reference, for a whole batch in two queries."""
    tuples = {each.serial for kind, each in wanted.values() if kind == Identifier.TUPLE}
    keys = {each.product_key for kind, each in wanted.values() if kind == Identifier.PRODUCT_KEY}
    by_serial: dict[str, list[KnownMachine]] = defaultdict(list)
    by_key: dict[str, list[KnownMachine]] = defaultdict(list)
    for row in KnownMachine.objects.filter(serial_number__in=tuples) if tuples else ():
        by_serial[row.serial_number].append(row)
    for row in KnownMachine.objects.filter(product_key__in=keys) if keys else ():
        by_key[row.product_key].append(row)
    found: dict[int, Resolved] = {}
    for reference, (kind, named) in wanted.items():
        rows = by_serial[named.serial] if kind == Identifier.TUPLE else by_key[named.product_key]
        found[reference] = _only([row for row in rows if _is_meant(row, kind, named)])
    return found


def _is_meant(row: KnownMachine, kind: Identifier, named: Named) -> bool:
    if kind == Identifier.TUPLE:
        return (row.manufacturer, row.model) == (named.manufacturer, named.model)
    return not named.serial or row.serial_number == named.serial


def _only(rows: Sequence[KnownMachine]) -> Resolved:
    """The one machine of the rows, by its newest report."""
    if not rows:
        return Resolved(code=NOT_FOUND[0], name=NOT_FOUND[1])
    newest, *others = sorted(rows, key=lambda row: (row.reported_at, str(row.pk)), reverse=True)
    identity = decode(bytes(newest.blob))
    if any(match(identity, decode(bytes(other.blob))).verdict != Verdict.SAME for other in others):
        return Resolved(code=NOT_UNIQUE[0], name=NOT_UNIQUE[1])
    return Resolved(identity, bytes(newest.blob))


def product_key_of(identity: HardwareIdentity) -> str:
    """The usable ProductKeyID of a machine, or empty."""
    return next((value for kind, value in identity_keys(identity) if kind == "product_key_id"), "")


def is_nameable(identity: HardwareIdentity) -> bool:
    """Whether a partner can mean this machine: a whole tuple with a real serial number, or a key."""
    kinds = {key.kind for key in identity_keys(identity)}
    return "product_key_id" in kinds or ("manufacturer_serial" in kinds and identity.model is not None)


def keep(*, report: Submission, machines: Iterable[Reported], now: datetime) -> None:
    """Keep the hashes of a report; one of a machine the same OEM reported before takes its place."""
    machines = list(machines)
    known = _reported_before(report, machines)
    new: dict[str, KnownMachine] = {}
    changed: dict[str, KnownMachine] = {}
    for each in machines:
        keys = identity_keys(each.identity)
        row = next((known[key] for key in keys if key in known and _is_same(known[key], each)), None)
        if row is None:
            row = KnownMachine(reported_by=report.partner)
            new[str(row.pk)] = row
        elif str(row.pk) not in new:
            changed[str(row.pk)] = row
        _fill(row, each, report, now)
        known |= dict.fromkeys(keys, row)
    KnownMachine.objects.bulk_create(new.values())
    KnownMachine.objects.bulk_update(changed.values(), FIELDS)


FIELDS = [
    "report",
    "manufacturer",
    "model",
    "serial_number",
    "product_key",
    "blob",
    "captured_at",
    "reported_at",
]


def under_keys_of_others(partner: Partner, machines: Mapping[int, Reported]) -> set[int]:
    """Those of the machines under whose ProductKeyID another OEM reported another machine."""
    keys = {number: product_key_of(each.identity) for number, each in machines.items()}
    rows = KnownMachine.objects.exclude(reported_by=partner).filter(product_key__in=set(keys.values()) - {""})
    held: dict[str, list[KnownMachine]] = defaultdict(list)
    for row in rows:
        held[row.product_key].append(row)
    return {
        number
        for number, each in machines.items()
        if not all(_is_same(row, each) for row in held[keys[number]])
    }


def _reported_before(report: Submission, machines: Sequence[Reported]) -> dict[IdentityKey, KnownMachine]:
    """The OEM's own rows under a serial number or ProductKeyID of the report, by all their keys."""
    rows = KnownMachine.objects.filter(reported_by=report.partner)
    serials = {each.identity.serial or "" for each in machines} - {""}
    keys = {product_key_of(each.identity) for each in machines} - {""}
    found = {row.pk: row for row in rows.filter(serial_number__in=serials)}
    found |= {row.pk: row for row in rows.filter(product_key__in=keys)}
    return {key: row for row in found.values() for key in identity_keys(decode(bytes(row.blob)))}


def _is_same(row: KnownMachine, each: Reported) -> bool:
    return match(decode(bytes(row.blob)), each.identity).verdict == Verdict.SAME


def _fill(row: KnownMachine, each: Reported, report: Submission, now: datetime) -> None:
    identity = each.identity
    row.report = report
    row.manufacturer = (identity.manufacturer or "")[:255]
    row.model = (identity.model or "")[:255]
    row.serial_number = (identity.serial or "")[:255]
    row.product_key = product_key_of(identity)[:40]
    row.blob = each.blob
    row.captured_at = identity.capture.generated_at if identity.capture else None
    row.reported_at = now
