"""Replace a device from a plan's row: the board in the row takes the place of the one registered here."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from devices.hardware.decode import decode
from devices.models import AutopilotDevice, Import, ImportRow
from devices.services.autopilot import replacing
from devices.services.autopilot.replacing import OLD, Successor
from portal.errors import Conflict
from tenants.models import DirectoryUser, Tenant
from tenants.permissions import Actor

from . import planning
from .checking import settling

Verdict = ImportRow.Verdict
BOARD = "replaced_board"


class NothingToReplace(Conflict):
    """The row does not wait for this decision: it was decided, or its device left meanwhile."""

    code = "nothing_to_replace"


def waiting(*, import_: Import, number: int) -> tuple[ImportRow, AutopilotDevice]:
    """A row that waits for the decision about a board, and the device here; raises NothingToReplace."""
    row = ImportRow.objects.filter(of=import_, number=number, outcome=ImportRow.Outcome.NONE).first()
    if row and row.verdict == Verdict.NEEDS_DECISION and row.decision == BOARD and row.blob:
        rows = AutopilotDevice.objects.of(import_.tenant).live()
        old = rows.filter(pk=row.existing_device).first()
        if old is not None:
            return row, old
    raise NothingToReplace(
        _("There is nothing to replace any more: this row was decided, or its device left.")
    )


def successor(*, import_: Import, row: ImportRow) -> Successor:
    """The machine of a row with the values its file gives it."""
    upn = row.assigned_user
    known = DirectoryUser.objects.of(import_.tenant).by_upn(upn).first() if upn else None
    values = {
        "group_tag": row.group_tag or import_.default_group_tag,
        "purchase_order": row.purchase_order,
        "user_principal_name": known.user_principal_name if known else upn,
        "addressable_user_name": known.display_name if known else "",
    }
    return Successor(identity=decode(bytes(row.blob or b"")), values=values)


def replace(*, import_: Import, number: int, actor: Actor, keeps: str = OLD, now: datetime) -> UUID:
    """Register the row's machine in the place of the old device now, whether or not the plan is imported.

    The new device's id. Raises NotChecked, NothingToReplace and what replacing.replace raises.
    """
    tenant: Tenant = import_.tenant
    with transaction.atomic():
        plan = planning.open_plan(tenant, import_.pk)
        row, old = waiting(import_=plan, number=number)
        device_id = replacing.replace(
            tenant=tenant,
            actor=actor,
            old=old,
            new=successor(import_=plan, row=row),
            keeps=keeps,
            now=now,
        )
        row.verdict, row.outcome, row.is_ticked = Verdict.NEW, ImportRow.Outcome.ADDED, False
        row.device_id, row.existing_device, row.blob = device_id, None, None
        row.reason = _("Registered in the place of %(serial)s.") % {"serial": old.serial_number}
        row.save(
            update_fields=[
                "verdict",
                "outcome",
                "is_ticked",
                "device_id",
                "existing_device",
                "blob",
                "reason",
            ]
        )
        settling.count(plan)
    return device_id
