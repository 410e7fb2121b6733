"""Recognise machines: where a capture stands among the live local registrations, seen from one tenant.

Imports, partners, the API and the devices' own check-ins all ask here. Source: repair table and code 813
of the registration documentation [D]; replaced boards: design ruling on identity.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from devices.hardware.identity import HardwareIdentity, identity_keys
from devices.registry import candidates
from devices.registry.candidates import UNKNOWN, Holder, Standing
from tenants.models import Tenant


class Kind(StrEnum):
    """Free to register, held here or elsewhere, a replaced board of a device here, or undecidable."""

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
        """Why the match says so, in its own words."""
        return "; ".join(map(str, self.holder.match.reasons)) if self.holder else ""


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
    holder = standing.same[0] if standing.same else None
    if holder is None and not standing.clashing:
        return Place(Kind.BOARD, boards[0], standing) if boards else Place(standing=standing)
    if holder is None:
        return Place(Kind.UNCLEAR, None, standing)
    if all(each.tenant != tenant.pk for each in standing.same):
        return Place(Kind.ELSEWHERE, holder, standing)
    if len(standing.same) > 1 or _is_donor_board(holder, boards):
        return Place(Kind.UNCLEAR, holder, standing)
    return Place(Kind.HERE, holder, standing)


def _is_donor_board(holder: Holder, boards: Sequence[Holder]) -> bool:
    """A registered machine's board under the serial number of another: both have to be deregistered."""
    return bool(boards) and not holder.agrees_on("manufacturer_serial")
