"""The installation's partners: the operator creates, edits and deactivates them, and invites the first."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from portal.errors import Refused
from portal.ui.commands import Command
from portal.ui.panels import go_to, is_confirmed, render_dialog
from tenants.access import actor_of
from tenants.forms.partners import NewPartnerForm, PartnerForm, PartnerInviteForm
from tenants.models import Partner, PartnerMembership
from tenants.permissions import PARTNER_ADMINISTRATOR
from tenants.services import invitations
from tenants.services.partners import accounts
from tenants.tables.instance import InstancePartnerTable
from tenants.views.instance import OperatorList, counted, operators_only
from tenants.views.links import show_invitation

DIALOG = require_http_methods(["GET", "HEAD", "POST"])


class Partners(OperatorList):
    """Every partner by name and number of people."""

    noun = (gettext_lazy("partner"), gettext_lazy("partners"))
    url_name = "tenants:instance_partners"
    table_class = InstancePartnerTable
    commands = (
        Command(gettext_lazy("Create partner"), "tenants:instance_partner_create", icon="plus"),
        "refresh",
        "columns",
    )
    row_template = "tenants/partners/_instance_menu.html"
    empty_title = gettext_lazy("No partners yet")
    empty_text = gettext_lazy(
        "OEMs, distributors and resellers that register devices for tenants are created here."
    )

    def get_queryset(self) -> QuerySet[Partner]:
        """All of them."""
        here = PartnerMembership.unscoped.filter(partner=OuterRef("pk"))
        return Partner.objects.select_related("provider").annotate(people=counted(here, "partner"))


def _back(request: HttpRequest) -> str:
    return Partners.left(request).current_url


@DIALOG
@operators_only
def create_partner(request: HttpRequest) -> HttpResponse:
    """A new partner; its first person is invited next."""
    form = NewPartnerForm(request.POST if is_confirmed(request) else None)
    if form.is_bound and form.is_valid():
        try:
            partner = accounts.create(actor=actor_of(request), **form.values())
            messages.success(request, _("%(name)s was created. Invite its first person.") % {"name": partner})
            return go_to(request, _back(request))
        except Refused as error:
            _note(form, error)
    return _dialog(request, form, title=_("Create a partner"), submit=_("Create"))


@DIALOG
@operators_only
def edit_partner(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Name, kind, sales region, provider and manufacturer names."""
    partner = get_object_or_404(Partner, pk=pk)
    initial = {name: getattr(partner, name) for name in (*accounts.FIELDS, "revision")}
    form = PartnerForm(request.POST if is_confirmed(request) else None, initial=initial)
    if form.is_bound and form.is_valid():
        try:
            accounts.edit(actor=actor_of(request), partner=partner, **form.values())
            messages.success(request, _("The partner was saved."))
            return go_to(request, _back(request))
        except Refused as error:
            _note(form, error)
    return _dialog(request, form, title=_("Edit partner"), submit=_("Save"))


@DIALOG
@operators_only
def switch_partner(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Deactivate an active partner, activate an inactive one."""
    partner = get_object_or_404(Partner, pk=pk)
    if is_confirmed(request):
        is_active = request.POST.get("is_active") == "yes"
        accounts.set_active(actor=actor_of(request), partner=partner, is_active=is_active)
        messages.success(
            request, _("The partner is active.") if is_active else _("The partner was deactivated.")
        )
        return go_to(request, _back(request))
    title = _("Deactivate partner") if partner.is_active else _("Activate partner")
    context = {
        "partner": partner,
        "list_url": _back(request),
        "tone": "danger" if partner.is_active else "primary",
    }
    return render_dialog(request, "tenants/partners/_switch.html", context, title=title)


@never_cache
@DIALOG
@operators_only
def invite_first(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Invite a person into a partner; the answer shows the one-time link."""
    partner = get_object_or_404(Partner, pk=pk)
    form = PartnerInviteForm(
        request.POST if is_confirmed(request) else None, initial={"roles": PARTNER_ADMINISTRATOR}
    )
    if form.is_bound and form.is_valid():
        try:
            made = invitations.invite(into=partner, actor=actor_of(request), **invited(form))
            return show_invitation(request, made, back=_back(request))
        except invitations.AlreadyThere as error:
            form.add_error("email", str(error))
    intro = _("The person gets a one-time link into %(name)s. It works for seven days.") % {"name": partner}
    return _dialog(request, form, title=_("Invite a person"), submit=_("Invite"), intro=intro)


def invited(form: PartnerInviteForm) -> dict[str, Any]:
    """The values of an invitation as the service takes them."""
    values = form.cleaned_data
    return {"email": values["email"], "roles": [values["roles"]], "key": values["one_time_key"]}


def _note(form: PartnerForm, error: Refused) -> None:
    form.add_error(error.context.get("field"), str(error))


def _dialog(request: HttpRequest, form: Any, **context: Any) -> HttpResponse:
    title = context.pop("title")
    full = {"form": form, "list_url": _back(request), **context}
    return render_dialog(request, "ui/dialog.html", full, title=title)
