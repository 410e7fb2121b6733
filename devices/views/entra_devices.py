"""*Microsoft Entra devices*: the list, an object's flyout, and deletion as ruled."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from devices.filters.directory import EntraDeviceFilters
from devices.models import EntraDevice
from devices.services.directory import entra_devices
from devices.tables.entra_devices import EntraDeviceTable
from portal.ui.list_blade import ListBlade
from portal.ui.panels import go_to, is_confirmed, render_dialog, render_flyout
from tenants.access import actor_of, fetch, needs


class EntraDevices(ListBlade):
    """The tenant's device objects."""

    permission = "entra_devices.read"
    title = gettext_lazy("Microsoft Entra devices")
    breadcrumb = (gettext_lazy("Devices"), gettext_lazy("Microsoft Entra devices"))
    noun = (gettext_lazy("device"), gettext_lazy("devices"))
    url_name = "devices:entra_devices"
    object_url_name = "devices:entra_device"
    table_class = EntraDeviceTable
    filterset_class = EntraDeviceFilters
    search_column = "search"
    search_prefix = "display_name"
    search_placeholder = gettext_lazy("Search by display name")
    default_sort = "display_name"
    commands = ("filter", "export", "refresh", "columns")
    empty_title = gettext_lazy("No device objects yet")
    empty_text = gettext_lazy(
        "Registration creates the object of a device, named by its serial number until the device joins."
    )

    def get_queryset(self) -> QuerySet[EntraDevice]:
        """Objects that were not deleted."""
        rows: QuerySet[EntraDevice] = EntraDevice.objects.of(self.request.tenant).live()  # type: ignore[attr-defined]
        return rows


@require_safe
@needs("entra_devices.read")
def entra_device(request: Any, pk: UUID) -> HttpResponse:
    """An object's flyout."""
    device = fetch(EntraDevice.objects.of(request.tenant).live(), pk=pk)
    context = {
        "device": device,
        "links": device.group_links.select_related("group").order_by("group__name"),
        "autopilot": device.autopilot_devices.filter(removed_at=None).first(),
        "managed": device.managed_devices.filter(removed_at=None).first(),
    }
    return render_flyout(
        request, EntraDevices, "devices/entra_devices/_flyout.html", context, title=device.display_name
    )


@require_http_methods(["GET", "HEAD", "POST"])
@needs("entra_devices.delete")
def entra_device_delete(request: Any, pk: UUID) -> HttpResponse:
    """Delete an object; a linked one only with the override and its serial typed."""
    device = fetch(EntraDevice.objects.of(request.tenant).live(), pk=pk)
    may_override = "entra_devices.override" in request.permissions
    problem = ""
    if is_confirmed(request):
        try:
            return _delete(request, device)
        except entra_devices.SerialNotTyped as refusal:
            problem = str(refusal)
    context = {
        "device": device,
        "breaks": entra_devices.breaks(device),
        "may_override": may_override,
        "phrase": device.serial_number or device.display_name,
        "problem": problem,
        "tone": "danger",
        "submit": _("Delete"),
        "list_url": EntraDevices(request).list_url,
    }
    status = 422 if problem else 200
    title = _("Delete Microsoft Entra device")
    return render_dialog(request, "devices/entra_devices/_delete.html", context, title=title, status=status)


def _delete(request: Any, device: EntraDevice) -> HttpResponse:
    entra_devices.delete(
        tenant=request.tenant,
        actor=actor_of(request),
        device=device,
        is_override=device.ztdid is not None,
        typed_serial=request.POST.get("typed", ""),
        now=timezone.now(),
    )
    messages.success(request, _("“%(name)s” was deleted.") % {"name": device.display_name})
    return go_to(request, EntraDevices.left(request).current_url)
