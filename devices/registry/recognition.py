"""Recognise machines: where a capture stands among the live local registrations, seen from one tenant.

Imports, partners, the API and the devices' own check-ins all ask here. Source: repair table and code 813
of the registration documentation [D]; replaced boards: design ruling on identity.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from devices.hardware.identity import HardwareIdentity, identity_keys
from devices.hardware.match import Verdict
from devices.registry import candidates
from devices.registry.candidates import UNKNOWN, Holder, Standing
from tenants.models import Tenant


class Kind(StrEnum):
    """Free to register, held here or elsewhere, a device here with another board or TPM, or undecidable."""

    FREE = "free"
    HERE = "here"
    ELSEWHERE = "elsewhere"
    BOARD = "board"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Place:
    """The kind, the registration it is about (none where free), and all that were compared."""

    kind: Kind = Kind.FREE
    holder: Holder | None = None
    standing: Standing = UNKNOWN

    @property
    def evidence(self) -> str:
        """Score and reasons in the match's own words; of another tenant's device only what agrees."""
        if self.holder is None:
            return ""
        found = self.holder.match
        reasons = [each for each in found.reasons if self.kind != Kind.ELSEWHERE or each.agrees]
        return "; ".join((f"score {found.score} of 100", *map(str, reasons)))

    @property
    def mismatches(self) -> tuple[str, ...]:
        """What event 908 of the client would name: recognised, but this is not what was registered."""
        held = self.holder if self.kind in (Kind.HERE, Kind.ELSEWHERE) else None
        return tuple(name for kind, name in MISMATCHES if held and held.differs_on(kind))


MISMATCHES = (
    ("manufacturer_serial", "SerialNumberMismatch"),
    ("product_key_id", "ProductKeyIdMismatch"),
)
FREE = Place()


def recognise(*, tenant: Tenant, identities: Mapping[int, HardwareIdentity]) -> dict[int, Place]:
    """The place of each capture by its reference, for a whole batch in two queries."""
    keys = {reference: identity_keys(identity) for reference, identity in identities.items()}
    found = placed(tenant, candidates.sharing(keys), identities)
    return {reference: found.get(reference, FREE) for reference in identities}


def placed(
    tenant: Tenant, shared: Mapping[int, Sequence[UUID]], identities: Mapping[int, HardwareIdentity]
) -> dict[int, Place]:
    """The places of captures that share a key with registrations (see candidates.sharing)."""
    found = candidates.standings(shared, identities)
    return {reference: place_of(standing, tenant) for reference, standing in found.items()}


def place_of(standing: Standing, tenant: Tenant) -> Place:
    """What a standing means to a tenant; another tenant's replaced board is not its business."""
    boards = [each for each in standing.replaced if each.tenant == tenant.pk]
    holder = standing.same[0] if standing.same else _board_elsewhere(standing, tenant)
    if holder is None and standing.clashing:
        return Place(Kind.UNCLEAR, _mine(standing.clashing, tenant), standing)
    if holder is None:
        return Place(Kind.BOARD, boards[0], standing) if boards else Place(standing=standing)
    if all(each.tenant != tenant.pk for each in standing.same):
        return Place(Kind.ELSEWHERE, holder, standing)
    if len(standing.same) > 1 or (boards and holder.differs_on("manufacturer_serial")):
        # Two devices with one identity, or a registered machine's board under another one's serial.
        return Place(Kind.UNCLEAR, _mine(standing.same, tenant), standing)
    return Place(Kind.HERE, holder, standing)


def _mine(holders: Sequence[Holder], tenant: Tenant) -> Holder | None:
    """The first that the tenant may be told of."""
    return next((each for each in holders if each.tenant == tenant.pk), None)


def _board_elsewhere(standing: Standing, tenant: Tenant) -> Holder | None:
    """Another tenant's machine in which only the TPM was exchanged: its board is still theirs."""
    for each in standing.replaced:
        if each.tenant != tenant.pk and each.match.verdict == Verdict.REPLACED_TPM:
            return each
    return None
