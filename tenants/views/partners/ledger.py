"""Settings > Partners: the consent ledger of a tenant, and revocation."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from portal.ui.panels import go_to, is_confirmed, render_dialog
from tenants.access import actor_of, fetch, needs
from tenants.services.partners import consents
from tenants.views.general import tabs


@require_safe
@needs("partners.read")
def partners(request: HttpRequest) -> HttpResponse:
    """Who was authorized, by whom, for what, and what came of it."""
    context = {
        "title": _("Settings"),
        "breadcrumb": ((_("Settings"), "tenants:settings"), _("Partners")),
        "tabs": tabs(request, "partners"),
        "consents": consents.ledger(request.tenant),  # type: ignore[attr-defined]
        "can_manage": "partners.manage" in request.permissions,  # type: ignore[attr-defined]
    }
    return render(request, "tenants/partners/ledger.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("partners.manage")
def revoke_partner(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take one consent back; effective at once."""
    tenant = request.tenant  # type: ignore[attr-defined]
    consent = fetch(consents.ledger(tenant), pk=pk)
    back = reverse("tenants:partners", kwargs={"tenant_slug": tenant.slug})
    if is_confirmed(request):
        consents.revoke(tenant=tenant, actor=actor_of(request), consent=consent)
        words = {"partner": consent.partner.name}
        messages.success(request, _("%(partner)s may no longer register devices here.") % words)
        return go_to(request, back)
    context = {
        "consent": consent,
        "keeps_provider": consents.keeps_provider(consent),
        "list_url": back,
        "tone": "danger",
    }
    title = _("Revoke authorization")
    return render_dialog(request, "tenants/partners/_revoke.html", context, title=title)
