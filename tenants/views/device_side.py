"""Settings > Device side: whether machines may reach the tenant, with which key, and the limits."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from portal.ui.panels import is_confirmed, render_dialog
from tenants.access import actor_of, needs
from tenants.forms.device_side import DeviceSideForm
from tenants.services import device_side as service
from tenants.services.links import absolute
from tenants.views.general import tabs

ADDRESS = "/device/v1/"


@never_cache
@require_http_methods(["GET", "HEAD"])
@needs("settings.read")
def _show(request: HttpRequest) -> HttpResponse:
    return _page(request, DeviceSideForm.of(service.of(request.tenant)))  # type: ignore[attr-defined]


@require_http_methods(["POST"])
@needs("settings.manage")
def _save(request: HttpRequest) -> HttpResponse:
    tenant = request.tenant  # type: ignore[attr-defined]
    form = DeviceSideForm.of(service.of(tenant), request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    service.change(
        tenant=tenant,
        actor=actor_of(request),
        values=form.values(),
        revision=form.cleaned_data["revision"],
        now=timezone.now(),
    )
    messages.success(request, _("Saved."))
    return redirect("tenants:device_side", tenant_slug=tenant.slug)


def device_side(request: HttpRequest, tenant_slug: str) -> HttpResponse:
    """Reading needs settings.read, saving settings.manage."""
    view = _save if request.method == "POST" else _show
    return view(request, tenant_slug=tenant_slug)  # type: ignore[return-value]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs("settings.manage")
def device_side_key(request: HttpRequest) -> HttpResponse:
    """Make a key, or replace the one in force; the answer shows it, once."""
    tenant = request.tenant  # type: ignore[attr-defined]
    back = reverse("tenants:device_side", kwargs={"tenant_slug": tenant.slug})
    current = service.key_of(tenant)
    if is_confirmed(request):
        secret = service.rotate(tenant=tenant, actor=actor_of(request), now=timezone.now())
        context = {"secret": secret, "list_url": back}
        return render_dialog(request, "tenants/_device_key.html", context, title=_("Enrollment key"))
    title = _("Replace the enrollment key") if current else _("Make an enrollment key")
    intro = _("The key is shown once. Machines need it for every request.")
    if current:
        intro = _("The key ending in %(hint)s stops working at once; every machine then needs the new one.")
        intro = intro % {"hint": current.hint}
    context = {"list_url": back, "intro": intro, "tone": "danger" if current else "primary"}
    return render_dialog(request, "ui/dialog.html", context, title=title)


def _page(request: HttpRequest, form: DeviceSideForm, *, status: int = 200) -> HttpResponse:
    tenant = request.tenant  # type: ignore[attr-defined]
    context = {
        "title": _("Settings"),
        "breadcrumb": ((_("Settings"), "tenants:settings"), _("Device side")),
        "tabs": tabs(request, "device_side"),
        "form": form,
        "device_side": service.of(tenant),
        "key": service.key_of(tenant),
        "address": absolute(ADDRESS),
        "can_manage": "settings.manage" in request.permissions,  # type: ignore[attr-defined]
    }
    return render(request, "tenants/device_side.html", context, status=status)
