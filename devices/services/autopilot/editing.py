"""Change devices: through the tenant's connector, then in the list, with the profile following the tag.

Rules: device name and group tag of "Add devices" [D]; the tag's length is not published [U].
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from devices.connectors import connector_for
from devices.connectors.base import EDITABLE, Change
from devices.models import AutopilotDevice
from devices.services.autopilot import users
from devices.services.profiles import assignment
from portal.errors import Conflict, Refused
from tenants.models import Tenant
from tenants.permissions import Actor
from tenants.services import audit

LONGEST_NAME = 15
LONGEST_TAG = 512
LONGEST_FRIENDLY_NAME = 256
MOVES_GROUPS = {"group_tag", "purchase_order"}


class ChangedMeanwhile(Conflict):
    """Someone else saved the device after this form was opened."""

    code = "changed_meanwhile"


class BeingDeleted(Conflict):
    """A device whose deletion was requested is no longer edited."""

    code = "being_deleted"


class BadValue(Refused):
    """A value breaks a rule; `field` in the context names it."""

    code = "bad_value"


@dataclass(frozen=True, slots=True)
class Written:
    """A device whose values changed: only what differs, before and after."""

    device_id: UUID
    serial_number: str
    before: dict[str, str]
    after: dict[str, str]

    def target(self) -> audit.Target:
        """The change as the audit log keeps it."""
        return audit.Target(
            kind="autopilot_device",
            label=self.serial_number,
            object_id=self.device_id,
            before=self.before,
            after=self.after,
        )


def edit(
    *,
    tenant: Tenant,
    actor: Actor,
    device: AutopilotDevice,
    fields: dict[str, str],
    revision: int | None,
    now: datetime,
) -> Written | None:
    """Save one device's values; None when nothing differs.

    fields: keys from EDITABLE. Raises ChangedMeanwhile, BeingDeleted, BadValue, UnknownUser,
    UnlicensedUser.
    """
    with transaction.atomic():
        rows = AutopilotDevice.objects.of(tenant).live().select_for_update(of=("self",))
        current = rows.filter(pk=device.pk).first()
        if current is None or current.revision != revision:
            sentence = _("Someone changed this device meanwhile. Reload to see the change, then edit again.")
            raise ChangedMeanwhile(sentence)
        if current.deletion_requested_at:
            raise BeingDeleted(_("This device is being deleted and can no longer be changed."))
        values = checked(tenant=tenant, current=current, fields=fields)
        written = write(tenant=tenant, changes=[Change(device.pk, values)], now=now)
        if written:
            targets = [each.target() for each in written]
            audit.record(tenant=tenant, actor=actor, activity="device.updated", targets=targets)
    return written[0] if written else None


def checked(*, tenant: Tenant, current: AutopilotDevice, fields: dict[str, str]) -> dict[str, str]:
    """The values that differ, each by its rule; raises BadValue, UnknownUser or UnlicensedUser."""
    clean = {name: value.strip() for name, value in fields.items()}
    values = {name: value for name, value in clean.items() if value != getattr(current, name)}
    if "display_name" in values:
        check_name(values["display_name"])
    if "group_tag" in values:
        check_tag(values["group_tag"])
    upn = values.get("user_principal_name")
    if upn:
        user = users.licensed(tenant=tenant, upn=upn)
        values |= users.assignment_of(user=user, friendly_name=values.get("addressable_user_name", ""))
    elif upn == "":
        values |= users.NOBODY
    elif values.get("addressable_user_name") and not current.user_principal_name:
        _refuse("addressable_user_name", _("Assign a user first: the friendly name greets that user."))
    if len(values.get("addressable_user_name", "")) > LONGEST_FRIENDLY_NAME:
        _refuse("addressable_user_name", _("A friendly name may have at most 256 characters."))
    return values


def check_name(name: str) -> None:
    """At most 15 letters, digits and hyphens, not all digits; raises BadValue."""
    if not name:
        return
    if len(name) > LONGEST_NAME:
        _refuse("display_name", _("A device name may have at most 15 characters."))
    if not re.fullmatch(r"[A-Za-z0-9-]+", name):
        _refuse("display_name", _("A device name may hold only letters, digits and hyphens."))
    if name.isdigit():
        _refuse("display_name", _("A device name may not consist of digits alone."))


def check_tag(tag: str) -> None:
    """At most 512 printable characters; raises BadValue."""
    if len(tag) > LONGEST_TAG:
        _refuse("group_tag", _("A group tag may have at most 512 characters."))
    if not tag.isprintable():
        _refuse("group_tag", _("A group tag may not hold line breaks or control characters."))


def _refuse(field: str, sentence: Any) -> None:
    raise BadValue(sentence, field=field)


def write(*, tenant: Tenant, changes: Sequence[Change], now: datetime) -> list[Written]:
    """Write values through the connector and into the list, set-based; the devices that changed.

    Each id at most once; call it in a transaction. Devices the service does not hold stay untouched.
    """
    before = _before([change.device_id for change in changes], tenant)
    known = [change for change in changes if change.device_id in before and change.fields]
    accepted = set(connector_for(tenant).update(tenant=tenant, changes=known, now=now))
    taken = [change for change in known if change.device_id in accepted]
    alike: dict[tuple[str, ...], list[Change]] = defaultdict(list)
    for change in taken:
        alike[tuple(sorted(change.fields))].append(change)
    for names, group in alike.items():
        _mirror(tenant, names, group)
    written = list(_differences(before, taken))
    moved = [each.device_id for each in written if MOVES_GROUPS & set(each.after)]
    if moved:
        assignment.refresh(tenant=tenant, device_ids=moved, now=now)
    return written


def _before(ids: Iterable[UUID], tenant: Tenant) -> dict[UUID, dict[str, Any]]:
    rows = AutopilotDevice.objects.of(tenant).live().filter(pk__in=list(ids)).order_by("pk")
    values = rows.select_for_update(of=("self",)).values("pk", "serial_number", *EDITABLE)
    return {row["pk"]: row for row in values}


def _differences(before: dict[UUID, dict[str, Any]], changes: Iterable[Change]) -> Iterable[Written]:
    for change in changes:
        old = before[change.device_id]
        names = [name for name, value in change.fields.items() if old[name] != value]
        if names:
            yield Written(
                change.device_id,
                old["serial_number"],
                {name: old[name] for name in names},
                {name: change.fields[name] for name in names},
            )


def _mirror(tenant: Tenant, names: tuple[str, ...], changes: Sequence[Change]) -> None:
    """One UPDATE of the list for changes of the same fields; rows that hold the values stay untouched."""
    columns = ", ".join(names)
    assignments = [f"{name} = v.{name}" for name in names]
    if "user_principal_name" in names:
        assignments.append(
            "user_id = (SELECT u.id FROM tenants_directoryuser u WHERE u.tenant_id = a.tenant_id "
            "AND lower(u.user_principal_name) = lower(v.user_principal_name))"
        )
    arrays = ", ".join("%s::text[]" for _name in names)
    mine, new = (", ".join(f"{alias}.{name}" for name in names) for alias in ("a", "v"))
    values = [[change.fields[name] for change in changes] for name in names]
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE devices_autopilotdevice a SET {', '.join(assignments)}, revision = a.revision + 1 "
            f"FROM unnest(%s::uuid[], {arrays}) AS v(id, {columns}) "
            f"WHERE a.id = v.id AND a.tenant_id = %s AND a.removed_at IS NULL "
            f"AND ROW({mine}) IS DISTINCT FROM ROW({new})",
            [[change.device_id for change in changes], *values, tenant.pk],
        )
