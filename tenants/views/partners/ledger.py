"""Settings > Partners: the consent ledger of a tenant, and revocation."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from portal.ui.list_blade import ListBlade
from portal.ui.panels import go_to, is_confirmed, render_dialog
from tenants.access import actor_of, fetch, needs
from tenants.filters.partners import LedgerFilters
from tenants.services.partners import consents
from tenants.tables.partners import LedgerTable
from tenants.views.general import tabs


class Ledger(ListBlade):
    """Who was authorized, by whom, for what, and what came of it."""

    permission = "partners.read"
    title = gettext_lazy("Settings")
    breadcrumb = ((gettext_lazy("Settings"), "tenants:settings"), gettext_lazy("Partners"))
    noun = (gettext_lazy("authorization"), gettext_lazy("authorizations"))
    url_name = "tenants:partners"
    opens = "page"
    table_class = LedgerTable
    filterset_class = LedgerFilters
    search_lookups = ("partner__name__icontains",)
    search_placeholder = gettext_lazy("Search by partner")
    default_sort = "-granted_at"
    commands = ("filter", "refresh", "columns")
    row_template = "tenants/partners/_revoke_button.html"
    row_permission = "partners.manage"
    intro_template = "tenants/partners/_ledger_intro.html"
    page_template = "tenants/settings_list.html"
    empty_title = gettext_lazy("No partner was authorized")
    empty_text = gettext_lazy("Ask your reseller or manufacturer for an authorization request.")

    def get_queryset(self) -> Any:
        """The tenant's consents."""
        return consents.ledger(self.request.tenant)  # type: ignore[attr-defined]

    def get_context(self) -> dict[str, Any]:
        """The tabs."""
        return {"tabs": tabs(self.request, "partners")}


@require_http_methods(["GET", "HEAD", "POST"])
@needs("partners.manage")
def revoke_partner(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take one consent back; effective at once."""
    tenant = request.tenant  # type: ignore[attr-defined]
    consent = fetch(consents.ledger(tenant), pk=pk)
    back = Ledger.left(request).current_url
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
