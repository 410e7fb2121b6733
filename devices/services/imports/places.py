"""Where a row's machine stands in the registry, seen from one tenant; asked by check and commit alike."""

from collections.abc import Sequence

from devices.hardware.decode import decode
from devices.hardware.identity import IdentityKey
from devices.models import ImportRow
from devices.registry import candidates, recognition
from devices.registry.recognition import FREE, Kind, Place
from tenants.models import Tenant

__all__ = ["FREE", "Kind", "Place", "keys_of", "name_of", "places"]


def places(tenant: Tenant, rows: Sequence[ImportRow]) -> dict[int, Place]:
    """The place of each row's machine by row number; rows without one are free."""
    with_hash = {row.number: row for row in rows if row.blob is not None}
    shared = candidates.sharing({number: keys_of(row) for number, row in with_hash.items()})
    identities = {number: decode(bytes(with_hash[number].blob or b"")) for number in shared}
    return recognition.placed(tenant, shared, identities)


def name_of(row: ImportRow) -> tuple[str, str, str]:
    """Serial number, manufacturer and model of the row's machine, as the directory knows it."""
    return row.serial_number, row.manufacturer, row.model


def keys_of(row: ImportRow) -> list[IdentityKey]:
    """The identity keys stored with a row."""
    return [IdentityKey(*key.split(":", 1)) for key in row.identity_keys]
