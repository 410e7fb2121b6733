"""Settings > Domains: the domain names whose users belong to the tenant."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from portal.ui.panels import go_to, is_confirmed, render_dialog
from tenants.access import actor_of, fetch, needs
from tenants.forms.tenants import DomainForm
from tenants.models import VerifiedDomain
from tenants.services import tenants
from tenants.views.general import tabs


@require_http_methods(["GET", "HEAD"])
@needs("settings.read")
def _show(request: HttpRequest) -> HttpResponse:
    return _page(request, DomainForm())


@require_http_methods(["POST"])
@needs("settings.manage")
def _add(request: HttpRequest) -> HttpResponse:
    tenant = request.tenant  # type: ignore[attr-defined]
    form = DomainForm(request.POST)
    if form.is_valid():
        try:
            domain = tenants.add_domain(
                tenant=tenant, actor=actor_of(request), name=form.cleaned_data["name"]
            )
            messages.success(request, _("%(name)s was added.") % {"name": domain.name})
            return redirect("tenants:domains", tenant_slug=tenant.slug)
        except (tenants.BadDomain, tenants.DomainTaken) as error:
            form.add_error("name", str(error))
    return _page(request, form, status=422)


def domains(request: HttpRequest, tenant_slug: str) -> HttpResponse:
    """Reading needs settings.read, adding settings.manage."""
    view = _add if request.method == "POST" else _show
    return view(request, tenant_slug=tenant_slug)  # type: ignore[return-value]


@require_http_methods(["GET", "HEAD", "POST"])
@needs("settings.manage")
def remove_domain(request: HttpRequest, pk: int) -> HttpResponse:
    """Take one domain from the tenant."""
    tenant = request.tenant  # type: ignore[attr-defined]
    domain = fetch(VerifiedDomain.objects.of(tenant), pk=pk)
    back = reverse("tenants:domains", kwargs={"tenant_slug": tenant.slug})
    if is_confirmed(request):
        tenants.remove_domain(tenant=tenant, actor=actor_of(request), domain=domain)
        messages.success(request, _("%(name)s was removed.") % {"name": domain.name})
        return go_to(request, back)
    intro = _("Imports will warn about users of %(name)s again. Nothing else changes.") % {
        "name": domain.name
    }
    context = {"list_url": back, "intro": intro, "tone": "danger"}
    return render_dialog(request, "ui/dialog.html", context, title=_("Remove domain"))


def _page(request: HttpRequest, form: DomainForm, *, status: int = 200) -> HttpResponse:
    context = {
        "title": _("Settings"),
        "breadcrumb": ((_("Settings"), "tenants:settings"), _("Domains")),
        "tabs": tabs(request, "domains"),
        "form": form,
        "domains": VerifiedDomain.objects.of(request.tenant),  # type: ignore[attr-defined]
        "can_manage": "settings.manage" in request.permissions,  # type: ignore[attr-defined]
    }
    return render(request, "tenants/domains.html", context, status=status)
