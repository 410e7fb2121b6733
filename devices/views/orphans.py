"""*Orphans*: records that lost their counterpart, counted, explained and mended."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from devices.filters.orphans import OrphanFilters
from devices.models import Orphan, OrphanCheck
from devices.services.reconciling import checking, fixing
from devices.services.reconciling.defects import KINDS, needed
from devices.tables.orphans import OrphanTable
from devices.views.autopilot_commands import job_address
from portal.ui.commands import Command
from portal.ui.forms import one_time_key
from portal.ui.list_blade import ListBlade
from portal.ui.panels import go_to, is_confirmed, render_dialog, render_flyout
from tenants.access import actor_of, fetch, needs
from tenants.permissions import PERMISSIONS

FOLDER = "devices/orphans"


class Orphans(ListBlade):
    """What the last check found."""

    permission = "devices.read"
    title = gettext_lazy("Orphans")
    breadcrumb = (gettext_lazy("Devices"), (gettext_lazy("Orphans"), "devices:orphans"))
    noun = (gettext_lazy("record"), gettext_lazy("records"))
    url_name = "devices:orphans"
    object_url_name = "devices:orphan"
    table_class = OrphanTable
    filterset_class = OrphanFilters
    search_lookups = ("label__icontains", "detail__icontains")
    search_placeholder = gettext_lazy("Search by device or detail")
    default_sort = "label"
    commands = (
        "filter",
        "export",
        "refresh",
        Command(gettext_lazy("Fix"), "devices:orphans_fix", "wrench-screwdriver", selection="many"),
        "columns",
    )
    row_commands = (
        Command(gettext_lazy("Fix"), "devices:orphans_fix", "wrench-screwdriver", selection="one"),
    )
    intro_template = f"{FOLDER}/_intro.html"
    empty_template = f"{FOLDER}/_empty.html"

    def get_queryset(self) -> QuerySet[Orphan]:
        """The records of the kinds the person may read."""
        return visible(self.request)

    def get_context(self) -> dict[str, Any]:
        """Counts by defect, and when the last check was."""
        counts = _counts(self)
        total = sum(count for _label, count, _address, _is_current in counts)
        return {"counts": counts, "total": total, **check_context(self.request)}


def visible(request: Any) -> QuerySet[Orphan]:
    """The tenant's orphans, without Windows devices where the person may not read those."""
    rows = checking.standing(tenant=request.tenant)
    words = {Orphan.Record.MANAGED: "managed_devices.read", Orphan.Record.ENTRA: "entra_devices.read"}
    return rows.exclude(
        record__in=[record for record, word in words.items() if word not in request.permissions]
    )


def _counts(blade: Orphans) -> list[tuple[str, int, str, bool]]:
    """(label, count, address, whether it is the filter now) of each defect."""
    asked = blade.request.GET.getlist("defect")
    found = checking.counts(rows=visible(blade.request))
    return [
        (str(Orphan.Defect(word).label), count, f"{blade.list_url}?defect={word}", asked == [word])
        for word, count in found.items()
    ]


def check_context(request: Any) -> dict[str, Any]:
    """The last check and the one under way."""
    check = OrphanCheck.objects.filter(tenant=request.tenant).first()
    return {
        "checked_at": check.checked_at if check else None,
        "job": checking.running(tenant=request.tenant),
        "may_check": "devices.sync" in request.permissions,
    }


@require_safe
@never_cache
@needs("devices.read")
def orphans_progress(request: Any) -> HttpResponse:
    """The running check; when it ends the page shows what it found."""
    context = check_context(request)
    response = render(request, f"{FOLDER}/_check.html", context)
    if context["job"] is None:
        response["HX-Refresh"] = "true"
    return response


@require_POST
@needs("devices.sync")
def orphans_check(request: Any) -> HttpResponse:
    """Check the tenant's records against each other now."""
    checking.start(tenant=request.tenant, actor=actor_of(request))
    return redirect("devices:orphans", tenant_slug=request.tenant.slug)


@require_safe
@needs("devices.read")
def orphan(request: Any, pk: UUID) -> HttpResponse:
    """One record's defect: what it means, what it breaks, what its fix does."""
    row = fetch(visible(request), pk=pk)
    kind = KINDS[row.defect]
    lacking = [PERMISSIONS[word] for word in kind.permissions if word not in request.permissions]
    context = {"orphan": row, "kind": kind, "lacking": lacking}
    return render_flyout(request, Orphans, f"{FOLDER}/_flyout.html", context, title=row.label)


@require_POST
@needs("devices.read")
def orphans_fix(request: Any) -> HttpResponse:
    """What mending the selected records would do, and the button that starts it."""
    rows = Orphans.selected(request)
    planned = fixing.plan(rows=rows)
    if is_confirmed(request):
        job = fixing.start(
            tenant=request.tenant, actor=actor_of(request), rows=rows, dedupe_key=one_time_key(request)
        )
        messages.success(request, _("The records are being fixed."))
        return go_to(request, job_address(job))
    words = needed([each.word for each in planned if each.fixable])
    context = {
        "planned": planned,
        "fixable": sum(each.fixable for each in planned),
        "lacking": [PERMISSIONS[word] for word in words if word not in request.permissions],
    }
    return render_dialog(request, f"{FOLDER}/_fix.html", context, title=_("Fix orphans"), blade=Orphans)
