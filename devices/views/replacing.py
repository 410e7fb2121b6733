"""*Replace device*: from the old device's flyout, and from a plan's row about its new board."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from devices.forms.replacing import KeepsForm, ReplaceForm
from devices.models import AutopilotDevice
from devices.services.autopilot import replacing
from devices.services.imports import replacing as rows_replacing
from devices.views.imports import fetch_import
from portal.errors import Refused
from portal.ui.panels import go_to, is_confirmed, render_dialog
from tenants.access import actor_of, fetch, needs
from tenants.permissions import missing

TEMPLATE = "devices/autopilot_devices/_replace.html"


@require_http_methods(["GET", "HEAD", "POST"])
@needs("devices.import")
def replace_device(request: Any, pk: UUID) -> HttpResponse:
    """Choose the machine of today, look at what moves, confirm. ?new= chooses a registered device."""
    tenant = request.tenant
    live = AutopilotDevice.objects.of(tenant).live().select_related("tenant", "entra_device")
    old = fetch(live, pk=pk)
    sent = request.POST if is_confirmed(request) else request.GET if "new" in request.GET else None
    form = ReplaceForm(sent, devices=_candidates(request, live, old))
    context: dict[str, Any] = {"form": form, "old": old, "list_url": _address(request, pk)}
    if form.is_bound and form.is_valid():
        words = {"tenant": tenant, "old": old, "new": form.successor(), "keeps": form.cleaned_data["keeps"]}
        try:
            if is_confirmed(request) and form.is_reviewed:
                device_id = replacing.replace(actor=actor_of(request), now=timezone.now(), **words)
                return _replaced(request, old, device_id)
            context |= _reviewing(form, replacing.preview(**words))
        except Refused as refusal:
            form.refuse(refusal)
    return _dialog(request, context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("devices.import")
def replace_by_row(request: Any, pk: UUID, number: int) -> HttpResponse:
    """Look at what moves to the machine of a plan's row, and confirm."""
    import_ = fetch_import(request, pk)
    row, old = rows_replacing.waiting(import_=import_, number=number)
    new = rows_replacing.successor(import_=import_, row=row)
    form = KeepsForm(request.POST if is_confirmed(request) else request.GET)
    list_url = reverse("devices:import_detail", kwargs={"tenant_slug": request.tenant.slug, "pk": pk})
    context: dict[str, Any] = {"form": form, "old": old, "list_url": list_url}
    if form.is_valid():
        keeps = form.cleaned_data["keeps"]
        try:
            if is_confirmed(request) and form.is_reviewed:
                words = {"import_": import_, "number": number, "keeps": keeps}
                rows_replacing.replace(actor=actor_of(request), now=timezone.now(), **words)
                return _replaced(request, old, None, to=list_url)
            found = replacing.preview(tenant=request.tenant, old=old, new=new, keeps=keeps)
            context |= _reviewing(form, found)
        except Refused as refusal:
            form.refuse(refusal)
    return _dialog(request, context)


def _candidates(request: Any, live: Any, old: AutopilotDevice) -> list[AutopilotDevice]:
    """The likely devices, and the one that was named."""
    found = replacing.likely(tenant=request.tenant, old=old)
    named = request.POST.get("new") or request.GET.get("new") or ""
    try:
        wanted = UUID(named)
    except ValueError:
        return found
    if all(device.pk != wanted for device in found):
        found += live.filter(pk=wanted)
    return found


def _reviewing(form: KeepsForm, found: replacing.Preview) -> dict[str, Any]:
    return {"preview": found, "reviewed": form.stamp}


def _replaced(
    request: HttpRequest, old: AutopilotDevice, device_id: UUID | None, *, to: str = ""
) -> HttpResponse:
    sentence = _("%(serial)s was replaced: its values moved, and the old registration ended.")
    messages.success(request, sentence % {"serial": old.serial_number})
    return go_to(request, to or _address(request, device_id))


def _dialog(request: Any, context: dict[str, Any]) -> HttpResponse:
    if "devices.delete" not in request.permissions:
        raise missing("devices.delete")
    context["submit"] = _("Replace device") if "preview" in context else _("Preview")
    return render_dialog(request, TEMPLATE, context, title=_("Replace device"))


def _address(request: Any, pk: UUID | None) -> str:
    return reverse("devices:autopilot_device", kwargs={"tenant_slug": request.tenant.slug, "pk": pk})
