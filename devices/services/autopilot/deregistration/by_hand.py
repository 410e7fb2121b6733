"""The on-premises computer object: a person deleted it, and the joined Entra object goes with it.

Source: "Registration overview", deregister a device [D]: a hybrid joined device's computer object is
deleted in Active Directory, so that it is not synchronized again.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from devices.models import Deregistration, EntraDevice, GroupMember
from devices.services.autopilot.bulk import NothingToDo
from tenants.models import Tenant
from tenants.permissions import Actor, missing
from tenants.services import audit

from . import evidence, storing
from .slices import Settled

State = Deregistration.State


@transaction.atomic
def confirm(*, tenant: Tenant, actor: Actor, rows: QuerySet[Deregistration], now: datetime) -> int:
    """The computer objects of these devices are gone; returns how many waited for that.

    Raises Forbidden, or NothingToDo where none waits.
    """
    if not actor.can("devices.delete", tenant=tenant):
        raise missing("devices.delete")
    waiting = Deregistration.objects.of(tenant).filter(state=State.BY_HAND)
    waiting = waiting.filter(pk__in=rows.order_by().values("pk"))
    found = list(waiting.select_for_update(of=("self",)).order_by("pk"))
    if not found:
        raise NothingToDo(_("None of these devices waits for its on-premises object."))
    objects = {row.pk: UUID(row.steps[-1]["object"]) for row in found}
    _delete_objects(tenant, list(objects.values()), now)
    for row in found:
        evidence.note_result(row, Settled("deleted", after={"exists": False}), now)
        row.steps[-1]["by"] = actor.label
        row.state, row.message = State.DONE, evidence.summary(row.steps)
    storing.write(found)
    audit.record(
        tenant=tenant,
        actor=actor,
        activity="device.on_premises_deleted",
        targets=[_target(row, row.steps[-1].get("before", {})) for row in found],
    )
    return len(found)


def _delete_objects(tenant: Tenant, ids: list[UUID], now: datetime) -> None:
    """What a directory synchronization does once the computer object is gone."""
    rows = EntraDevice.objects.of(tenant).live().filter(pk__in=ids)
    GroupMember.objects.filter(device__in=rows).delete()
    rows.update(deleted_at=now, revision=F("revision") + 1)


def _target(row: Deregistration, before: dict[str, Any]) -> audit.Target:
    return audit.Target("autopilot_device", row.serial_number, row.device_id, before=before)
