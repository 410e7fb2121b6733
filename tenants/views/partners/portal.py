"""A partner's overview."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tenants.access import needs_partner
from tenants.models import AuthorizationRequest, Partner
from tenants.services.partners import consents


@require_safe
@needs_partner("partner.read")
def partner_overview(request: HttpRequest) -> HttpResponse:
    """Who the partner is, and counts of what it has."""
    sections: list[Any] = [_customers(request.partner)]  # type: ignore[attr-defined]
    for name in settings.HANGAR_PARTNER_TILES:
        sections += import_string(name)(request)
    context = {"title": _("Overview"), "partner": request.partner, "sections": sections}  # type: ignore[attr-defined]
    return render(request, "tenants/partners/overview.html", context)


def _customers(partner: Partner) -> dict[str, Any]:
    scope = {"partner_slug": partner.slug}
    url, requests = (reverse(f"tenants:partner_{name}", kwargs=scope) for name in ("customers", "requests"))
    waiting = AuthorizationRequest.objects.of(partner).open().count()
    found = [
        {"label": _("Customers"), "value": consents.served(partner).count(), "url": url},
        {"label": _("Open requests"), "value": waiting, "url": f"{requests}?state=open"},
    ]
    return {"title": _("Customers"), "url": url, "tiles": found}
