"""Settings > Deletion: what holds a deletion of devices back."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tenants.access import actor_of, needs
from tenants.forms.tenants import DeletionRulesForm
from tenants.services import members, tenants
from tenants.views.general import tabs


@require_http_methods(["GET", "HEAD"])
@needs("settings.read")
def _show(request: HttpRequest) -> HttpResponse:
    return _page(request, _form(request))


@require_http_methods(["POST"])
@needs("settings.manage")
def _change(request: HttpRequest) -> HttpResponse:
    tenant = request.tenant  # type: ignore[attr-defined]
    form = _form(request)
    if not form.is_valid():
        return _page(request, form, status=422)
    tenants.set_deletion_rules(tenant=tenant, actor=actor_of(request), **form.cleaned_data)
    messages.success(request, _("The deletion rules were saved."))
    return redirect("tenants:deletion", tenant_slug=tenant.slug)


def deletion(request: HttpRequest, tenant_slug: str) -> HttpResponse:
    """Reading needs settings.read, changing settings.manage."""
    view = _change if request.method == "POST" else _show
    return view(request, tenant_slug=tenant_slug)  # type: ignore[return-value]


def _form(request: HttpRequest) -> DeletionRulesForm:
    tenant = request.tenant  # type: ignore[attr-defined]
    names = ("approval_above", "cooling_off_hours", "revision")
    initial = {name: getattr(tenant, name) for name in names}
    return DeletionRulesForm(request.POST if request.method == "POST" else None, initial=initial)


def _page(request: HttpRequest, form: DeletionRulesForm, *, status: int = 200) -> HttpResponse:
    tenant = request.tenant  # type: ignore[attr-defined]
    context = {
        "title": _("Settings"),
        "breadcrumb": ((_("Settings"), "tenants:settings"), _("Deletion")),
        "tabs": tabs(request, "deletion"),
        "form": form,
        "can_manage": "settings.manage" in request.permissions,  # type: ignore[attr-defined]
        "is_alone": members.administrators(tenant=tenant).count() < 2,
    }
    return render(request, "tenants/deletion.html", context, status=status)
