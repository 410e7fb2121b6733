"""Who may name a machine by what, and how many at once: the table of registration channels.

Sources: "Manually register devices" and "Add devices" (OEM Direct API: 1,000, tuple or ProductKeyID,
never the hash; Partner Center: 1,000, tuple, ProductKeyID or hash), minimal sets of Partner Center's
device batches [D]. A distributor is taken for a CSP [I]. Customers' own channel, the import, is not here.
"""

from dataclasses import dataclass
from enum import StrEnum

from tenants.models import Partner

Kind = Partner.Kind


class Identifier(StrEnum):
    """What a machine is named by."""

    HASH = "hash"
    TUPLE = "tuple"
    PRODUCT_KEY = "product_key"


@dataclass(frozen=True, slots=True)
class Terms:
    """One row of the table: how many devices a batch may have, and what may name them."""

    most: int
    identifiers: frozenset[Identifier]


@dataclass(frozen=True, slots=True)
class Named:
    """A machine as a partner names it; texts as given, the hash as whatever was given."""

    serial: str = ""
    product_key: str = ""
    manufacturer: str = ""
    model: str = ""
    has_hash: bool = False


DIRECT_API = Terms(1000, frozenset([Identifier.TUPLE, Identifier.PRODUCT_KEY]))
PARTNER_CENTER = Terms(1000, frozenset(Identifier))

TERMS: dict[str, Terms] = {
    Kind.OEM: DIRECT_API,
    Kind.DISTRIBUTOR: PARTNER_CENTER,
    Kind.DIRECT_CSP: PARTNER_CENTER,
    Kind.INDIRECT_PROVIDER: PARTNER_CENTER,
    Kind.INDIRECT_RESELLER: PARTNER_CENTER,
}
REPORT = Terms(1000, frozenset([Identifier.HASH]))
REPORTERS = frozenset([Kind.OEM])


def terms_of(partner: Partner) -> Terms:
    """The row of a partner's kind."""
    return TERMS[partner.kind]


def identifier_of(named: Named) -> Identifier | None:
    """What names the machine: its hash before its tuple before its ProductKeyID; None: not enough."""
    if named.has_hash:
        return Identifier.HASH
    if named.serial and named.manufacturer and named.model:
        return Identifier.TUPLE
    return Identifier.PRODUCT_KEY if named.product_key else None
