"""People of a partner: who works for it, with which role, and who is invited."""

from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from portal.ui.commands import Command
from portal.ui.list_blade import ListBlade
from portal.ui.panels import go_to, is_confirmed, render_dialog
from tenants.access import actor_of, fetch, needs_partner
from tenants.forms.partners import PartnerInviteForm, PartnerRoleForm
from tenants.models import Invitation, PartnerMembership
from tenants.permissions import PARTNER_AGENT
from tenants.services import invitations
from tenants.services.partners import people as service
from tenants.tables.people import PersonTable
from tenants.views.links import show_invitation
from tenants.views.partners.instance import invited

DIALOG = require_http_methods(["GET", "HEAD", "POST"])


class PartnerPeople(ListBlade):
    """People, and below them the open invitations."""

    permission = "partner_people.read"
    title = gettext_lazy("People")
    noun = (gettext_lazy("person"), gettext_lazy("people"))
    url_name = "tenants:partner_people"
    opens = "page"
    table_class = PersonTable
    search_lookups = ("user__name__icontains", "user__email__icontains")
    search_placeholder = gettext_lazy("Search by name or email")
    default_sort = "name"
    commands = (
        Command(
            gettext_lazy("Invite"),
            "tenants:partner_person_invite",
            icon="user-plus",
            permission="partner_people.manage",
        ),
        "refresh",
        "columns",
    )
    row_template = "tenants/partners/_person_menu.html"
    row_permission = "partner_people.manage"
    page_template = "tenants/partners/people.html"

    def get_queryset(self) -> Any:
        """Everyone who works for the partner."""
        return PartnerMembership.objects.of(self.request.partner).select_related("user")  # type: ignore[attr-defined]

    def get_context(self) -> dict[str, Any]:
        """The invitations are asked only by the whole page, and lapse after seven days."""
        may = "partner_people.manage" in self.request.permissions  # type: ignore[attr-defined]
        return {"invitations": partial(invitations.listed, self.request.partner), "can_manage": may}  # type: ignore[attr-defined]


@never_cache
@DIALOG
@needs_partner("partner_people.manage")
def person_invite(request: HttpRequest) -> HttpResponse:
    """Invite an address; the answer shows the one-time link."""
    form = PartnerInviteForm(
        request.POST if is_confirmed(request) else None, initial={"roles": PARTNER_AGENT}
    )
    if form.is_bound and form.is_valid():
        try:
            partner = request.partner  # type: ignore[attr-defined]
            made = invitations.invite(into=partner, actor=actor_of(request), **invited(form))
            return show_invitation(request, made, back=_list_url(request))
        except invitations.AlreadyThere as error:
            form.add_error("email", str(error))
    intro = _("The person gets a one-time link into %(name)s. It works for seven days.")
    words = {"name": request.partner.name}  # type: ignore[attr-defined]
    return _dialog(request, _("Invite a person"), form=form, intro=intro % words, submit=_("Invite"))


@never_cache
@DIALOG
@needs_partner("partner_people.manage")
def person_send_again(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show the link of an open invitation again, for another seven days."""
    found = _invitation(request, pk)
    if is_confirmed(request):
        invitations.send_again(invitation=found, **_where(request))
        return show_invitation(request, found, back=_list_url(request))
    intro = _("The link of %(email)s works for another seven days and is shown here.")
    return _dialog(request, _("Send again"), intro=intro % {"email": found.email})


@DIALOG
@needs_partner("partner_people.manage")
def person_withdraw(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Close an open invitation."""
    found = _invitation(request, pk)
    if is_confirmed(request):
        invitations.withdraw(invitation=found, **_where(request))
        return _done(request, _("The invitation was withdrawn."))
    intro = _("The link sent to %(email)s stops working.") % {"email": found.email}
    return _dialog(request, _("Withdraw invitation"), intro=intro, tone="danger")


@DIALOG
@needs_partner("partner_people.manage")
def person_role(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """Choose a person's role."""
    person = _person(request, user_id)
    initial = {"role": person.role, "revision": person.revision}
    form = PartnerRoleForm(request.POST if is_confirmed(request) else None, initial=initial)
    if form.is_bound and form.is_valid():
        try:
            service.change_role(**_who(request, user_id), **form.cleaned_data)
            return _done(request, _("The role was changed."))
        except service.LastPartnerAdministrator as error:
            form.add_error("role", str(error))
    return _dialog(request, _("Change role"), form=form, intro=person.user.email, submit=_("Save"))


@DIALOG
@needs_partner("partner_people.manage")
def person_switch(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """Deactivate an active person (ends the sessions), activate an inactive one."""
    person = _person(request, user_id)
    if is_confirmed(request):
        is_active = request.POST.get("is_active") == "yes"
        service.set_active(**_who(request, user_id), is_active=is_active)
        return _done(
            request, _("The person is active again.") if is_active else _("The person was deactivated.")
        )
    title = _("Deactivate person") if person.is_active else _("Activate person")
    context = {"person": person, "tone": "danger" if person.is_active else "primary"}
    return _dialog(request, title, template="tenants/partners/_person_switch.html", **context)


@DIALOG
@needs_partner("partner_people.manage")
def person_remove(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """Take a person out of the partner; ends the person's sessions."""
    person = _person(request, user_id)
    if is_confirmed(request):
        service.remove(**_who(request, user_id))
        if user_id == request.user.pk:
            return go_to(request, "/")
        return _done(request, _("The person was removed and signed out everywhere."))
    intro = _("%(person)s no longer works for this partner and is signed out everywhere.")
    return _dialog(request, _("Remove person"), intro=intro % {"person": person.user.email}, tone="danger")


def _where(request: HttpRequest) -> dict[str, Any]:
    return {"into": request.partner, "actor": actor_of(request)}  # type: ignore[attr-defined]


def _who(request: HttpRequest, user_id: UUID) -> dict[str, Any]:
    return {"partner": request.partner, "actor": actor_of(request), "user_id": user_id}  # type: ignore[attr-defined]


def _person(request: HttpRequest, user_id: UUID) -> PartnerMembership:
    rows = PartnerMembership.objects.of(request.partner).select_related("user")  # type: ignore[attr-defined]
    found: PartnerMembership = fetch(rows, user_id=user_id)
    return found


def _invitation(request: HttpRequest, pk: UUID) -> Invitation:
    found: Invitation = fetch(invitations.pending(request.partner), pk=pk)  # type: ignore[attr-defined]
    return found


def _list_url(request: HttpRequest) -> str:
    return PartnerPeople.left(request).current_url


def _done(request: HttpRequest, sentence: str) -> HttpResponse:
    messages.success(request, sentence)
    return go_to(request, _list_url(request))


def _dialog(
    request: HttpRequest, title: str, *, template: str = "ui/dialog.html", **context: Any
) -> HttpResponse:
    full = {"list_url": _list_url(request), "submit": title, **context}
    return render_dialog(request, template, full, title=title)
