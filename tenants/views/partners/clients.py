"""A partner's API clients: created, renewed, revoked; a secret is shown once."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from portal.errors import Refused
from portal.ui.commands import Command
from portal.ui.list_blade import ListBlade
from portal.ui.panels import go_to, is_confirmed, render_dialog
from tenants.access import actor_of, fetch, needs_partner
from tenants.forms.partners import ClientForm, LifetimeForm
from tenants.models import ApiClient
from tenants.services import api_clients as service
from tenants.services import links
from tenants.tables.partners import ClientTable

DIALOG = require_http_methods(["GET", "HEAD", "POST"])


class PartnerClients(ListBlade):
    """The clients, and where a script finds the API."""

    permission = "partner_clients.read"
    title = gettext_lazy("API clients")
    noun = (gettext_lazy("API client"), gettext_lazy("API clients"))
    url_name = "tenants:partner_clients"
    opens = "page"
    table_class = ClientTable
    search_lookups = ("name__icontains", "client_id__icontains")
    search_placeholder = gettext_lazy("Search by name or client ID")
    default_sort = "-created"
    commands = (
        Command(
            gettext_lazy("Create API client"),
            "tenants:partner_client_new",
            icon="plus",
            permission="partner_clients.manage",
        ),
        "refresh",
        "columns",
    )
    row_template = "tenants/partners/_client_menu.html"
    row_permission = "partner_clients.manage"
    intro_template = "tenants/partners/_clients_intro.html"
    empty_title = gettext_lazy("No API clients yet")
    empty_text = gettext_lazy(
        "A script gets a token with a client's id and secret, and then registers devices as this portal does."
    )

    def get_queryset(self) -> Any:
        """The partner's clients, revoked ones too."""
        return _rows(self.request).select_related("partner")

    def get_context(self) -> dict[str, Any]:
        """The addresses a script needs."""
        place = self.request.partner.pk  # type: ignore[attr-defined]
        return {
            "token_url": links.absolute(reverse("tenants:token", args=[place])),
            "api_url": links.absolute("/partner-center/v1/"),
        }


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
    return PartnerClients.left(request).current_url


def _show_secret(request: HttpRequest, client: ApiClient, secret: str) -> HttpResponse:
    context = {"client": client, "secret": secret, "list_url": _list_url(request)}
    return render_dialog(request, "tenants/partners/_secret.html", context, title=_("Client ready"))


def _dialog(request: HttpRequest, title: str, **context: Any) -> HttpResponse:
    full = {"list_url": _list_url(request), "submit": title, **context}
    return render_dialog(request, "ui/dialog.html", full, title=title)
