"""The first pages: where a person lands, the overview of a tenant, the four terms."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tenants.access import actor_of, needs, partners_of, tenants_of
from tenants.models import Job
from tenants.permissions import Actor
from tenants.services import approvals

LAST_TENANT = "last_tenant"
RECENT_JOBS = 6


@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """The only or the last tenant's overview, a partner's where there is no tenant, else a list."""
    found = tenants_of(request, permission="tenant.read")
    partners = partners_of(request)
    last = request.session.get(LAST_TENANT)
    chosen = next((each for each in found if str(each.pk) == last), None)
    if len(found) == 1:
        chosen = found[0]
    if chosen is not None and "choose" not in request.GET:
        return redirect("tenants:overview", tenant_slug=chosen.slug)
    if len(partners) == 1 and not found:
        return redirect("tenants:partner_overview", partner_slug=partners[0].slug)
    title = _("Choose a tenant") if found or partners else _("No tenant yet")
    context = {"tenants": found, "partners": partners, "title": title}
    return render(request, "tenants/choose.html", context)


@require_safe
@needs("tenant.read")
def overview(request: HttpRequest) -> HttpResponse:
    """Counts of what the tenant has and what runs."""
    tenant = request.tenant  # type: ignore[attr-defined]
    if request.session.get(LAST_TENANT) != str(tenant.pk):
        request.session[LAST_TENANT] = str(tenant.pk)
    tiles: list[Any] = []
    for name in settings.HANGAR_OVERVIEW_TILES:
        tiles += import_string(name)(request)
    rows = Job.objects.of(tenant).select_related("actor", "partner", "client", "approval")
    context = {
        "title": _("Overview"),
        "sections": tiles,
        "jobs": [(job, Actor.of_job(job).label) for job in rows.order_by("-created_at", "-pk")[:RECENT_JOBS]],
        "approvals": approvals.to_decide(tenant=tenant, actor=actor_of(request))[:RECENT_JOBS],
    }
    return render(request, "tenants/overview.html", context)


@require_safe
@login_required
def terms(request: HttpRequest) -> HttpResponse:
    """The four terms: as a side pane under htmx, else as a page."""
    is_fragment = bool(getattr(request, "htmx", False))
    template = "tenants/_terms_pane.html" if is_fragment else "tenants/terms.html"
    return render(request, template, {"title": _("Register, add, import, enroll")})
