"""*Removed devices*: the undo kits, *Register again* on some of them, and their deletion."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from devices.filters.removed_devices import RemovedDeviceFilters
from devices.forms.autopilot_devices import AutopilotDeviceForm
from devices.models import AutopilotDevice, UndoKit
from devices.services.autopilot import restoring, undo_kits
from devices.tables.removed_devices import RemovedDeviceTable
from devices.views.autopilot_commands import job_address
from devices.views.autopilot_device import LINKED, flyout
from portal.ui.commands import Command
from portal.ui.forms import TypedConfirmation, one_time_key
from portal.ui.list_blade import ListBlade
from portal.ui.panels import go_to, is_confirmed, render_dialog
from tenants.access import actor_of, fetch, needs

FOLDER = "devices/removed_devices"
TYPED_ABOVE = 20


class RemovedDevices(ListBlade):
    """Devices that left the list, while their undo kits are kept."""

    permission = "devices.read"
    title = gettext_lazy("Removed devices")
    breadcrumb = (
        gettext_lazy("Devices"),
        gettext_lazy("Enrollment"),
        gettext_lazy("Windows"),
        gettext_lazy("Windows Autopilot"),
        (gettext_lazy("Devices"), "devices:autopilot_devices"),
        (gettext_lazy("Removed devices"), "devices:removed_devices"),
    )
    noun = (gettext_lazy("device"), gettext_lazy("devices"))
    url_name = "devices:removed_devices"
    object_url_name = "devices:removed_device"
    table_class = RemovedDeviceTable
    filterset_class = RemovedDeviceFilters
    search_lookups = (
        "serial_number__icontains",
        "model__icontains",
        "group_tag__icontains",
        "user_principal_name__icontains",
    )
    search_placeholder = gettext_lazy("Search by serial number, model, tag or user")
    default_sort = "-created_at"
    commands = (
        "filter",
        "export",
        "refresh",
        Command(
            gettext_lazy("Register again"),
            "devices:removed_register_again",
            icon="arrow-uturn-left",
            permission="devices.import",
            selection="many",
            stays=True,
        ),
        Command(
            gettext_lazy("Delete undo kits"),
            "devices:undo_kits_delete",
            icon="trash",
            permission="devices.delete",
            selection="many",
            stays=True,
        ),
        "columns",
    )
    intro_template = f"{FOLDER}/_intro.html"
    empty_title = gettext_lazy("Nothing was removed")
    empty_text = gettext_lazy("Devices that leave Windows Autopilot devices are kept here for 90 days.")
    export_name = "removed-devices"

    def get_queryset(self) -> QuerySet[UndoKit]:
        """The kits of devices that left, without their hashes."""
        return undo_kits.listed(tenant=self.request.tenant)  # type: ignore[attr-defined]


@require_safe
@needs("devices.read")
def removed_device(request: Any, pk: UUID) -> HttpResponse:
    """A removed device's flyout, by its undo kit."""
    kit = fetch(undo_kits.listed(tenant=request.tenant), pk=pk)
    device = fetch(AutopilotDevice.objects.of(request.tenant).select_related(*LINKED), pk=kit.device_id)
    return flyout(request, device, AutopilotDeviceForm.of(device), RemovedDevices)


@require_POST
@needs("devices.import")
def register_again(request: Any) -> HttpResponse:
    """Restore the selected devices from their kits, as a job with a result a device."""
    kits = RemovedDevices.selected(request)
    if is_confirmed(request):
        job = restoring.start(
            tenant=request.tenant, actor=actor_of(request), kits=kits, dedupe_key=one_time_key(request)
        )
        return go_to(request, job_address(job))
    counts = kits.order_by().aggregate(
        count=Count("pk", filter=Q(restored_at=None)),
        restored=Count("pk", filter=~Q(restored_at=None)),
        without_hash=Count("pk", filter=Q(restored_at=None, blob=None)),
    )
    title, template = _("Register again"), "devices/autopilot_devices/_register_again.html"
    count = counts["count"] + counts["restored"]
    return render_dialog(request, template, counts, title=title, blade=RemovedDevices, count=count)


@require_POST
@needs("devices.delete")
def delete_kits(request: Any) -> HttpResponse:
    """Erase the selected kits and their hashes at once; above 20 the number is typed."""
    kits = RemovedDevices.selected(request)
    count = kits.order_by().count()
    phrase = str(count) if count > TYPED_ABOVE else ""
    form = TypedConfirmation(request.POST if is_confirmed(request) and phrase else None, phrase=phrase)
    if is_confirmed(request) and (not phrase or form.is_valid()):
        erased = undo_kits.erase(tenant=request.tenant, actor=actor_of(request), kits=kits)
        sentence = ngettext("%(n)d undo kit was deleted.", "%(n)d undo kits were deleted.", erased)
        messages.success(request, sentence % {"n": erased})
        return go_to(request, RemovedDevices.left(request).current_url)
    context = {"count": count, "phrase": phrase, "form": form, "tone": "danger", "submit": _("Delete")}
    return render_dialog(
        request,
        f"{FOLDER}/_delete.html",
        context,
        title=_("Delete undo kits"),
        blade=RemovedDevices,
        count=count,
    )
