"""Register one slice of an upload: by hash, or by the hash that an OEM reported under the name."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from devices.connectors import connector_for
from devices.connectors.base import Claim, ClaimResult
from devices.hardware.decode import decode
from devices.hardware.faults import HashFault
from devices.hardware.identity import HardwareIdentity, identity_keys
from devices.models import Registration, Submission, SubmissionRow
from devices.registry import known_machines
from devices.registry.claims import exclusive_keys, is_sufficient, listed_serial
from devices.registry.recognition import Kind, Place, recognise
from devices.registry.submissions import Identifier, Named
from devices.services.directory.personal import joined_machines, personal_serials
from devices.services.imports import verdicts
from devices.services.partners.answers import NOT_FOUND, Answer, answer, twin_of
from devices.services.partners.examining import refuse
from tenants.models import Tenant

Outcome = SubmissionRow.Outcome
Machine = tuple[HardwareIdentity, bytes]


def register(
    submission: Submission, tenant: Tenant, rows: Sequence[SubmissionRow], now: datetime
) -> list[UUID]:
    """Write each row's outcome; returns the new registrations. They are not listed before a sync."""
    machines = _machines(rows)
    _refuse_twins(submission, rows, machines)
    places = _refuse_by_place(tenant, rows, machines)
    _refuse_personal(tenant, rows, machines)
    _refuse_joined(tenant, rows, machines, places)
    results = connector_for(tenant).register(
        tenant=tenant,
        claims=[_claim(submission, row, *machines[row.number]) for row in rows if row.number in machines],
        registered_by=submission.partner.name,
        channel=Registration.Channel.PARTNER,
        now=now,
    )
    by_number = {row.number: row for row in rows}
    earlier = _registered_here(submission)
    for result in results:
        _take(by_number[result.reference], result, earlier, machines[result.reference][0])
    return [result.device_id for result in results if result.device_id is not None]


def _machines(rows: Sequence[SubmissionRow]) -> dict[int, Machine]:
    """The machine each row means; rows that mean none are refused."""
    machines: dict[int, Machine] = {}
    wanted: dict[int, tuple[Identifier, Named]] = {}
    for row in rows:
        if row.identifier != Identifier.HASH:
            wanted[row.number] = (Identifier(row.identifier), _named(row))
            continue
        try:
            identity = decode(bytes(row.blob or b""))
        except HashFault as fault:
            refuse(row, answer(verdicts.INVALID_HASH, fault.message))
            continue
        machines[row.number] = (identity, bytes(row.blob or b""))
    found = known_machines.resolve(wanted)
    for row in rows:
        known = found.get(row.number)
        if known is not None and known.identity is not None:
            machines[row.number] = (known.identity, known.blob)
        elif known is not None:
            refuse(row, answer(known.name))
    for row in rows:
        if row.number in machines and not is_sufficient(machines[row.number][0]):
            sentence = _("The hash holds no manufacturer, or nothing that tells this machine apart.")
            refuse(row, answer(verdicts.INVALID_HASH, sentence))
            del machines[row.number]
    return machines


def _named(row: SubmissionRow) -> Named:
    return Named(row.serial_number, row.product_key, row.manufacturer, row.model)


def _refuse(row: SubmissionRow, machines: dict[int, Machine], said: Answer) -> None:
    refuse(row, said)
    del machines[row.number]


def _refuse_twins(
    submission: Submission, rows: Sequence[SubmissionRow], machines: dict[int, Machine]
) -> None:
    """Equal machines of one slice: the first row is used."""
    seen: dict[object, int] = {}
    for row in rows:
        if row.number not in machines:
            continue
        keys = exclusive_keys(identity_keys(machines[row.number][0]))
        first = next((seen[key] for key in keys if key in seen), None)
        if first is None:
            seen |= dict.fromkeys(keys, row.number)
        else:
            _refuse(row, machines, twin_of(first))


def _refuse_by_place(
    tenant: Tenant, rows: Sequence[SubmissionRow], machines: dict[int, Machine]
) -> dict[int, Place]:
    """Machines that cannot be told apart, and names whose machine has another mainboard by now.

    After a motherboard replacement only a captured hash registers a machine [D].
    """
    identities = {number: identity for number, (identity, _blob) in machines.items()}
    places = recognise(tenant=tenant, identities=identities)
    for row in rows:
        if row.number not in machines:
            continue
        place: Place = places[row.number]
        if place.kind == Kind.UNCLEAR:
            _refuse(row, machines, answer(verdicts.NOT_UNIQUE))
        elif place.standing.replaced and not place.standing.same and row.identifier != Identifier.HASH:
            sentence = _(
                "The machine's mainboard was replaced since its manufacturer reported it; only a hardware "
                "hash captured on it can register it."
            )
            _refuse(row, machines, answer(NOT_FOUND, sentence))
    return places


def _refuse_personal(tenant: Tenant, rows: Sequence[SubmissionRow], machines: dict[int, Machine]) -> None:
    serials = {number: listed_serial(identity) for number, (identity, _blob) in machines.items()}
    personal = personal_serials(tenant=tenant, serials=set(serials.values()))
    for row in rows:
        if row.number in machines and serials[row.number] in personal:
            _refuse(row, machines, answer(verdicts.ALREADY_REGISTERED))


def _refuse_joined(
    tenant: Tenant,
    rows: Sequence[SubmissionRow],
    machines: dict[int, Machine],
    places: dict[int, Place],
) -> None:
    names = {
        number: (listed_serial(identity), identity.manufacturer or "", identity.model or "")
        for number, (identity, _blob) in machines.items()
        if places[number].kind in (Kind.FREE, Kind.BOARD)
    }
    joined = joined_machines(tenant=tenant, machines=set(names.values()))
    for row in rows:
        if names.get(row.number) in joined:
            sentence = _("The customer's directory holds a joined device that no registration made.")
            _refuse(row, machines, answer(verdicts.ALREADY_REGISTERED, sentence))


def _claim(submission: Submission, row: SubmissionRow, identity: HardwareIdentity, blob: bytes) -> Claim:
    return Claim(
        reference=row.number,
        identity=identity,
        blob=blob,
        group_tag=submission.group_tag,
        purchase_order=submission.purchase_order,
        product_key=row.product_key,
        partner_id=submission.partner_id,
    )


def _registered_here(submission: Submission) -> set[UUID | None]:
    """What earlier slices of the same upload registered."""
    rows = submission.rows.filter(outcome=Outcome.REGISTERED)
    return set(rows.values_list("device_id", flat=True))


def _take(
    row: SubmissionRow, result: ClaimResult, earlier: set[UUID | None], identity: HardwareIdentity
) -> None:
    if result.device_id is not None:
        row.outcome, row.device_id, row.blob, row.cells = Outcome.REGISTERED, result.device_id, None, []
        _note_other_serial(row, identity)
    elif result.name == verdicts.ALREADY_ASSIGNED and result.existing in earlier:
        refuse(row, answer(verdicts.DUPLICATED))
    elif result.name == verdicts.ALREADY_ASSIGNED:
        refuse(row, answer(result.name), outcome=Outcome.ALREADY)
    else:
        refuse(row, answer(result.name))


def _note_other_serial(row: SubmissionRow, identity: HardwareIdentity) -> None:
    """The listed serial number is the hash's (design ruling on identity); a different one is told."""
    mine = listed_serial(identity)
    if row.serial_number and row.serial_number != mine:
        sentence = _("The file says serial number %(file)s; the device is listed as %(hash)s.")
        row.reason = sentence % {"file": row.serial_number, "hash": mine}
    row.serial_number = mine
    row.manufacturer, row.model = (identity.manufacturer or "")[:255], (identity.model or "")[:255]
