"""The installation's page: its operator creates tenants, and joins one where needed."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.ui.panels import go_to, is_confirmed, render_dialog
from tenants.access import actor_of
from tenants.forms.tenants import TenantForm
from tenants.models import Membership, Partner, PartnerMembership, Tenant
from tenants.services import tenants


def operators_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Guard a view of the installation; for everybody else it is not there."""

    @wraps(view)
    def guarded(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if not request.user.is_superuser:
            raise Http404
        return view(request, **kwargs)

    return login_required(guarded)


@require_safe
@operators_only
def instance(request: HttpRequest) -> HttpResponse:
    """Every tenant and partner by name and number of people; nothing of what they hold."""
    mine = Membership.unscoped.filter(user_id=str(request.user.pk)).values_list("tenant_id", flat=True)
    people = dict(
        Membership.unscoped.values_list("tenant_id").annotate(n=Count("pk", filter=Q(is_active=True)))
    )
    joined = set(mine)
    rows = [(each, people.get(each.pk, 0), each.pk in joined) for each in Tenant.objects.order_by("name")]
    workers = Count("pk", filter=Q(is_active=True))
    people = dict(PartnerMembership.unscoped.values_list("partner_id").annotate(n=workers))
    partners = [
        (each, people.get(each.pk, 0)) for each in Partner.objects.select_related("provider").order_by("name")
    ]
    context = {"title": _("Installation"), "rows": rows, "partners": partners}
    return render(request, "tenants/instance.html", context)


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
