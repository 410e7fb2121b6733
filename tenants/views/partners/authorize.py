"""The page behind an authorization request's link: a customer's Global Administrator answers it.

The token leaves the address at once (the session keeps its digest), so no later log line holds it. The
form names the request that was read: another tab, or another partner's page, may have opened one since.
"""

from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from portal.errors import Refused
from tenants.access import actor_of, tenants_of
from tenants.forms.partners import AnswerForm
from tenants.models import AuthorizationRequest, Tenant
from tenants.permissions import GLOBAL_ADMINISTRATOR, ROLES
from tenants.services import links
from tenants.services.partners import requests as service
from tenants.services.partners.authority import authority_of
from tenants.views.links import closed

DIGEST = "authorization_digest"


@never_cache
@require_safe
def open_link(request: HttpRequest, token: str) -> HttpResponse:
    """Check the token, keep its digest in the session, and go on without it."""
    digest = links.digest_of(token)
    try:
        service.open_request(digest=digest)
    except service.RequestClosed as refusal:
        return closed(request, refusal)
    request.session[DIGEST] = digest
    return redirect("tenants:authorization")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def authorization(request: HttpRequest) -> HttpResponse:
    """What the partner asks for, for whoever may answer; the missing role for everybody else."""
    digest = request.session.get(DIGEST, "")
    try:
        asked = service.open_request(digest=digest)
    except service.RequestClosed as refusal:
        return closed(request, refusal)
    if not request.user.is_authenticated:
        return redirect_to_login(request.path)
    tenants = tenants_of(request, permission=service.ANSWER)
    if not tenants:
        return _page(request, asked, status=403, missing_role=ROLES[GLOBAL_ADMINISTRATOR])
    if request.method == "POST" and request.POST.get("asked") != str(asked.pk):
        return _page(request, asked, form=_form(asked, tenants, None), status=409, is_another=True)
    form = _form(asked, tenants, request.POST or None)
    if form.is_bound and form.is_valid():
        answered = _answer(request, digest, form)
        if answered is not None:
            return answered
    return _page(request, asked, form=form, status=422 if form.errors else 200)


def _form(asked: AuthorizationRequest, tenants: list[Tenant], sent: Any) -> AnswerForm:
    asks_region = authority_of(asked.partner).is_regional and any(not each.region for each in tenants)
    initial = {"tenant": tenants[0].pk}
    return AnswerForm(sent, tenants=tenants, asks_region=asks_region, initial=initial)


def _answer(request: HttpRequest, digest: str, form: AnswerForm) -> HttpResponse | None:
    """Accept or decline and go to the tenant's ledger; None with the form's error set."""
    tenant, actor, answer = form.cleaned_data["tenant"], actor_of(request), request.POST.get("answer")
    if answer not in ("accept", "decline"):
        form.add_error(None, _("Accept the request or decline it."))
        return None
    try:
        if answer == "accept":
            region = form.cleaned_data.get("region", "")
            consent = service.accept(digest=digest, actor=actor, tenant=tenant, region=region)
            words = {"partner": consent.partner.name, "tenant": tenant.name}
            messages.success(request, _("%(partner)s may now register devices for %(tenant)s.") % words)
        else:
            service.decline(digest=digest, actor=actor, tenant=tenant)
            messages.success(request, _("The request was declined. The partner may do nothing."))
    except service.RegionNeeded as error:
        form.add_error("region" if "region" in form.fields else None, str(error))
        return None
    except Refused as error:
        form.add_error(None, str(error))
        return None
    request.session.pop(DIGEST, None)
    return redirect("tenants:partners", tenant_slug=tenant.slug)


def _page(request: HttpRequest, asked: AuthorizationRequest, *, status: int, **context: Any) -> HttpResponse:
    full = {
        "title": _("Authorize %(partner)s") % {"partner": asked.partner.name},
        "asked": asked,
        "authority": authority_of(asked.partner),
        **context,
    }
    return render(request, "tenants/partners/authorize.html", full, status=status)
