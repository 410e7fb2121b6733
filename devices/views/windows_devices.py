"""*Windows devices*: enrolled devices only, apart from registration, with their own Delete."""

from dataclasses import replace
from functools import cached_property
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from devices.filters.directory import WindowsDeviceFilters
from devices.models import ManagedDevice
from devices.services.managed import removing
from devices.tables.windows_devices import WindowsDeviceTable
from portal.ui.commands import Command, Placed
from portal.ui.list_blade import ListBlade
from portal.ui.panels import go_to, is_confirmed, render_dialog, render_flyout
from tenants.access import actor_of, fetch, needs

TYPED_ABOVE = 20
WIPE_ICON = "arrow-uturn-left"
LAST_ACTIONS = 5


class WindowsDevices(ListBlade):
    """The tenant's enrolled devices."""

    permission = "managed_devices.read"
    title = gettext_lazy("Windows devices")
    breadcrumb = (
        gettext_lazy("Devices"),
        gettext_lazy("Windows"),
        (gettext_lazy("Windows devices"), "devices:windows_devices"),
    )
    noun = (gettext_lazy("device"), gettext_lazy("devices"))
    url_name = "devices:windows_devices"
    object_url_name = "devices:windows_device"
    table_class = WindowsDeviceTable
    filterset_class = WindowsDeviceFilters
    search_column = "search"
    search_prefix = "serial_number"
    search_placeholder = gettext_lazy("Search by device name, serial number or user")
    default_sort = "device_name"
    commands = (
        "filter",
        "export",
        "refresh",
        Command(
            gettext_lazy("Wipe"),
            "devices:windows_devices_wipe",
            WIPE_ICON,
            "managed_devices.wipe",
            selection="many",
        ),
        Command(
            gettext_lazy("Delete"),
            "devices:windows_devices_delete",
            "trash",
            "managed_devices.delete",
            selection="many",
        ),
        "columns",
    )
    intro_template = "devices/windows_devices/_intro.html"
    empty_template = "devices/windows_devices/_empty.html"

    @cached_property
    def bar(self) -> list[Placed]:
        """In a local tenant the wipe is called what it is."""
        found = super().bar
        if not self.request.tenant.is_local:  # type: ignore[attr-defined]
            return found
        label = _("Wipe (simulated)")
        return [replace(each, label=label) if each.icon == WIPE_ICON else each for each in found]

    def get_queryset(self) -> QuerySet[ManagedDevice]:
        """Devices that are still enrolled."""
        rows: QuerySet[ManagedDevice] = ManagedDevice.objects.of(self.request.tenant).live()  # type: ignore[attr-defined]
        return rows


@require_safe
@needs("managed_devices.read")
def windows_device(request: Any, pk: UUID) -> HttpResponse:
    """An enrolled device's flyout."""
    rows = ManagedDevice.objects.of(request.tenant).live()
    device = fetch(rows.select_related("autopilot_device", "entra_device", "user", "tenant"), pk=pk)
    autopilot = device.autopilot_device
    context = {
        "device": device,
        "autopilot": autopilot if autopilot and autopilot.removed_at is None else None,
        "actions": device.actions.order_by("-requested_at", "-pk")[:LAST_ACTIONS],
    }
    return render_flyout(
        request, WindowsDevices, "devices/windows_devices/_flyout.html", context, title=device.device_name
    )


@require_POST
@needs("managed_devices.delete")
def windows_devices_delete(request: Any) -> HttpResponse:
    """Delete the selected devices from Intune; above 20 the number is typed."""
    rows = WindowsDevices.selected(request)
    count, problem = rows.count(), ""
    if is_confirmed(request):
        if count <= TYPED_ABOVE or request.POST.get("typed", "").strip() == str(count):
            return _delete(request, rows)
        problem = _("Type the number of devices exactly.")
    context = {
        "count": count,
        "devices": rows.order_by("device_name", "pk")[:10],
        "typed_above": TYPED_ABOVE,
        "problem": problem,
        "tone": "danger",
        "submit": _("Delete"),
    }
    return render_dialog(
        request,
        "devices/windows_devices/_delete.html",
        context,
        title=_("Delete Windows devices"),
        blade=WindowsDevices,
        count=count,
        status=422 if problem else 200,
    )


def _delete(request: Any, rows: QuerySet[ManagedDevice]) -> HttpResponse:
    ids = list(rows.values_list("pk", flat=True))
    deleted = removing.delete(
        tenant=request.tenant, actor=actor_of(request), device_ids=ids, now=timezone.now()
    )
    sentence = ngettext("%(count)d device was deleted.", "%(count)d devices were deleted.", deleted)
    messages.success(request, sentence % {"count": deleted})
    return go_to(request, WindowsDevices.left(request).current_url)
