"""A partner's API clients: created, renewed, revoked; a secret is shown once."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from portal.errors import Refused
from portal.ui.panels import go_to, is_confirmed, render_dialog
from tenants.access import actor_of, fetch, needs_partner
from tenants.forms.partners import ClientForm, LifetimeForm
from tenants.models import ApiClient
from tenants.services import api_clients as service
from tenants.services import links

DIALOG = require_http_methods(["GET", "HEAD", "POST"])


@never_cache
@require_safe
@needs_partner("partner_clients.read")
def partner_clients(request: HttpRequest) -> HttpResponse:
    """The clients, and where a script finds the API."""
    partner = request.partner  # type: ignore[attr-defined]
    context = {
        "title": _("API clients"),
        "clients": _rows(request).select_related("partner").order_by("-created"),
        "can_manage": "partner_clients.manage" in request.permissions,  # type: ignore[attr-defined]
        "token_url": links.absolute(reverse("tenants:token", args=[partner.pk])),
        "api_url": links.absolute("/partner-center/v1/"),
    }
    return render(request, "tenants/partners/clients.html", context)


@never_cache
@DIALOG
@needs_partner("partner_clients.manage")
def client_new(request: HttpRequest) -> HttpResponse:
    """A new client; the answer shows its secret."""
    form = ClientForm(request.POST if is_confirmed(request) else None)
    if form.is_bound and form.is_valid():
        values = form.cleaned_data
        try:
            client, secret = service.create(
                name=values["name"],
                lifetime=timedelta(days=values["days"]),
                key=values["one_time_key"],
                **_who(request),
            )
            return _show_secret(request, client, secret)
        except Refused as error:
            form.add_error(None, str(error))
    return _dialog(request, _("Create API client"), form=form, submit=_("Create"))


@never_cache
@DIALOG
@needs_partner("partner_clients.manage")
def client_renew(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Another secret; the old one stops at once."""
    client = _client(request, pk)
    form = LifetimeForm(request.POST if is_confirmed(request) else None)
    if form.is_bound and form.is_valid():
        lifetime = timedelta(days=form.cleaned_data["days"])
        client, secret = service.renew(client=client, lifetime=lifetime, **_who(request))
        return _show_secret(request, client, secret)
    intro = _("%(name)s gets another secret. The old one, and every token made with it, stop at once.")
    return _dialog(request, _("New secret"), form=form, intro=intro % {"name": client})


@DIALOG
@needs_partner("partner_clients.manage")
def client_revoke(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Shut a client for good."""
    client = _client(request, pk)
    if is_confirmed(request):
        service.revoke(client=client, **_who(request))
        messages.success(request, _("%(name)s was revoked.") % {"name": client})
        return go_to(request, _list_url(request))
    intro = _("%(name)s, and every token it has, stop working at once. This cannot be undone.")
    return _dialog(request, _("Revoke API client"), intro=intro % {"name": client}, tone="danger")


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"partner": request.partner, "actor": actor_of(request)}  # type: ignore[attr-defined]


def _rows(request: HttpRequest) -> Any:
    return ApiClient.objects.filter(partner=request.partner)  # type: ignore[attr-defined]


def _client(request: HttpRequest, pk: UUID) -> ApiClient:
    found: ApiClient = fetch(_rows(request).filter(revoked_at=None), pk=pk)
    return found


def _list_url(request: HttpRequest) -> str:
    return reverse("tenants:partner_clients", kwargs={"partner_slug": request.partner.slug})  # type: ignore[attr-defined]


def _show_secret(request: HttpRequest, client: ApiClient, secret: str) -> HttpResponse:
    context = {"client": client, "secret": secret, "list_url": _list_url(request)}
    return render_dialog(request, "tenants/partners/_secret.html", context, title=_("Client ready"))


def _dialog(request: HttpRequest, title: str, **context: Any) -> HttpResponse:
    full = {"list_url": _list_url(request), "submit": title, **context}
    return render_dialog(request, "ui/dialog.html", full, title=title)
