"""A device's flyout: its sections, and the saving of its editable values."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from devices.forms.autopilot_devices import AutopilotDeviceForm
from devices.models import AutopilotDevice
from devices.services.autopilot import editing
from devices.tables.autopilot_devices import ENROLLMENT_TONES, STATUS_TONES, leaving
from devices.views.autopilot_devices import AutopilotDevices
from devices.views.autopilot_tabs import TABS, tab_context
from portal.errors import Refused
from portal.ui.list_blade import ListBlade
from portal.ui.panels import go_to, render_flyout
from tenants.access import actor_of, fetch, needs
from tenants.permissions import missing

MANAGED = "managed_devices.read"
LINKED = (
    *("assigned_profile", "entra_device", "user", "profile_reason_group", "tenant", "partner"),
    "deletion_job__approval",
)


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
        return go_to(request, request.get_full_path())
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
    tab = _tab(request, device)
    place, tells_managed = blade.behind(request).place, MANAGED in may
    after = f"&{place}" if place else ""
    context = {
        "device": device,
        "tab": tab,
        "tabs": [(label, f"?tab={name}{after}", name == tab) for name, label in TABS.items()],
        "form": form if "devices.update" in may else None,
        "status_tone": STATUS_TONES[device.profile_status],
        "enrollment_tone": ENROLLMENT_TONES[device.enrollment_state],
        "leaving": leaving(device),
        "may": {word.replace(".", "_"): True for word in may},
        "managed_refusal": "" if tells_managed else request.refusal_of(MANAGED),  # type: ignore[attr-defined]
        **tab_context(tenant, device, tab, tells_managed=tells_managed),
    }
    status = 422 if form.is_bound and form.errors else 200
    template = "devices/autopilot_devices/_device.html"
    title = device.serial_number or str(device.pk)
    return render_flyout(request, blade, template, context, title=title, status=status)


def _tab(request: HttpRequest, device: AutopilotDevice) -> str:
    """The tab asked for; of a removed device only the history is left beside what removed it."""
    wanted = request.GET.get("tab", "")
    if device.removed_at and wanted != "history":
        return "removed"
    return wanted if wanted in TABS else "properties"
