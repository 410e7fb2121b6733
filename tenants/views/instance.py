"""The installation's page: its operator creates tenants, and joins one where needed."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.ui.commands import Command
from portal.ui.list_blade import ListBlade
from portal.ui.panels import go_to, is_confirmed, render_dialog
from tenants.access import actor_of
from tenants.forms.tenants import TenantForm
from tenants.models import Membership, Tenant
from tenants.services import tenants
from tenants.tables.instance import InstanceTenantTable


def operators_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Guard a view of the installation; for everybody else it is not there."""

    @wraps(view)
    def guarded(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if not request.user.is_superuser:
            raise Http404
        return view(request, **kwargs)

    return login_required(guarded)


class OperatorList(ListBlade):
    """A list of the installation: for everybody but its operator it is not there."""

    title = gettext_lazy("Installation")
    opens = "page"
    search_lookups = ("name__icontains", "slug__icontains")
    search_placeholder = gettext_lazy("Search by name or address")
    default_sort = "name"
    intro_template = "tenants/_instance_intro.html"
    page_template = "tenants/settings_list.html"

    @classmethod
    def as_view(cls) -> Callable[..., HttpResponseBase]:
        """The list page and its fragments, guarded for the operator."""
        return never_cache(require_safe(operators_only(lambda request: cls(request).respond())))

    def get_context(self) -> dict[str, Any]:
        """The two lists as tabs."""
        words = [("instance", _("Tenants")), ("instance_partners", _("Partners"))]
        found = [
            (label, reverse(f"tenants:{name}"), self.url_name.endswith(f":{name}")) for name, label in words
        ]
        return {"tabs": found}


class Tenants(OperatorList):
    """Every tenant by name and number of people; nothing of what they hold."""

    noun = (gettext_lazy("tenant"), gettext_lazy("tenants"))
    url_name = "tenants:instance"
    table_class = InstanceTenantTable
    commands = (
        Command(gettext_lazy("Create tenant"), "tenants:instance_create", icon="plus"),
        "refresh",
        "columns",
    )
    row_template = "tenants/_instance_tenant_end.html"
    empty_title = gettext_lazy("No tenants yet")

    def get_queryset(self) -> QuerySet[Tenant]:
        """All of them."""
        here = Membership.unscoped.filter(tenant=OuterRef("pk"))
        mine = here.filter(user_id=str(self.request.user.pk))
        return Tenant.objects.annotate(people=counted(here, "tenant"), is_joined=Exists(mine))


def counted(rows: QuerySet[Any], place: str) -> Any:
    """The active ones of memberships of an outer tenant or partner."""
    active = rows.filter(is_active=True).order_by().values(place)
    return Coalesce(Subquery(active.annotate(n=Count("pk")).values("n")), 0)


@require_http_methods(["GET", "HEAD", "POST"])
@operators_only
def create_tenant(request: HttpRequest) -> HttpResponse:
    """A new local tenant; the operator becomes its first Global Administrator."""
    form = TenantForm(request.POST if is_confirmed(request) else None)
    if form.is_bound and form.is_valid():
        try:
            actor = actor_of(request)
            tenant = tenants.create(actor=actor, administrator=actor.user, **form.cleaned_data)
            return go_to(request, f"/t/{tenant.slug}/set-up/")
        except tenants.AddressTaken as error:
            form.add_error("slug", str(error))
    context = {"form": form, "list_url": "/instance/", "submit": _("Create")}
    return render_dialog(request, "tenants/_tenant_create.html", context, title=_("Create a tenant"))


@require_POST
@operators_only
def join_tenant(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Become Global Administrator of a tenant; the tenant's audit log shows it."""
    tenant = get_object_or_404(Tenant, pk=pk)
    actor = actor_of(request)
    tenants.join(tenant=tenant, actor=actor, user=request.user)  # type: ignore[arg-type]
    messages.success(request, _("You joined %(name)s. Its audit log says so.") % {"name": tenant.name})
    return redirect("tenants:overview", tenant_slug=tenant.slug)
