"""Where a row's machine stands in the registry, seen from one tenant; asked by check and commit alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from devices.hardware.decode import decode
from devices.hardware.identity import IdentityKey
from devices.models import ImportRow
from devices.registry import candidates
from devices.registry.candidates import Holder, Standing
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
    """The kind, and the registration it is about."""

    kind: Kind = Kind.FREE
    holder: Holder | None = None

    @property
    def evidence(self) -> str:
        """Why the match says so, in its own words."""
        return "; ".join(map(str, self.holder.match.reasons)) if self.holder else ""


FREE = Place()


def places(tenant: Tenant, rows: Sequence[ImportRow]) -> dict[int, Place]:
    """The place of each row's machine by row number; rows without one are free."""
    with_hash = {row.number: row for row in rows if row.blob is not None}
    shared = candidates.sharing({number: keys_of(row) for number, row in with_hash.items()})
    identities = {number: decode(bytes(with_hash[number].blob or b"")) for number in shared}
    found = candidates.standings(shared, identities)
    return {number: _place(standing, tenant) for number, standing in found.items()}


def keys_of(row: ImportRow) -> list[IdentityKey]:
    """The identity keys stored with a row."""
    return [IdentityKey(*key.split(":", 1)) for key in row.identity_keys]


def _place(standing: Standing, tenant: Tenant) -> Place:
    elsewhere = [each for each in standing.same if each.tenant != tenant.pk]
    boards = [each for each in standing.replaced if each.tenant == tenant.pk]
    if elsewhere:
        return Place(Kind.ELSEWHERE, elsewhere[0])
    if len(standing.same) > 1:
        return Place(Kind.UNCLEAR, standing.same[0])
    if standing.same:
        return Place(Kind.HERE, standing.same[0])
    if standing.clashing:
        return Place(Kind.UNCLEAR)
    return Place(Kind.BOARD, boards[0]) if boards else FREE
