"""*Windows Autopilot devices*: the list, its export and a device's flyout."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from devices.filters.autopilot_devices import AutopilotDeviceFilters
from devices.forms.autopilot_devices import AutopilotDeviceForm
from devices.models import AutopilotDevice
from devices.services.autopilot import editing, exporting
from devices.services.syncs import syncing
from devices.tables.autopilot_devices import (
    ENROLLMENT_TONES,
    STATUS_TONES,
    AutopilotDeviceTable,
    leaving,
)
from devices.views.autopilot_tabs import TABS, tab_context
from portal.errors import Refused
from portal.ui.commands import Command
from portal.ui.list_blade import ListBlade
from portal.ui.panels import go_to, render_flyout
from portal.ui.selection import BadSelection
from tenants.access import actor_of, fetch, needs
from tenants.permissions import missing

LINKED = (
    *("assigned_profile", "entra_device", "user", "profile_reason_group", "tenant", "partner"),
    "deletion_job__approval",
)


class AutopilotDevices(ListBlade):
    """Every registered device of the tenant."""

    permission = "devices.read"
    title = gettext_lazy("Windows Autopilot devices")
    breadcrumb = (
        gettext_lazy("Devices"),
        gettext_lazy("Enrollment"),
        gettext_lazy("Windows"),
        gettext_lazy("Windows Autopilot"),
        (gettext_lazy("Devices"), "devices:autopilot_devices"),
    )
    noun = (gettext_lazy("device"), gettext_lazy("devices"))
    url_name = "devices:autopilot_devices"
    object_url_name = "devices:autopilot_device"
    table_class = AutopilotDeviceTable
    filterset_class = AutopilotDeviceFilters
    search_column, search_prefix = "search", "serial_number"
    search_placeholder = gettext_lazy("Search by serial number, model, tag, user …")
    default_sort = "serial_number"
    commands = (
        Command(
            gettext_lazy("Sync"),
            "devices:sync_start",
            icon="arrow-path-rounded-square",
            permission="devices.sync",
            stays=True,
        ),
        "filter",
        Command(
            gettext_lazy("Import"),
            "devices:import_new",
            icon="arrow-up-tray",
            permission="devices.import",
            stays=True,
        ),
        "export",
        Command(
            gettext_lazy("Assign user"),
            "devices:autopilot_assign_user",
            icon="user-plus",
            permission="devices.update",
            selection="many",
            stays=True,
        ),
        "refresh",
        Command(
            gettext_lazy("Delete"),
            "devices:autopilot_delete",
            icon="trash",
            permission="devices.delete",
            selection="many",
            stays=True,
        ),
        Command(
            gettext_lazy("Unblock device"),
            "devices:autopilot_unblock",
            icon="lock-open",
            permission="devices.update",
            selection="many",
            stays=True,
        ),
        Command(
            gettext_lazy("Edit group tag"),
            "devices:autopilot_edit_group_tag",
            icon="tag",
            permission="devices.update",
            selection="many",
            stays=True,
        ),
        Command(
            gettext_lazy("Assign profile"),
            "devices:autopilot_assign_profile",
            icon="clipboard-document-list",
            permission="profiles.assign",
            selection="many",
            stays=True,
        ),
        Command(
            gettext_lazy("Add to group"),
            "devices:add_to_group",
            icon="user-group",
            permission="groups.manage",
            selection="many",
            stays=True,
        ),
        "columns",
    )
    row_commands = (
        Command(
            gettext_lazy("Assign user"),
            "devices:autopilot_assign_user",
            permission="devices.update",
            selection="one",
        ),
        Command(
            gettext_lazy("Unassign user"),
            "devices:autopilot_unassign_user",
            permission="devices.update",
            selection="one",
        ),
        Command(
            gettext_lazy("Edit group tag"),
            "devices:autopilot_edit_group_tag",
            permission="devices.update",
            selection="one",
        ),
        Command(
            gettext_lazy("Assign profile"),
            "devices:autopilot_assign_profile",
            permission="profiles.assign",
            selection="one",
        ),
        Command(
            gettext_lazy("Unassign profile"),
            "devices:autopilot_unassign_profile",
            permission="profiles.assign",
            selection="one",
        ),
        Command(
            gettext_lazy("Delete"),
            "devices:autopilot_delete",
            permission="devices.delete",
            selection="one",
        ),
    )
    intro_template = "devices/autopilot_devices/_intro.html"
    empty_template = "devices/autopilot_devices/_empty.html"

    def get_queryset(self) -> Any:
        """The live devices; linked records only where their column is shown."""
        rows = AutopilotDevice.objects.of(self.request.tenant).live()  # type: ignore[attr-defined]
        rows = rows.select_related("assigned_profile", "deletion_job__approval")
        if "entra_device" in self.names:
            rows = rows.select_related("entra_device")
        return rows.with_managed() if "managed_device" in self.names else rows

    def get_context(self) -> dict[str, Any]:
        """The numbers of the Essentials strip."""
        tenant = self.request.tenant  # type: ignore[attr-defined]
        return {"clock": syncing.clock(tenant=tenant, now=timezone.now())}


@needs("devices.read")
@never_cache
@require_safe
def export(request: HttpRequest) -> HttpResponseBase:
    """The list as CSV; with_hash=1 gives the five import columns instead of the visible ones."""
    sent = request.GET.copy()
    wanted = sent.pop("with_hash", [""])[-1]
    if wanted not in ("", "0", "1"):
        raise BadSelection(_("with_hash is 1 or left out."))
    blade = AutopilotDevices(request, sent)
    if wanted != "1":
        return blade.export()
    if blade.problems:
        raise BadSelection(" ".join(blade.problems))
    lines = exporting.with_hash(
        tenant=request.tenant,  # type: ignore[attr-defined]
        actor=actor_of(request),
        rows=blade.matching,
    )
    name = f"autopilot-devices-with-hash-{timezone.now():%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)


@needs("devices.read")
@require_http_methods(["GET", "HEAD", "POST"])
def autopilot_device(request: HttpRequest, pk: Any) -> HttpResponse:
    """A device's flyout; POST saves its editable values."""
    rows = AutopilotDevice.objects.of(request.tenant)  # type: ignore[attr-defined]
    device = fetch(rows.select_related(*LINKED), pk=pk)
    form = AutopilotDeviceForm.of(device, request.POST if request.method == "POST" else None)
    if request.method == "POST":
        if "devices.update" not in request.permissions:  # type: ignore[attr-defined]
            raise missing("devices.update")
        if form.is_valid() and _save(request, device, form):
            return _saved(request, rows.select_related(*LINKED).get(pk=pk))
    return flyout(request, device, form)


def _save(request: HttpRequest, device: AutopilotDevice, form: AutopilotDeviceForm) -> bool:
    try:
        written = editing.edit(
            tenant=request.tenant,  # type: ignore[attr-defined]
            actor=actor_of(request),
            device=device,
            fields=form.values(),
            revision=form.cleaned_data["revision"],
            now=timezone.now(),
        )
    except Refused as refusal:
        form.refuse(refusal)
        return False
    messages.success(request, _("Saved.") if written else _("Nothing was changed."))
    return True


def _saved(request: HttpRequest, device: AutopilotDevice) -> HttpResponse:
    """The flyout with the saved values; under htmx the list behind it is told to refresh."""
    if not getattr(request, "htmx", False):
        return go_to(request, request.path)
    response = flyout(request, device, AutopilotDeviceForm.of(device))
    response["HX-Trigger"] = "hangar:saved"
    return response


def flyout(
    request: HttpRequest,
    device: AutopilotDevice,
    form: AutopilotDeviceForm,
    blade: type[ListBlade] = AutopilotDevices,
) -> HttpResponse:
    """A device's flyout over one of the lists that show it."""
    tenant = request.tenant  # type: ignore[attr-defined]
    may = request.permissions  # type: ignore[attr-defined]
    wanted = request.GET.get("tab", "")
    tab = wanted if wanted in TABS else "properties"
    if device.removed_at and tab not in ("history",):
        tab = "removed"
    context = {
        "device": device,
        "tab": tab,
        "tabs": [(label, f"?tab={name}", name == tab) for name, label in TABS.items()],
        "form": form if "devices.update" in may else None,
        "status_tone": STATUS_TONES[device.profile_status],
        "enrollment_tone": ENROLLMENT_TONES[device.enrollment_state],
        "leaving": leaving(device),
        "may": {word.replace(".", "_"): True for word in may},
        **tab_context(tenant, device, tab),
    }
    status = 200
    if form.is_bound and form.errors:
        status = 422
    template = "devices/autopilot_devices/_device.html"
    title = device.serial_number or str(device.pk)
    return render_flyout(request, blade, template, context, title=title, status=status)
