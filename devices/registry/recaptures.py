"""Bind a registration to the hardware its machine has now: new keys and hash, same registration.

Rule: a changed mainboard is registered automatically while the operating system is intact and the tenant
the same; a board without its serial number, or one that is registered, is not ("Motherboard
replacement" [D]).
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from devices.hardware.decode import HashFault, decode
from devices.hardware.identity import HardwareIdentity, identity_keys, provided
from devices.hardware.identity import IdentityKey as Key
from devices.hardware.match import Match, match
from devices.models import IdentityKey, Registration, RegistrationHash
from devices.registry import recognition
from devices.registry.claims import (
    ALREADY_ASSIGNED,
    INVALID_HASH,
    NOT_UNIQUE,
    OTHER_TENANT,
    exclusive_keys,
    is_sufficient,
)
from devices.registry.recognition import Kind
from devices.registry.records import ClaimResult
from tenants.models import Tenant

REFUSALS = {Kind.HERE: ALREADY_ASSIGNED, Kind.ELSEWHERE: OTHER_TENANT}


def compare(*, tenant: Tenant, device_id: UUID, identity: HardwareIdentity) -> Match | None:
    """A capture against the registered hash; None where no hash is held."""
    held = _held(tenant, device_id)
    return match(held, identity) if held is not None else None


def _held(tenant: Tenant, device_id: UUID) -> HardwareIdentity | None:
    rows = RegistrationHash.objects.filter(registration=device_id, registration__tenant=tenant)
    blob = rows.filter(registration__ended_at=None).values_list("blob", flat=True).first()
    try:
        return decode(bytes(blob)) if blob is not None else None
    except HashFault:
        return None


def rebind(
    *, tenant: Tenant, device_id: UUID, identity: HardwareIdentity, blob: bytes, now: datetime
) -> ClaimResult:
    """Give a registration the machine's new hardware; refused with 802, 806, 808 or 813."""
    refusal = _refusal(tenant, device_id, identity)
    if refusal is None:
        with transaction.atomic():
            rows = Registration.objects.of(tenant).live().select_for_update()
            row = rows.filter(pk=device_id).first()
            if row is not None and _exchange_keys(row, identity_keys(identity)):
                _write(row, identity, blob, now)
                return ClaimResult(0, device_id)
            transaction.set_rollback(True)
        refusal = NOT_UNIQUE
    return ClaimResult(0, code=refusal[0], name=refusal[1])


def require_attention(*, tenant: Tenant, device_id: UUID, now: datetime) -> None:
    """The new hardware cannot be registered by itself: somebody has to."""
    rows = Registration.objects.of(tenant).live().filter(pk=device_id)
    rows.update(attention_required_at=now, changed_at=now)


def _refusal(tenant: Tenant, device_id: UUID, identity: HardwareIdentity) -> tuple[int, str] | None:
    if not is_sufficient(identity):
        return INVALID_HASH
    found = compare(tenant=tenant, device_id=device_id, identity=identity)
    if found is None or not found.verdict.is_replacement:
        return NOT_UNIQUE
    place = recognition.recognise(tenant=tenant, identities={1: identity})[1]
    if place.kind in REFUSALS:
        return REFUSALS[place.kind]
    return NOT_UNIQUE if place.kind == Kind.UNCLEAR else None


def _exchange_keys(row: Registration, keys: Sequence[Key]) -> bool:
    """The old hardware's keys go, the new one's come; False where another registration has one of them."""
    IdentityKey.objects.filter(registration=row).delete()
    exclusive = exclusive_keys(keys)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO devices_identitykey "
            "(registration_id, authority, kind, value, is_exclusive, is_live) "
            "SELECT %s, %s, v.kind, v.value, true, true "
            "FROM unnest(%s::text[], %s::text[]) AS v(kind, value) "
            'ORDER BY v.kind COLLATE "C", v.value COLLATE "C" ON CONFLICT DO NOTHING',
            [row.pk, row.authority, [key.kind for key in exclusive], [key.value for key in exclusive]],
        )
        if cursor.rowcount < len(exclusive):
            return False
    IdentityKey.objects.bulk_create(
        IdentityKey(registration=row, authority=row.authority, kind=kind, value=value)
        for kind, value in keys
        if Key(kind, value) not in exclusive
    )
    return True


def _write(row: Registration, identity: HardwareIdentity, blob: bytes, now: datetime) -> None:
    row.product_key = (provided(identity.product_key_id) or "")[:40]
    row.sku_number = (provided(identity.sku_number) or "")[:255]
    row.changed_at, row.attention_required_at = now, None
    row.save(update_fields=["product_key", "sku_number", "changed_at", "attention_required_at"])
    captured_at = identity.capture.generated_at if identity.capture else None
    RegistrationHash.objects.filter(registration=row).update(blob=blob, captured_at=captured_at)
