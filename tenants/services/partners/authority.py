"""What each kind of partner may do, and on whose consent it does it.

Sources: "Registration authorization", "Partner registration" and "OEM registration" of Windows Autopilot
[D]; removal of devices registered by others: motherboard replacement [D]. A distributor is no kind of
Microsoft's; it is taken for a direct CSP [I].
"""

from dataclasses import dataclass

from tenants.models import Partner

Kind = Partner.Kind


@dataclass(frozen=True, slots=True)
class Authority:
    """One row of the table.

    asks_itself: has a request link of its own (else it acts on its resellers' consents); is_regional: only
    serves tenants of its sales region; may_use_api: else the portal with CSV files alone;
    may_remove_others: may deregister what it did not register.
    """

    asks_itself: bool = True
    is_regional: bool = True
    may_use_api: bool = True
    may_remove_others: bool = False


AUTHORITIES: dict[str, Authority] = {
    Kind.OEM: Authority(is_regional=False, may_remove_others=True),
    Kind.DISTRIBUTOR: Authority(),
    Kind.DIRECT_CSP: Authority(),
    Kind.INDIRECT_PROVIDER: Authority(asks_itself=False),
    Kind.INDIRECT_RESELLER: Authority(may_use_api=False),
}


def authority_of(partner: Partner) -> Authority:
    """The row of a partner's kind."""
    return AUTHORITIES[partner.kind]
