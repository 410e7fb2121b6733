"""Second half of the check: the verdict of a slice of rows, found by a fixed number of queries."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models.functions import Lower
from django.utils.translation import gettext as _
from psycopg.types.json import Jsonb

from devices.hardware import match as matching
from devices.models import Import, ImportRow
from devices.services.directory.personal import joined_machines, personal_serials
from tenants.models import DirectoryUser, Tenant, VerifiedDomain

from .. import verdicts
from ..places import FREE, Kind, Place, name_of, places
from ..verdicts import Finding, finding
from ..writing import write
from . import likeness

Verdict = ImportRow.Verdict


@dataclass(slots=True)
class Judgement:
    """What is to be written on a row; an empty verdict is left to settling."""

    number: int
    verdict: str = ""
    decision: str = ""
    code: int | None = None
    code_name: str = ""
    reason: str = ""
    next_step: str = ""
    warnings: list[dict[str, Any]] = field(default_factory=list)
    existing_device: UUID | None = None
    existing_tenant: UUID | None = None


def judge(import_: Import, rows: Sequence[ImportRow]) -> None:
    """Write the verdicts of rows that nothing spoke against so far; rows come by ascending number."""
    if not rows:
        return
    tenant = import_.tenant
    twice = likeness.duplicates(import_, rows)
    found = places(tenant, rows)
    slips = likeness.slipped(import_, first=rows[0].number, last=rows[-1].number)
    cautions = Cautions(tenant, rows)
    joined = joined_machines(tenant=tenant, machines={name_of(row) for row in rows})
    judgements = []
    for row in rows:
        place = found.get(row.number, FREE)
        judgement = _judgement(row, twice.get(row.number), place, slips.get(row.number))
        if not judgement.code_name and name_of(row) in joined:
            _say(judgement, finding(Verdict.ENTRA_JOINED, verdicts.ALREADY_REGISTERED))
        judgement.warnings = [*row.warnings, *cautions.of(row, place)]
        judgements.append(judgement)
    _write(import_, judgements)


def _judgement(row: ImportRow, original: int | None, place: Place, slip: tuple[int, int] | None) -> Judgement:
    judgement = Judgement(row.number, decision=row.decision, reason=row.reason)
    if original is not None:
        sentence = _("The same machine as row %(row)d, which is used.") % {"row": original}
        return _say(judgement, finding(Verdict.DUPLICATE_IN_FILE, verdicts.DUPLICATED, sentence))
    if slip is not None:
        judgement.decision = "shifted"
        judgement.reason = _shifted(row, *slip)
    if place.holder is not None:
        judgement.existing_device = place.holder.registration
        judgement.existing_tenant = place.holder.tenant
    if place.kind == Kind.ELSEWHERE:
        return _say(judgement, finding(Verdict.OTHER_TENANT, verdicts.OTHER_TENANT), place.evidence)
    if place.kind == Kind.UNCLEAR:
        return _say(judgement, finding(Verdict.MISSING_IDENTITY, verdicts.NOT_UNIQUE), place.evidence)
    if place.kind == Kind.HERE:
        return _say(judgement, finding("", verdicts.ALREADY_ASSIGNED), place.evidence, row.reason)
    if place.kind == Kind.BOARD:
        judgement.decision = judgement.decision or "replaced_board"
        judgement.reason = _joined(judgement.reason, _replaced(place), evidence=place.evidence)
    return judgement


def _replaced(place: Place) -> str:
    """Which part of the registered device was exchanged."""
    if place.holder and place.holder.match.verdict == matching.Verdict.REPLACED_TPM:
        return _("This machine is registered here with another TPM")
    return _("A device with this serial number is registered here with another mainboard")


def _say(judgement: Judgement, said: Finding, evidence: str = "", before: str = "") -> Judgement:
    judgement.verdict = said.verdict
    judgement.code, judgement.code_name = said.code, said.name
    judgement.reason = " ".join(filter(None, (before, said.reason)))
    if evidence:
        judgement.reason = _joined(before, said.reason.rstrip("."), evidence=evidence)
    judgement.next_step = said.next_step
    return judgement


def _joined(before: str, sentence: str, *, evidence: str) -> str:
    return f"{before} {sentence} ({evidence}).".strip()


def _shifted(row: ImportRow, other: int, alike: int) -> str:
    sentence = _(
        "The serial numbers of %(rows)d rows are shifted against their hashes: this row's serial number "
        "%(serial)s belongs to the hash of row %(other)d; its own hash says %(mine)s."
    )
    return sentence % {
        "rows": alike,
        "serial": row.csv_serial,
        "other": other,
        "mine": row.serial_number,
    }


class Cautions:
    """The warnings of a slice: unknown users, foreign domains, others' disks, personal records."""

    def __init__(self, tenant: Tenant, rows: Sequence[ImportRow]) -> None:
        self.tenant = tenant
        upns = {row.assigned_user.lower() for row in rows if row.assigned_user}
        users = DirectoryUser.objects.of(tenant).annotate(upn=Lower("user_principal_name"))
        self.users = set(users.filter(upn__in=upns).values_list("upn", flat=True)) if upns else set()
        domains = VerifiedDomain.objects.of(tenant).values_list(Lower("name"), flat=True)
        self.domains = set(domains) if upns else set()
        self.personal = personal_serials(tenant=tenant, serials={row.serial_number for row in rows})

    def of(self, row: ImportRow, place: Place) -> list[dict[str, Any]]:
        """The warnings of one row."""
        found = self._donor(place)
        upn = row.assigned_user.lower()
        if upn and upn.rpartition("@")[2] not in self.domains:
            sentence = _("The domain of %(user)s is not a verified domain of this tenant.")
            found.append(_warning("unverified_domain", sentence % {"user": row.assigned_user}))
        if upn and upn not in self.users:
            sentence = _("There is no user %(user)s in this tenant's directory.")
            found.append(_warning("unknown_user", sentence % {"user": row.assigned_user}))
        if row.serial_number in self.personal:
            found.append(self._registered_device())
        return found

    def _donor(self, place: Place) -> list[dict[str, Any]]:
        """A disk that belongs to exactly one other device here; shared by more it tells nothing."""
        donors = place.standing.donors
        if len(donors) != 1 or donors[0].tenant != self.tenant.pk:
            return []
        sentence = _(
            "One of its disks is that of %(serial)s, which is registered here as well. Deregister that "
            "device if the disk was taken from it."
        )
        return [_warning("disk_of_another", sentence % {"serial": donors[0].serial_number})]

    def _registered_device(self) -> dict[str, Any]:
        sentence = _(
            "A personal (Microsoft Entra registered) device with this serial number exists. Registration "
            "makes it corporate-owned; remove it from Intune and from Microsoft Entra first, or the "
            "service may answer 814 and its join type stays wrong."
        )
        code = verdicts.CODES[verdicts.ALREADY_REGISTERED]
        return {**_warning("registered_device", sentence), "service_code": code}


def _warning(code: str, message: str) -> dict[str, Any]:
    return {"code": code, "message": message}


WRITTEN = (
    "verdict",
    "decision",
    "code",
    "code_name",
    "reason",
    "next_step",
    "existing_device",
    "existing_tenant",
)


def _write(import_: Import, judgements: Sequence[Judgement]) -> None:
    rows = {
        each.number: [*(getattr(each, name) for name in WRITTEN), Jsonb(each.warnings)] for each in judgements
    }
    write(import_, rows, [*WRITTEN, "warnings"])
