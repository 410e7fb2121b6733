"""Settings > General: the tenant's name and region, what local means, and its deletion."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from portal.ui.forms import TypedConfirmation
from portal.ui.panels import go_to, is_confirmed, render_dialog
from tenants.access import actor_of, needs
from tenants.forms.tenants import GeneralForm
from tenants.services import tenants


def tabs(request: HttpRequest, current: str) -> list[tuple[str, str, bool]]:
    """The tabs of the settings: label, address, whether current."""
    slug = request.tenant.slug  # type: ignore[attr-defined]
    words = [
        ("members", _("Members")),
        ("domains", _("Domains")),
        ("deletion", _("Deletion")),
        ("partners", _("Partners")),
        ("device_side", _("Device side")),
        ("general", _("General")),
    ]
    return [
        (label, reverse(f"tenants:{name}", kwargs={"tenant_slug": slug}), name == current)
        for name, label in words
    ]


@require_safe
@needs("settings.read")
def settings(request: HttpRequest) -> HttpResponse:
    """The first tab."""
    return redirect("tenants:members", tenant_slug=request.tenant.slug)  # type: ignore[attr-defined]


@require_http_methods(["GET", "HEAD"])
@needs("settings.read")
def _show_general(request: HttpRequest) -> HttpResponse:
    return _general(request)


@require_http_methods(["POST"])
@needs("settings.manage")
def _change_general(request: HttpRequest) -> HttpResponse:
    return _general(request)


def general(request: HttpRequest, tenant_slug: str) -> HttpResponse:
    """Reading needs settings.read, changing settings.manage."""
    view = _change_general if request.method == "POST" else _show_general
    return view(request, tenant_slug=tenant_slug)  # type: ignore[return-value]


def _general(request: HttpRequest) -> HttpResponse:
    tenant = request.tenant  # type: ignore[attr-defined]
    initial = {name: getattr(tenant, name) for name in GeneralForm.base_fields}
    form = GeneralForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        tenants.change(tenant=tenant, actor=actor_of(request), **form.cleaned_data)
        messages.success(request, _("The settings were saved."))
        return redirect("tenants:general", tenant_slug=tenant.slug)
    context = {
        "title": _("Settings"),
        "breadcrumb": ((_("Settings"), "tenants:settings"), _("General")),
        "tabs": tabs(request, "general"),
        "form": form,
        "can_manage": "settings.manage" in request.permissions,  # type: ignore[attr-defined]
    }
    return render(request, "tenants/general.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("settings.manage")
def delete_tenant(request: HttpRequest) -> HttpResponse:
    """Delete an empty tenant after its name was typed."""
    tenant = request.tenant  # type: ignore[attr-defined]
    form = TypedConfirmation(request.POST if is_confirmed(request) else None, phrase=tenant.name)
    if form.is_bound and form.is_valid():
        tenants.delete(tenant=tenant, actor=actor_of(request))
        messages.success(request, _("The tenant %(name)s was deleted.") % {"name": tenant.name})
        return go_to(request, "/")
    back = reverse("tenants:general", kwargs={"tenant_slug": tenant.slug})
    held = tenants.held(tenant)
    context = {"form": form, "phrase": tenant.name, "held": held, "list_url": back, "tone": "danger"}
    return render_dialog(request, "tenants/_tenant_delete.html", context, title=_("Delete tenant"))
