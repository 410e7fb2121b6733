"""A partner's customers, and the authorization requests that make them customers."""

from functools import cached_property
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from portal.ui.commands import Command
from portal.ui.list_blade import ListBlade
from portal.ui.panels import go_to, is_confirmed, render_dialog, render_flyout
from tenants.access import actor_of, fetch, needs_partner
from tenants.filters.partners import CustomerFilters, RequestFilters
from tenants.forms.partners import RequestForm
from tenants.models import AuthorizationRequest
from tenants.services import mailing
from tenants.services.partners import consents
from tenants.services.partners import requests as service
from tenants.services.partners.authority import authority_of
from tenants.tables.partners import CustomerTable, RequestTable

DIALOG = require_http_methods(["GET", "HEAD", "POST"])


CREATE_REQUEST = Command(
    gettext_lazy("Create request"),
    "tenants:partner_request_new",
    icon="plus",
    permission="authorizations.manage",
)


class Customers(ListBlade):
    """Tenants that authorized the partner; nothing of any other."""

    permission = "customers.read"
    title = gettext_lazy("Customers")
    noun = (gettext_lazy("customer"), gettext_lazy("customers"))
    url_name = "tenants:partner_customers"
    table_class = CustomerTable
    filterset_class = CustomerFilters
    search_lookups = ("tenant__name__icontains",)
    search_placeholder = gettext_lazy("Search by name")
    default_sort = "-granted_at"
    commands = (CREATE_REQUEST, "filter", "export", "refresh", "columns")
    empty_title = gettext_lazy("No customers yet")
    empty_text = gettext_lazy("A tenant is listed here once its Global Administrator accepted a request.")
    export_name = "customers"

    def get_queryset(self) -> QuerySet[Any]:
        """The consents the partner acts or acted on."""
        rows: QuerySet[Any] = consents.customers(self.request.partner).select_related("tenant", "partner")  # type: ignore[attr-defined]
        return rows

    @cached_property
    def names(self) -> list[str]:
        """*Through* says something only to a provider."""
        is_provider = not authority_of(self.request.partner).asks_itself  # type: ignore[attr-defined]
        shown = self.table_class.shown_names()
        return list(self.state.columns) or [name for name in shown if is_provider or name != "partner"]


class Requests(ListBlade):
    """The partner's requests and what was answered."""

    permission = "authorizations.read"
    title = gettext_lazy("Authorization requests")
    noun = (gettext_lazy("request"), gettext_lazy("requests"))
    url_name = "tenants:partner_requests"
    object_url_name = "tenants:partner_request"
    table_class = RequestTable
    filterset_class = RequestFilters
    search_lookups = ("note__icontains", "email__icontains")
    search_placeholder = gettext_lazy("Search by customer or address")
    default_sort = "-created_at"
    commands = (
        CREATE_REQUEST,
        "filter",
        "refresh",
        "columns",
    )
    empty_title = gettext_lazy("No requests yet")
    empty_text = gettext_lazy("Create a request and send its link to a Global Administrator of the customer.")

    def get_queryset(self) -> QuerySet[Any]:
        """All requests of the partner."""
        rows: QuerySet[Any] = AuthorizationRequest.objects.of(self.request.partner)  # type: ignore[attr-defined]
        return rows.select_related("tenant")


@never_cache
@DIALOG
@needs_partner("authorizations.manage")
def request_new(request: HttpRequest) -> HttpResponse:
    """Make a request; the answer shows its link."""
    form = RequestForm(request.POST if is_confirmed(request) else None)
    if form.is_bound and form.is_valid():
        partner = request.partner  # type: ignore[attr-defined]
        try:
            made = service.create(partner=partner, actor=actor_of(request), **form.values())
            context = {"made": made, **_link(made), "list_url": _list_url(request)}
            template = "tenants/partners/_request_link.html"
            return render_dialog(request, template, context, title=_("Request ready"))
        except service.AsksThroughReseller as error:
            form.add_error(None, str(error))
    context = {"form": form, "list_url": _list_url(request), "submit": _("Create")}
    return render_dialog(request, "tenants/partners/_request_new.html", context, title=_("Create request"))


@never_cache
@require_safe
@needs_partner("authorizations.read")
def request_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One request; whoever may manage requests sees the link of an open one."""
    found = _fetch(request, pk)
    may_manage = "authorizations.manage" in request.permissions  # type: ignore[attr-defined]
    context: dict[str, Any] = {"found": found, "may_manage": may_manage and found.is_open}
    if context["may_manage"]:
        context |= _link(found)
    title = found.note or found.email or _("Authorization request")
    return render_flyout(request, Requests, "tenants/partners/_request.html", context, title=title)


@DIALOG
@needs_partner("authorizations.manage")
def request_withdraw(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Close an open request."""
    found = _fetch(request, pk)
    if is_confirmed(request):
        partner = request.partner  # type: ignore[attr-defined]
        service.withdraw(partner=partner, actor=actor_of(request), request=found)
        messages.success(request, _("The request was withdrawn."))
        return go_to(request, _list_url(request))
    context = {
        "intro": _("The link stops working. A consent that was given stays."),
        "list_url": _list_url(request),
        "tone": "danger",
    }
    return render_dialog(request, "ui/dialog.html", context, title=_("Withdraw request"))


def _fetch(request: HttpRequest, pk: UUID) -> AuthorizationRequest:
    rows = AuthorizationRequest.objects.of(request.partner).select_related("tenant", "partner")  # type: ignore[attr-defined]
    found: AuthorizationRequest = fetch(rows, pk=pk)
    return found


def _link(made: AuthorizationRequest) -> dict[str, Any]:
    return {"link": service.link_of(made), "is_mailed": bool(made.email) and mailing.is_mail_sent()}


def _list_url(request: HttpRequest) -> str:
    return reverse("tenants:partner_requests", kwargs={"partner_slug": request.partner.slug})  # type: ignore[attr-defined]
