"""Settings > Members: who belongs to the tenant, with which roles, and who is invited."""

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
from tenants.access import actor_of, fetch, needs
from tenants.forms.tenants import InviteForm, RolesForm
from tenants.models import Invitation, Membership
from tenants.services import invitations as invitation_service
from tenants.services import members as service
from tenants.tables.people import MemberTable
from tenants.views.general import tabs
from tenants.views.links import show_invitation

DIALOG = require_http_methods(["GET", "HEAD", "POST"])


class Members(ListBlade):
    """Members, and below them the open invitations."""

    permission = "members.read"
    title = gettext_lazy("Settings")
    breadcrumb = ((gettext_lazy("Settings"), "tenants:settings"), gettext_lazy("Members"))
    noun = (gettext_lazy("member"), gettext_lazy("members"))
    url_name = "tenants:members"
    opens = "page"
    table_class = MemberTable
    search_lookups = ("user__name__icontains", "user__email__icontains")
    search_placeholder = gettext_lazy("Search by name or email")
    default_sort = "name"
    commands = (
        Command(
            gettext_lazy("Invite"), "tenants:member_invite", icon="user-plus", permission="members.manage"
        ),
        "refresh",
        "columns",
    )
    row_template = "tenants/_member_menu.html"
    row_permission = "members.manage"
    page_template = "tenants/members.html"

    def get_queryset(self) -> Any:
        """Everyone who belongs to the tenant."""
        return Membership.objects.of(self.request.tenant).select_related("user")  # type: ignore[attr-defined]

    def get_context(self) -> dict[str, Any]:
        """The tabs; the invitations are asked only by the whole page, and lapse after seven days."""
        may = "members.manage" in self.request.permissions  # type: ignore[attr-defined]
        return {
            "tabs": tabs(self.request, "members"),
            "invitations": partial(invitation_service.listed, self.request.tenant),  # type: ignore[attr-defined]
            "can_manage": may,
        }


@never_cache
@DIALOG
@needs("members.manage")
def invite(request: HttpRequest) -> HttpResponse:
    """Invite an address; the answer shows the one-time link."""
    form = InviteForm(request.POST if is_confirmed(request) else None)
    if form.is_bound and form.is_valid():
        values = form.cleaned_data
        try:
            made = invitation_service.invite(
                into=request.tenant,  # type: ignore[attr-defined]
                actor=actor_of(request),
                email=values["email"],
                roles=values["roles"],
                key=values["one_time_key"],
            )
            return show_invitation(request, made, back=_list_url(request))
        except invitation_service.AlreadyThere as error:
            form.add_error("email", str(error))
    context = {"form": form, "list_url": _list_url(request), "submit": _("Invite")}
    return render_dialog(request, "tenants/_member_invite.html", context, title=_("Invite a member"))


@never_cache
@DIALOG
@needs("members.manage")
def send_again(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show the link of an open invitation again, for another seven days."""
    found = _invitation(request, pk)
    if is_confirmed(request):
        invitation_service.send_again(
            into=request.tenant,  # type: ignore[attr-defined]
            actor=actor_of(request),
            invitation=found,
        )
        return show_invitation(request, found, back=_list_url(request))
    intro = _("The link of %(email)s works for another seven days and is shown here.") % {
        "email": found.email
    }
    return _confirm(request, _("Send again"), intro=intro)


@DIALOG
@needs("members.manage")
def withdraw(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Close an open invitation."""
    found = _invitation(request, pk)
    if is_confirmed(request):
        invitation_service.withdraw(
            into=request.tenant,  # type: ignore[attr-defined]
            actor=actor_of(request),
            invitation=found,
        )
        return _done(request, _("The invitation was withdrawn."))
    intro = _("The link sent to %(email)s stops working.") % {"email": found.email}
    return _confirm(request, _("Withdraw invitation"), intro=intro, tone="danger")


@DIALOG
@needs("members.manage")
def change_roles(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """Choose a member's roles."""
    member = _member(request, user_id)
    initial = {"roles": member.roles, "revision": member.revision}
    form = RolesForm(request.POST if is_confirmed(request) else None, initial=initial)
    if form.is_bound and form.is_valid():
        try:
            service.change_roles(**_who(request, user_id), **form.cleaned_data)
            return _done(request, _("The roles were changed."))
        except service.LastGlobalAdministrator as error:
            form.add_error("roles", str(error))
    context = {"form": form, "list_url": _list_url(request), "submit": _("Save"), "intro": member.user.email}
    return render_dialog(request, "ui/dialog.html", context, title=_("Change roles"))


@DIALOG
@needs("members.manage")
def deactivate(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """Keep the member but let nobody in; ends the person's sessions."""
    member = _member(request, user_id)
    if is_confirmed(request):
        service.set_active(**_who(request, user_id), is_active=False)
        return _done(request, _("The member was deactivated and signed out everywhere."))
    intro = _("%(person)s is signed out everywhere and can no longer enter this tenant.")
    return _confirm(
        request, _("Deactivate member"), intro=intro % {"person": member.user.email}, tone="danger"
    )


@DIALOG
@needs("members.manage")
def activate(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """Let a deactivated member in again."""
    member = _member(request, user_id)
    if is_confirmed(request):
        service.set_active(**_who(request, user_id), is_active=True)
        return _done(request, _("The member is active again."))
    intro = _("%(person)s can enter this tenant again, with the same roles.")
    return _confirm(request, _("Activate member"), intro=intro % {"person": member.user.email})


@DIALOG
@needs("members.manage")
def remove(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """Take a person out of the tenant; ends the person's sessions."""
    member = _member(request, user_id)
    if is_confirmed(request):
        is_self = user_id == request.user.pk
        service.remove(**_who(request, user_id))
        if is_self:
            return go_to(request, "/")
        return _done(request, _("The member was removed and signed out everywhere."))
    intro = _("%(person)s loses every role in this tenant and is signed out everywhere.")
    return _confirm(request, _("Remove member"), intro=intro % {"person": member.user.email}, tone="danger")


def _who(request: HttpRequest, user_id: UUID) -> dict[str, Any]:
    return {"tenant": request.tenant, "actor": actor_of(request), "user_id": user_id}  # type: ignore[attr-defined]


def _member(request: HttpRequest, user_id: UUID) -> Membership:
    rows = Membership.objects.of(request.tenant).select_related("user")  # type: ignore[attr-defined]
    return fetch(rows, user_id=user_id)


def _invitation(request: HttpRequest, pk: UUID) -> Invitation:
    return fetch(Invitation.objects.of(request.tenant), pk=pk)  # type: ignore[attr-defined]


def _list_url(request: HttpRequest) -> str:
    return Members.left(request).current_url


def _done(request: HttpRequest, sentence: str) -> HttpResponse:
    messages.success(request, sentence)
    return go_to(request, _list_url(request))


def _confirm(request: HttpRequest, title: str, **context: Any) -> HttpResponse:
    full = {"list_url": _list_url(request), "submit": title, **context}
    return render_dialog(request, "ui/dialog.html", full, title=title)
