"""Register machines with a tenant: set-based, and raced safely by the database's own constraint.

The decisive keys of a batch go in with one INSERT in sorted order; `one_live_local_claim` lets exactly
one of two racing tenants have each key, and one statement in one order cannot deadlock with its like.
Foreign keys are checked at commit, so the keys may go in before their registrations.
Source of the codes: device directory service, 806, 808 and 813 [D].
"""

import uuid
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from devices.hardware.identity import (
    DECISIVE_KINDS,
    HardwareIdentity,
    identity_keys,
    provided,
)
from devices.hardware.identity import (
    IdentityKey as Key,
)
from devices.models import IdentityKey, Registration, RegistrationHash
from devices.registry import entra_objects, recognition
from devices.registry.recognition import Kind
from devices.registry.records import Claim, ClaimResult
from tenants.models import Tenant

ALREADY_ASSIGNED = (806, "ZtdDeviceAlreadyAssigned")
OTHER_TENANT = (808, "ZtdDeviceAssignedToOtherTenant")
INVALID_HASH = (802, "InvalidZtdHardwareHash")
NOT_UNIQUE = (813, "ZtdDeviceIsNotUnique")
ANSWERS = {Kind.HERE: ALREADY_ASSIGNED, Kind.ELSEWHERE: OTHER_TENANT, Kind.UNCLEAR: NOT_UNIQUE}
STAND_INS = ("manufacturer_serial", "product_key_id")  # exclusive where nothing decisive is offered


def claim(
    *,
    tenant: Tenant,
    claims: Sequence[Claim],
    registered_by: str,
    channel: str,
    now: datetime,
) -> list[ClaimResult]:
    """Register up to 500 machines, each with its Entra object; one result a claim, in their order.

    A machine that is registered already answers 806 (here) or 808 (elsewhere) with its holder; one that
    cannot be told apart answers 813. `replaces` marks the old registration of this tenant.
    """
    keys = {each.reference: identity_keys(each.identity) for each in claims}
    results = {
        each.reference: _refused(each.reference, INVALID_HASH)
        for each in claims
        if not is_sufficient(each.identity)
    }
    with transaction.atomic():
        _refuse_held(tenant, [each for each in claims if each.reference not in results], results)
        free = [each for each in claims if each.reference not in results]
        given_up = _stand_aside(tenant, free, keys)
        ids = {each.reference: uuid.uuid4() for each in free}
        won = _reserve(ids, keys)
        winners = [each for each in free if each.reference in won]
        _insert(tenant, winners, ids, keys, registered_by, channel, now)
        _mark_replaced(tenant, winners, now)
        results |= {each.reference: ClaimResult(each.reference, ids[each.reference]) for each in winners}
        losers = [each for each in free if each.reference not in won]
        _take_back(losers, given_up)
        _refuse_held(tenant, losers, results)
    return [results.get(each.reference) or _refused(each.reference, NOT_UNIQUE) for each in claims]


def is_sufficient(identity: HardwareIdentity) -> bool:
    """Whether a hash can be registered: a manufacturer, and something that tells the machine apart."""
    return bool(identity.manufacturer and exclusive_keys(identity_keys(identity)))


def exclusive_keys(keys: Sequence[Key]) -> list[Key]:
    """Those that one live registration alone may hold: the decisive ones, else their stand-in."""
    decisive = [key for key in keys if key.kind in DECISIVE_KINDS]
    return decisive or [key for key in keys if key.kind in STAND_INS][:1]


def _refused(reference: int, answer: tuple[int, str]) -> ClaimResult:
    return ClaimResult(reference, code=answer[0], name=answer[1])


def _refuse_held(tenant: Tenant, claims: Sequence[Claim], results: dict[int, ClaimResult]) -> None:
    """Answer the claims whose machine a live registration already holds, or that is unclear."""
    identities = {each.reference: each.identity for each in claims}
    for reference, place in recognition.recognise(tenant=tenant, identities=identities).items():
        if place.kind in ANSWERS:
            code, name = ANSWERS[place.kind]
            holder = place.holder
            results[reference] = ClaimResult(
                reference,
                code=code,
                name=name,
                existing=holder.registration if holder else None,
                existing_tenant=holder.tenant if holder else None,
            )


def _stand_aside(
    tenant: Tenant, claims: Sequence[Claim], keys: dict[int, tuple[Key, ...]]
) -> dict[UUID, list[int]]:
    """A replaced machine no longer holds alone what the confirmed new one carries on: serial or UUID.

    Returns the keys it gave up by its id.
    """
    carried = [
        (each.replaces, kind, value)
        for each in claims
        if each.replaces
        for kind, value in exclusive_keys(keys[each.reference])
    ]
    given_up: dict[UUID, list[int]] = defaultdict(list)
    if not carried:
        return given_up
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE devices_identitykey k SET is_exclusive = false "
            "FROM unnest(%s::uuid[], %s::text[], %s::text[]) AS v(id, kind, value), devices_registration r "
            "WHERE k.registration_id = v.id AND k.kind = v.kind AND k.value = v.value "
            "AND k.is_live AND k.is_exclusive AND r.id = v.id AND r.tenant_id = %s "
            "RETURNING k.registration_id, k.id",
            [*map(list, zip(*carried, strict=True)), tenant.pk],
        )
        for registration, key in cursor:
            given_up[registration].append(key)
    return given_up


def _take_back(claims: Sequence[Claim], given_up: dict[UUID, list[int]]) -> None:
    """What a replaced machine gave up for claims that lost; another of the batch may have it now."""
    back = [key for each in claims if each.replaces for key in given_up.get(each.replaces, ())]
    if back:
        live = IdentityKey.objects.filter(
            kind=OuterRef("kind"), value=OuterRef("value"), is_exclusive=True, is_live=True, authority="local"
        )
        IdentityKey.objects.filter(~Exists(live), pk__in=back).update(is_exclusive=True)


def _reserve(ids: dict[int, UUID], keys: dict[int, tuple[Key, ...]]) -> set[int]:
    """Insert the exclusive keys of the batch; the references that got all of theirs."""
    wanted = [
        (ids[reference], kind, value) for reference in ids for kind, value in exclusive_keys(keys[reference])
    ]
    if not wanted:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO devices_identitykey "
            "(registration_id, authority, kind, value, is_exclusive, is_live) "
            "SELECT v.id, 'local', v.kind, v.value, true, true "
            "FROM unnest(%s::uuid[], %s::text[], %s::text[]) AS v(id, kind, value) "
            'ORDER BY v.kind COLLATE "C", v.value COLLATE "C" '
            "ON CONFLICT DO NOTHING RETURNING registration_id",
            [list(column) for column in zip(*wanted, strict=True)],
        )
        got = Counter(row[0] for row in cursor)
    asked = Counter(each[0] for each in wanted)
    partial = [each for each in got if got[each] < asked[each]]
    IdentityKey.objects.filter(registration_id__in=partial).delete()
    return {reference for reference, pk in ids.items() if pk in got and got[pk] == asked[pk]}


def _insert(
    tenant: Tenant,
    claims: Sequence[Claim],
    ids: dict[int, UUID],
    keys: dict[int, tuple[Key, ...]],
    registered_by: str,
    channel: str,
    now: datetime,
) -> None:
    if not claims:
        return
    rows = [_registration(tenant, each, ids[each.reference], registered_by, channel, now) for each in claims]
    Registration.objects.bulk_create(rows)
    RegistrationHash.objects.bulk_create(
        RegistrationHash(
            registration_id=ids[each.reference],
            blob=each.blob,
            captured_at=each.identity.capture.generated_at if each.identity.capture else None,
        )
        for each in claims
    )
    IdentityKey.objects.bulk_create(
        IdentityKey(registration_id=ids[each.reference], authority=tenant.authority, kind=kind, value=value)
        for each in claims
        for kind, value in _shared_keys(keys[each.reference])
    )
    adopted = {ids[each.reference]: each.entra_device for each in claims if each.entra_device}
    entra_objects.make(tenant=tenant, rows=rows, adopted=adopted, now=now)


def _shared_keys(keys: Sequence[Key]) -> list[Key]:
    exclusive = set(exclusive_keys(keys))
    return [key for key in keys if key not in exclusive]


def listed_serial(identity: HardwareIdentity) -> str:
    """The serial number a device is listed by: the hash's; where it has none, the SMBIOS UUID."""
    return (identity.serial or str(identity.smbios_uuid or "").upper())[:255]


def _registration(
    tenant: Tenant, each: Claim, pk: UUID, registered_by: str, channel: str, now: datetime
) -> Registration:
    identity = each.identity
    return Registration(
        pk=pk,
        tenant=tenant,
        authority=tenant.authority,
        serial_number=listed_serial(identity),
        manufacturer=(identity.manufacturer or "")[:255],
        model=(identity.model or "")[:255],
        product_key=(each.product_key or provided(identity.product_key_id) or "")[:40],
        sku_number=(provided(identity.sku_number) or "")[:255],
        system_family=(provided(identity.system_family) or "")[:255],
        group_tag=each.group_tag,
        purchase_order=each.purchase_order,
        user_principal_name=each.user_principal_name,
        addressable_user_name=each.addressable_user_name,
        display_name=each.display_name,
        channel=channel,
        registered_by=registered_by,
        partner_id=each.partner_id,
        registered_at=now,
        changed_at=now,
    )


def _mark_replaced(tenant: Tenant, claims: Sequence[Claim], now: datetime) -> None:
    replaced = [each.replaces for each in claims if each.replaces]
    if replaced:
        rows = Registration.objects.of(tenant).live().filter(pk__in=replaced)
        rows.update(attention_required_at=now, changed_at=now)
