"""A checked plan in a person's hands: its options, the rows ticked, what would be imported."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from devices.models import Import, ImportRow
from devices.services.autopilot import editing
from portal.errors import Conflict
from tenants.models import Tenant

from .checking import settling
from .uploading import Options

Verdict = ImportRow.Verdict


class NotChecked(Conflict):
    """The plan is not open: it is still being checked, or it was imported already."""

    code = "plan_not_open"


def open_plan(tenant: Tenant, import_id: UUID) -> Import:
    """The import locked for a change of its plan; call in a transaction. Raises NotChecked."""
    rows = Import.objects.of(tenant).select_for_update()
    import_: Import = rows.select_related(None).get(pk=import_id)
    if import_.state != Import.State.CHECKED:
        raise NotChecked(_("This plan can no longer be changed."))
    return import_


def change_options(*, import_: Import, options: Options) -> Import:
    """Give a plan other options and settle its verdicts anew; returns the changed import. Raises BadValue."""
    editing.check_tag(options.default_group_tag)
    with transaction.atomic():
        plan = open_plan(import_.tenant, import_.pk)
        plan.default_group_tag = options.default_group_tag
        plan.updates_group_tag = options.updates_group_tag
        plan.updates_user = options.updates_user
        plan.save(update_fields=["default_group_tag", "updates_group_tag", "updates_user"])
        settling.settle(plan)
        settling.count(plan)
    return plan


def tick(*, import_: Import, numbers: Sequence[int] | None, is_ticked: bool) -> int:
    """Tick or untick rows that need a decision, the given ones or all; the number of rows meant."""
    with transaction.atomic():
        plan = open_plan(import_.tenant, import_.pk)
        rows = ImportRow.objects.filter(of=plan, verdict=Verdict.NEEDS_DECISION, outcome="")
        if numbers is not None:
            rows = rows.filter(number__in=numbers)
        return rows.update(is_ticked=is_ticked)


def chosen(import_: Import) -> QuerySet[ImportRow]:
    """The rows a commit would register or update; one that replaced its device is done already."""
    rows = ImportRow.objects.filter(of=import_, outcome=ImportRow.Outcome.NONE)
    ticked = rows.filter(verdict=Verdict.NEEDS_DECISION, is_ticked=True)
    return rows.filter(verdict__in=(Verdict.NEW, Verdict.UPDATE)) | ticked
