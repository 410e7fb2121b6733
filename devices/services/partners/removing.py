"""Deregister one slice of an upload: the registration only, as the rules of consent allow.

Whoever registered a device removes it; an OEM with consent also others' (motherboard replacement [D]);
otherwise 811, and 807 for what is not registered with the customer. Nothing is unenrolled.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F

from devices.connectors import connector_for
from devices.hardware.decode import decode
from devices.hardware.faults import HashFault
from devices.models import AutopilotDevice, IdentityKey, Registration, Submission, SubmissionRow, UndoKit
from devices.registry.recognition import Kind, recognise
from devices.registry.submissions import Identifier
from devices.services.autopilot import undo_kits
from devices.services.imports import verdicts
from devices.services.partners.answers import BY_OTHER, NOT_REGISTERED, answer, twin_of
from devices.services.partners.examining import refuse
from devices.services.profiles import assignment
from tenants.models import Job, Partner, Tenant
from tenants.permissions import Actor
from tenants.services.partners.authority import authority_of

Outcome, REASON = SubmissionRow.Outcome, UndoKit.Reason.PARTNER
Found = dict[int, list[Registration]]


def remove(
    submission: Submission, tenant: Tenant, rows: Sequence[SubmissionRow], job: Job, now: datetime
) -> list[UUID]:
    """Write each row's outcome; returns the registrations that ended. An undo kit is kept of each."""
    meant = _allowed(submission.partner, rows, _find(tenant, rows))
    ids = list(dict.fromkeys(meant.values()))
    undo_kits.pack(tenant=tenant, actor=Actor.of_job(job), device_ids=ids, reason=REASON, now=now, job=job)
    results = connector_for(tenant).release(tenant=tenant, device_ids=ids, reason=REASON, now=now)
    released = {result.device_id for result in results if result.is_released}
    listed = AutopilotDevice.objects.of(tenant).live().filter(pk__in=released)
    listed.update(removed_at=now, removal_reason=REASON, revision=F("revision") + 1)
    assignment.refresh(tenant=tenant, device_ids=list(released), now=now)
    for row in rows:
        if row.number in meant:
            _take(row, meant[row.number], released)
    return [pk for pk in ids if pk in released]


def _find(tenant: Tenant, rows: Sequence[SubmissionRow]) -> Found:
    """The live registrations of the customer that each row means."""
    live = Registration.objects.of(tenant).live()
    found: Found = defaultdict(list)
    direct = {row.device_id: row.number for row in rows if not row.identifier and row.device_id}
    for registration in live.filter(pk__in=direct):
        found[direct[registration.pk]].append(registration)
    _find_tuples(live, [row for row in rows if row.identifier == Identifier.TUPLE], found)
    _find_keys(tenant, [row for row in rows if row.identifier == Identifier.PRODUCT_KEY], found)
    _find_hashes(tenant, [row for row in rows if row.identifier == Identifier.HASH], found)
    return found


def _find_tuples(live: Any, rows: Sequence[SubmissionRow], found: Found) -> None:
    by_tuple: dict[tuple[str, str, str], list[Registration]] = defaultdict(list)
    serials = [row.serial_number for row in rows]
    for each in live.filter(serial_number__in=serials) if serials else ():
        by_tuple[each.manufacturer, each.model, each.serial_number].append(each)
    for row in rows:
        found[row.number] += by_tuple[row.manufacturer, row.model, row.serial_number]


def _find_keys(tenant: Tenant, rows: Sequence[SubmissionRow], found: Found) -> None:
    keys = IdentityKey.objects.filter(
        kind="product_key_id",
        value__in=[row.product_key for row in rows],
        is_live=True,
        registration__tenant=tenant,
        registration__ended_at=None,
    )
    by_key: dict[str, list[Registration]] = defaultdict(list)
    for key in keys.select_related("registration") if rows else ():
        by_key[key.value].append(key.registration)
    for row in rows:
        serial = row.serial_number
        found[row.number] += [each for each in by_key[row.product_key] if serial in ("", each.serial_number)]


def _find_hashes(tenant: Tenant, rows: Sequence[SubmissionRow], found: Found) -> None:
    identities = {}
    for row in rows:
        try:
            identities[row.number] = decode(bytes(row.blob or b""))
        except HashFault as fault:
            refuse(row, answer(verdicts.INVALID_HASH, fault.message))
    places = recognise(tenant=tenant, identities=identities)
    held = {
        number: place.holder.registration
        for number, place in places.items()
        if place.kind == Kind.HERE and place.holder
    }
    live = Registration.objects.of(tenant).live().in_bulk(list(held.values()))
    for number, pk in held.items():
        if pk in live:
            found[number].append(live[pk])


def _allowed(partner: Partner, rows: Sequence[SubmissionRow], found: Found) -> dict[int, UUID]:
    """The one registration of each row that the partner may remove; the other rows are refused."""
    may_others = authority_of(partner).may_remove_others
    meant: dict[int, UUID] = {}
    first: dict[UUID, int] = {}
    for row in rows:
        if row.outcome:
            continue
        held = found.get(row.number, [])
        if not held:
            refuse(row, answer(NOT_REGISTERED))
        elif len(held) > 1:
            refuse(row, answer(verdicts.NOT_UNIQUE))
        elif held[0].partner_id != partner.pk and not may_others:
            refuse(row, answer(BY_OTHER))
        elif first.setdefault(held[0].pk, row.number) != row.number:
            refuse(row, twin_of(first[held[0].pk]))
        else:
            meant[row.number] = held[0].pk
            row.serial_number = held[0].serial_number
            row.manufacturer, row.model = held[0].manufacturer, held[0].model
    return meant


def _take(row: SubmissionRow, pk: UUID, released: set[UUID]) -> None:
    if pk in released:
        row.outcome, row.device_id, row.blob, row.cells = Outcome.REMOVED, pk, None, []
    else:
        refuse(row, answer(NOT_REGISTERED))
