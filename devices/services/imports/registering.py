"""Register and update one slice of an import's rows through the tenant's connector, and list them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from devices.connectors import connector_for
from devices.connectors.base import Change, Claim, ClaimResult
from devices.hardware.decode import decode
from devices.models import Import, ImportRow, Registration
from devices.services.directory.personal import joined_machines
from devices.services.syncs import mirroring
from tenants.models import DirectoryUser
from tenants.permissions import Actor

from . import planning, verdicts
from .places import FREE, Kind, Place, name_of, places
from .writing import write

Verdict, Outcome = ImportRow.Verdict, ImportRow.Outcome


@dataclass(slots=True)
class Result:
    """What became of a row, and the service's words where it refused."""

    row: ImportRow
    outcome: str
    device_id: UUID | None = None
    name: str = ""
    reason: str = ""


class Slice:
    """One slice of rows on its way into the registry."""

    def __init__(self, import_: Import, *, registered_by: str, via: str, now: datetime) -> None:
        self.import_, self.tenant, self.now = import_, import_.tenant, now
        self.registered_by = registered_by
        is_command = via == Actor.COMMAND
        self.channel = Registration.Channel.COMMAND if is_command else Registration.Channel.IMPORT
        self.connector = connector_for(self.tenant)

    def commit(self, at: int, last: int) -> None:
        """Register, update, list and write down the rows behind `at` up to `last`."""
        chosen = planning.chosen(self.import_).filter(number__gt=at, number__lte=last)
        rows = list(chosen.defer("cells").order_by("number"))
        if not rows:
            return
        self.users = self._users(rows)
        found = places(self.tenant, rows)
        joined = joined_machines(tenant=self.tenant, machines={name_of(row) for row in rows})
        results: list[Result] = []
        free: list[tuple[ImportRow, Place]] = []
        here: list[ImportRow] = []
        for row in rows:
            place = found.get(row.number, FREE)
            if row.blob is None:
                results.append(Result(row, Outcome.FAILED, reason=_("The hash was erased; upload it again.")))
            elif place.kind in (Kind.FREE, Kind.BOARD) and name_of(row) in joined:
                results.append(Result(row, Outcome.FAILED, None, verdicts.ALREADY_REGISTERED))
            elif place.kind == Kind.FREE or _is_confirmed(row, place):
                free.append((row, place))
            elif place.kind == Kind.HERE and row.changes:
                here.append(row)
            else:
                results.append(_overtaken(row, place))
        results += self._register(free) + self._update(here)
        changed = (Outcome.ADDED, Outcome.UPDATED)
        ids = [each.device_id for each in results if each.device_id and each.outcome in changed]
        ids += [place.holder.registration for _row, place in free if place.holder]
        mirroring.mirror(tenant=self.tenant, device_ids=ids, now=self.now)
        _write(self.import_, results)

    def _users(self, rows: Sequence[ImportRow]) -> dict[str, tuple[str, str]]:
        """Directory spelling and display name by lower-case user principal name."""
        upns = {row.assigned_user.lower() for row in rows if row.assigned_user}
        known = DirectoryUser.objects.of(self.tenant).annotate(upn=Lower("user_principal_name"))
        found = known.filter(upn__in=upns).values_list("upn", "user_principal_name", "display_name")
        return {upn: (spelling, name) for upn, spelling, name in found}

    def _user(self, row: ImportRow) -> dict[str, Any]:
        spelling, name = self.users.get(row.assigned_user.lower(), (row.assigned_user, ""))
        return {"user_principal_name": spelling, "addressable_user_name": name}

    def _register(self, rows: Sequence[tuple[ImportRow, Place]]) -> list[Result]:
        answers = self.connector.register(
            tenant=self.tenant,
            claims=[self._claim(row, place) for row, place in rows],
            registered_by=self.registered_by,
            channel=self.channel,
            now=self.now,
        )
        return [_answered(row, answer) for (row, _place), answer in zip(rows, answers, strict=True)]

    def _claim(self, row: ImportRow, place: Place) -> Claim:
        blob = bytes(row.blob or b"")
        return Claim(
            reference=row.number,
            identity=decode(blob),
            blob=blob,
            group_tag=row.group_tag or self.import_.default_group_tag,
            purchase_order=row.purchase_order,
            product_key=row.product_key,
            replaces=place.holder.registration if place.holder else None,
            **self._user(row),
        )

    def _update(self, rows: Sequence[ImportRow]) -> list[Result]:
        changes = [Change(row.existing_device, self._new_values(row)) for row in rows if row.existing_device]
        accepted = set(self.connector.update(tenant=self.tenant, changes=changes, now=self.now))
        return [
            Result(row, Outcome.UPDATED, row.existing_device)
            if row.existing_device in accepted
            else Result(row, Outcome.FAILED, reason=_("The device was removed while it was being updated."))
            for row in rows
        ]

    def _new_values(self, row: ImportRow) -> dict[str, str]:
        new = {field: pair[1] for field, pair in row.changes.items()}
        return {**new, **self._user(row)} if "user_principal_name" in new else new


def _is_confirmed(row: ImportRow, place: Place) -> bool:
    """Whether the person ticked exactly this replacement of a board."""
    if place.kind != Kind.BOARD or place.holder is None:
        return False
    return row.is_ticked and row.existing_device == place.holder.registration


def _overtaken(row: ImportRow, place: Place) -> Result:
    """A row whose machine stands elsewhere than the plan said."""
    holder = place.holder.registration if place.holder else None
    if place.kind == Kind.HERE:
        reason = _("Another import registered this machine here after the check.")
        return Result(row, Outcome.ALREADY_HERE, holder, verdicts.ALREADY_ASSIGNED, reason)
    if place.kind == Kind.ELSEWHERE:
        row.existing_tenant = place.holder.tenant if place.holder else None
        row.existing_device = holder
        return Result(row, Outcome.FAILED, None, verdicts.OTHER_TENANT)
    if place.kind == Kind.UNCLEAR:
        return Result(row, Outcome.FAILED, None, verdicts.NOT_UNIQUE)
    reason = _("A device with another mainboard and this serial number was registered after the check.")
    return Result(row, Outcome.LEFT_OUT, None, "", reason)


def _answered(row: ImportRow, answer: ClaimResult) -> Result:
    """The registry's answer to a claim as the outcome of its row."""
    if answer.device_id is not None:
        return Result(row, Outcome.ADDED, answer.device_id)
    row.existing_device, row.existing_tenant = answer.existing, answer.existing_tenant
    if answer.name == verdicts.ALREADY_ASSIGNED:
        return Result(row, Outcome.ALREADY_HERE, answer.existing, answer.name)
    return Result(row, Outcome.FAILED, None, answer.name)


VERDICT_OF = {
    verdicts.ALREADY_ASSIGNED: Verdict.ALREADY_REGISTERED,
    verdicts.OTHER_TENANT: Verdict.OTHER_TENANT,
    verdicts.NOT_UNIQUE: Verdict.MISSING_IDENTITY,
    verdicts.INVALID_HASH: Verdict.INVALID_HASH,
    verdicts.ALREADY_REGISTERED: Verdict.ENTRA_JOINED,
}


WRITTEN = ("verdict", "code", "code_name", "reason", "next_step", "existing_device", "existing_tenant")


def _write(import_: Import, results: Sequence[Result]) -> None:
    """Write the outcomes; the hash bytes leave the rows."""
    for each in results:
        row = each.row
        if each.name:
            row.verdict, row.code_name = VERDICT_OF[each.name], each.name
            row.code = verdicts.CODES[each.name]
            row.next_step = str(verdicts.NEXT_STEPS[each.name])
        if each.name or each.reason:
            row.reason = each.reason or str(verdicts.REASONS.get(each.name, ""))
    rows = {
        each.row.number: [each.outcome, each.device_id, *(getattr(each.row, name) for name in WRITTEN)]
        for each in results
    }
    write(import_, rows, ["outcome", "device_id", *WRITTEN], also="blob = NULL")
