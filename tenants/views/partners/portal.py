"""A partner's overview."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tenants.access import needs_partner


@require_safe
@needs_partner("partner.read")
def partner_overview(request: HttpRequest) -> HttpResponse:
    """Who the partner is, and counts of what it has."""
    sections: list[Any] = []
    for name in settings.HANGAR_PARTNER_TILES:
        sections += import_string(name)(request)
    context = {"title": _("Overview"), "partner": request.partner, "sections": sections}  # type: ignore[attr-defined]
    return render(request, "tenants/partners/overview.html", context)
