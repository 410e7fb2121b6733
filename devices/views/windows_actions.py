"""Remote actions on *Windows devices*: wipe many, rename one."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from devices.forms.windows_devices import RenameForm
from devices.models import ManagedDevice
from devices.services.autopilot.editing import BadValue
from devices.services.managed import actions
from devices.views.windows_devices import TYPED_ABOVE, WindowsDevices
from portal.ui.panels import go_to, is_confirmed, render_dialog
from tenants.access import actor_of, fetch, needs


@require_POST
@needs("managed_devices.wipe")
def windows_devices_wipe(request: Any) -> HttpResponse:
    """Wipe the selected devices; above 20 the number is typed."""
    rows = WindowsDevices.selected(request)
    count, problem = rows.count(), ""
    if is_confirmed(request):
        if count <= TYPED_ABOVE or request.POST.get("typed", "").strip() == str(count):
            return _wipe(request, list(rows.values_list("pk", flat=True)))
        problem = _("Type the number of devices exactly.")
    context = {
        "count": count,
        "devices": rows.order_by("device_name", "pk")[:10],
        "typed_above": TYPED_ABOVE,
        "problem": problem,
        "tone": "danger",
        "submit": _("Wipe"),
    }
    return render_dialog(
        request,
        "devices/windows_devices/_wipe.html",
        context,
        title=_("Wipe (simulated)") if request.tenant.is_local else _("Wipe"),
        blade=WindowsDevices,
        count=count,
        status=422 if problem else 200,
    )


def _wipe(request: Any, ids: list[UUID]) -> HttpResponse:
    waiting, done = actions.wipe(
        tenant=request.tenant, actor=actor_of(request), device_ids=ids, now=timezone.now()
    )
    if waiting:
        sentence = ngettext(
            "%(count)d device will be wiped at its next check-in.",
            "%(count)d devices will be wiped at their next check-in.",
            waiting,
        )
        messages.success(request, sentence % {"count": waiting})
    if done:
        sentence = ngettext(
            "%(count)d simulated device was wiped.", "%(count)d simulated devices were wiped.", done
        )
        messages.success(request, sentence % {"count": done})
    if not waiting and not done:
        messages.info(request, _("Nothing was done: these devices are being wiped or were reset already."))
    return go_to(request, WindowsDevices.left(request).current_url)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("managed_devices.rename")
def windows_device_rename(request: Any, pk: UUID) -> HttpResponse:
    """Ask a device to take another name."""
    device = fetch(ManagedDevice.objects.of(request.tenant).live(), pk=pk)
    back = reverse("devices:windows_device", kwargs={"tenant_slug": request.tenant.slug, "pk": pk})
    form = RenameForm(request.POST if is_confirmed(request) else None, initial={"name": device.device_name})
    if form.is_bound and form.is_valid():
        try:
            _rename(request, device, form.cleaned_data["name"])
            return go_to(request, back)
        except (BadValue, actions.NotRenamed) as refusal:
            form.add_error("name", str(refusal))
    context = {"form": form, "list_url": back, "submit": _("Rename")}
    return render_dialog(request, "ui/dialog.html", context, title=_("Rename device"))


def _rename(request: Any, device: ManagedDevice, name: str) -> None:
    is_waiting = actions.rename(
        tenant=request.tenant, actor=actor_of(request), device=device, name=name, now=timezone.now()
    )
    sentence = _("“%(name)s” is the device's name now.")
    if is_waiting:
        sentence = _("The device will be called “%(name)s” after its next check-in.")
    messages.success(request, sentence % {"name": name})
