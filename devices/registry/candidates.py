"""Who may already hold a machine: live local registrations that share an identity key with it.

SQL only finds candidates by key equality, for a whole batch; the pure `hardware.match` decides.
Absent, bogus and generic values are never keys, so they never make a candidate.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from devices.hardware.decode import decode
from devices.hardware.identity import DECISIVE_KINDS, HardwareIdentity, IdentityKey
from devices.hardware.match import Match, Verdict, match
from devices.models import Registration

MOST_PER_KEY = 20  # a network adapter or disk that more machines share tells nothing


@dataclass(frozen=True, slots=True)
class Known:
    """A live registration with its decoded hash."""

    registration: UUID
    tenant: UUID
    serial_number: str
    is_attention_required: bool
    identity: HardwareIdentity


@dataclass(frozen=True, slots=True)
class Holder:
    """A registration compared with a machine, and what came of it."""

    registration: UUID
    tenant: UUID
    match: Match
    serial_number: str = ""
    is_attention_required: bool = False

    def agrees_on(self, kind: str) -> bool:
        """Whether both carry this kind of evidence with the same value."""
        return any(reason.kind == kind and reason.agrees for reason in self.match.reasons)

    def differs_on(self, kind: str) -> bool:
        """Whether both carry this kind of evidence and share no value."""
        return any(reason.kind == kind and reason.agrees is False for reason in self.match.reasons)


@dataclass(frozen=True, slots=True)
class Standing:
    """The registrations of the same machine, of one whose board or TPM was replaced, and the others.

    A clash shares a decisive key without being the same machine: the two cannot be told apart. A donor
    is a different machine that has, or had, one of this machine's disks.
    """

    same: tuple[Holder, ...] = ()
    replaced: tuple[Holder, ...] = ()
    clashing: tuple[Holder, ...] = ()
    donors: tuple[Holder, ...] = ()


UNKNOWN = Standing()


def sharing(keys: Mapping[int, Sequence[IdentityKey]]) -> dict[int, list[UUID]]:
    """By reference the live local registrations that share a key; references without any are absent.

    The one that holds a key alone is always among them, however many others share it.
    """
    asked = [(reference, *key) for reference, found in keys.items() for key in found]
    if not asked:
        return {}
    references, kinds, values = (list(column) for column in zip(*asked, strict=True))
    shared: dict[int, list[UUID]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT v.reference, k.registration_id "
            "FROM unnest(%s::int[], %s::text[], %s::text[]) AS v(reference, kind, value) "
            "CROSS JOIN LATERAL ("
            "  SELECT registration_id FROM devices_identitykey "
            "  WHERE kind = v.kind AND value = v.value AND is_live AND authority = 'local' AND is_exclusive "
            "  UNION ALL (SELECT registration_id FROM devices_identitykey "
            "  WHERE kind = v.kind AND value = v.value AND is_live AND authority = 'local' "
            "  ORDER BY kind, value LIMIT %s)) AS k",
            [references, kinds, values, MOST_PER_KEY],
        )
        for reference, registration in cursor:
            shared[reference].append(registration)
    return dict(shared)


def standings(
    shared: Mapping[int, Sequence[UUID]], identities: Mapping[int, HardwareIdentity]
) -> dict[int, Standing]:
    """What each machine is to the registrations it shares a key with; strongest match first."""
    known = _known({each for found in shared.values() for each in found})
    return {
        reference: _standing(identities[reference], [known[each] for each in found if each in known])
        for reference, found in shared.items()
    }


def _known(ids: set[UUID]) -> dict[UUID, Known]:
    rows = Registration.unscoped.live().filter(pk__in=ids, hardware_hash__isnull=False)
    found = rows.values_list(
        "pk", "tenant_id", "serial_number", "attention_required_at", "hardware_hash__blob"
    )
    return {
        pk: Known(pk, tenant, serial, attention is not None, decode(bytes(blob)))
        for pk, tenant, serial, attention, blob in found
    }


def _standing(identity: HardwareIdentity, known: Sequence[Known]) -> Standing:
    holders = [_holder(each, identity) for each in known]
    holders.sort(key=lambda holder: (-holder.match.score, str(holder.registration)))
    replaced = [each for each in holders if each.match.verdict.is_replacement]
    different = [each for each in holders if each.match.verdict == Verdict.DIFFERENT]
    return Standing(
        same=tuple(each for each in holders if each.match.verdict == Verdict.SAME),
        # A board that was replaced before is not replaced once more: the device of today comes first.
        replaced=tuple(sorted(replaced, key=lambda each: each.is_attention_required)),
        clashing=tuple(each for each in different if any(map(each.agrees_on, DECISIVE_KINDS))),
        donors=tuple(each for each in different if each.agrees_on("disk_serial")),
    )


def _holder(known: Known, identity: HardwareIdentity) -> Holder:
    return Holder(
        known.registration,
        known.tenant,
        match(known.identity, identity),
        known.serial_number,
        known.is_attention_required,
    )
