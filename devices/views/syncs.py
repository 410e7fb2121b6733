"""*Syncs*: the history, the *Sync* command with its countdown, and held removals."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from devices.filters.syncs import SyncFilters
from devices.models import SyncRun
from devices.services.syncs import syncing
from devices.tables.syncs import SyncTable
from portal.ui.commands import Command
from portal.ui.list_blade import ListBlade
from portal.ui.panels import go_to, is_confirmed, render_dialog
from portal.ui.progress import render_progress
from tenants.access import actor_of, fetch, needs
from tenants.models import JobItem


class Syncs(ListBlade):
    """The history of the tenant's syncs."""

    permission = "devices.read"
    title = gettext_lazy("Syncs")
    breadcrumb = (
        gettext_lazy("Devices"),
        gettext_lazy("Enrollment"),
        gettext_lazy("Windows"),
        gettext_lazy("Windows Autopilot"),
        (gettext_lazy("Syncs"), "devices:syncs"),
    )
    noun = (gettext_lazy("sync"), gettext_lazy("syncs"))
    url_name = "devices:syncs"
    table_class = SyncTable
    filterset_class = SyncFilters
    default_sort = "-started_at"
    commands = (
        Command(gettext_lazy("Sync"), "devices:sync_start", "arrow-path", "devices.sync"),
        "filter",
        "export",
        "refresh",
        "columns",
    )
    intro_template = "devices/syncs/_intro.html"
    empty_title = gettext_lazy("No syncs yet")
    empty_text = gettext_lazy(
        "A sync reads the tenant's registrations and brings Windows Autopilot devices in line with them."
    )

    def get_queryset(self) -> QuerySet[SyncRun]:
        """Every sync."""
        rows: QuerySet[SyncRun] = SyncRun.objects.of(self.request.tenant)  # type: ignore[attr-defined]
        return rows

    def get_context(self) -> dict[str, Any]:
        """The clock, and what a held sync would remove."""
        return sync_context(self.request)


def sync_context(request: Any) -> dict[str, Any]:
    """`clock`, and the first devices that an unconfirmed sync would remove."""
    clock = syncing.clock(tenant=request.tenant, now=timezone.now())
    run = clock.unfinished
    held = run is not None and run.state == SyncRun.State.HELD
    items = JobItem.objects.filter(job=run.job_id).order_by("position")[:20] if run and held else []
    return {"clock": clock, "held_items": items, "may_sync": "devices.sync" in request.permissions}


@require_http_methods(["GET", "HEAD", "POST"])
@needs("devices.sync")
def sync_start(request: Any) -> HttpResponse:
    """Ask for a sync; a throttled or running one is explained before the button is pressed."""
    if is_confirmed(request):
        syncing.request_sync(tenant=request.tenant, actor=actor_of(request), now=timezone.now())
        messages.success(request, _("The sync was started."))
        return go_to(request, Syncs(request).list_url)
    context = {
        "clock": syncing.clock(tenant=request.tenant, now=timezone.now()),
        "submit": _("Sync"),
        "list_url": Syncs(request).list_url,
    }
    return render_dialog(request, "devices/syncs/_start.html", context, title=_("Sync"))


@never_cache
@require_safe
@needs("devices.read")
def sync_progress(request: Any, pk: UUID) -> HttpResponse:
    """The progress of a running sync; its end reloads the page."""
    run = fetch(SyncRun.objects.of(request.tenant).select_related("job"), pk=pk)
    return render_progress(request, run.job, is_over=run.state != SyncRun.State.IN_PROGRESS)


@require_POST
@needs("devices.sync")
def sync_confirm(request: Any, pk: UUID) -> HttpResponse:
    """Let a held sync remove what the service does not have."""
    run = fetch(SyncRun.objects.of(request.tenant), pk=pk)
    now = timezone.now()
    syncing.confirm_removals(tenant=request.tenant, actor=actor_of(request), run=run, now=now)
    messages.success(request, _("The removals were confirmed."))
    return go_to(request, Syncs(request).list_url)


@require_POST
@needs("devices.sync")
def sync_cancel(request: Any, pk: UUID) -> HttpResponse:
    """End a held sync without removing anything."""
    run = fetch(SyncRun.objects.of(request.tenant), pk=pk)
    syncing.cancel(tenant=request.tenant, actor=actor_of(request), run=run, now=timezone.now())
    messages.success(request, _("The sync was cancelled; nothing was removed."))
    return go_to(request, Syncs(request).list_url)
