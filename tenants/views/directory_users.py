"""Users: the tenant's directory users, whom devices are assigned to."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.errors import Refused
from portal.ui.commands import Command
from portal.ui.list_blade import ListBlade
from portal.ui.panels import go_to, is_confirmed, render_dialog, render_flyout
from tenants.access import actor_of, fetch, needs
from tenants.filters.directory_users import UserFilters
from tenants.forms.directory_users import DirectoryUserEditForm, DirectoryUserForm
from tenants.models import DirectoryUser
from tenants.services import directory_users as service
from tenants.tables.directory_users import UserTable

MOST_OPTIONS = 20


class Users(ListBlade):
    """The users list."""

    permission = "users.read"
    title = gettext_lazy("Users")
    breadcrumb = (gettext_lazy("Directory"), gettext_lazy("Users"))
    noun = (gettext_lazy("user"), gettext_lazy("users"))
    url_name = "tenants:users"
    object_url_name = "tenants:user"
    table_class = UserTable
    filterset_class = UserFilters
    search_column = "search"
    search_prefix = "user_principal_name"
    search_placeholder = gettext_lazy("Search by user principal name or display name")
    default_sort = "user_principal_name"
    commands = (
        Command(gettext_lazy("Add user"), "tenants:user_add", icon="plus", permission="users.manage"),
        Command(
            gettext_lazy("Import"), "tenants:user_import", icon="arrow-up-tray", permission="users.manage"
        ),
        "filter",
        Command(
            gettext_lazy("Assign license"),
            "tenants:users_license",
            icon="check-badge",
            permission="users.manage",
            selection="many",
        ),
        Command(
            gettext_lazy("Remove license"),
            "tenants:users_unlicense",
            icon="minus-circle",
            permission="users.manage",
            selection="many",
        ),
        Command(
            gettext_lazy("Delete"),
            "tenants:users_delete",
            icon="trash",
            permission="users.manage",
            selection="many",
        ),
        "export",
        "refresh",
        "columns",
    )
    empty_title = gettext_lazy("No users yet")
    empty_text = gettext_lazy(
        "Add the people devices are assigned to, by hand or from a CSV. Only licensed users can enroll."
    )

    def get_queryset(self) -> Any:
        """The tenant's users."""
        return DirectoryUser.objects.of(self.request.tenant)  # type: ignore[attr-defined]


@never_cache
@require_http_methods(["GET", "HEAD"])
@needs("users.read")
def _show_user(request: HttpRequest, pk: UUID) -> HttpResponse:
    found = _fetch(request, pk)
    return _flyout(request, found, DirectoryUserEditForm(initial=_initial(found)))


@never_cache
@require_POST
@needs("users.manage")
def _edit_user(request: HttpRequest, pk: UUID) -> HttpResponse:
    found = _fetch(request, pk)
    form = DirectoryUserEditForm(request.POST)
    if form.is_valid():
        try:
            service.edit(
                tenant=request.tenant,  # type: ignore[attr-defined]
                actor=actor_of(request),
                user=found,
                **form.cleaned_data,
            )
            messages.success(request, _("The user was saved."))
            return go_to(request, request.get_full_path())
        except service.UserExists as error:
            form.add_error("user_principal_name", str(error))
    return _flyout(request, found, form, status=422)


def user(request: HttpRequest, tenant_slug: str, pk: UUID) -> HttpResponse:
    """One user's flyout: reading needs users.read, changing users.manage."""
    view = _edit_user if request.method == "POST" else _show_user
    return view(request, tenant_slug=tenant_slug, pk=pk)  # type: ignore[return-value]


def _fetch(request: HttpRequest, pk: UUID) -> DirectoryUser:
    return fetch(DirectoryUser.objects.of(request.tenant), pk=pk)  # type: ignore[attr-defined]


def _initial(found: DirectoryUser) -> dict[str, Any]:
    names = ("user_principal_name", "display_name", "is_licensed", "revision")
    return {name: getattr(found, name) for name in names}


def _flyout(
    request: HttpRequest, found: DirectoryUser, form: DirectoryUserForm, *, status: int = 200
) -> HttpResponse:
    context = {
        "found": found,
        "form": form,
        "can_manage": "users.manage" in request.permissions,  # type: ignore[attr-defined]
    }
    title = found.display_name or found.user_principal_name
    return render_flyout(request, Users, "tenants/_user.html", context, title=title, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("users.manage")
def add_user(request: HttpRequest) -> HttpResponse:
    """Add one user by hand."""
    form = DirectoryUserForm(request.POST if is_confirmed(request) else None)
    if form.is_bound and form.is_valid():
        try:
            service.add(tenant=request.tenant, actor=actor_of(request), **form.cleaned_data)  # type: ignore[attr-defined]
            messages.success(request, _("The user was added."))
            return go_to(request, Users.left(request).current_url)
        except service.UserExists as error:
            form.add_error("user_principal_name", str(error))
    context = {"form": form, "list_url": Users(request).list_url, "submit": _("Add")}
    return render_dialog(request, "ui/dialog.html", context, title=_("Add user"))


@require_safe
@needs("users.read")
def user_options(request: HttpRequest) -> HttpResponse:
    """Suggestions for a user picker: options that match ?q=, at most MOST_OPTIONS."""
    text = request.GET.get("q") or request.GET.get(request.GET.get("for", ""), "")
    rows = DirectoryUser.objects.of(request.tenant)  # type: ignore[attr-defined]
    words = text.replace("\x00", "").strip().upper()[:113]
    if words:
        rows = rows.filter(search__contains=words)
    found = rows.order_by("user_principal_name", "pk")[:MOST_OPTIONS]
    return render(request, "tenants/_user_options.html", {"users": found})


@require_POST
@needs("users.manage")
def license_users(request: HttpRequest) -> HttpResponse:
    """Give the selected users a licence."""
    return _switch(request, title=_("Assign license"), is_licensed=True)


@require_POST
@needs("users.manage")
def unlicense_users(request: HttpRequest) -> HttpResponse:
    """Take the licence from the selected users."""
    return _switch(request, title=_("Remove license"), is_licensed=False)


def _switch(request: HttpRequest, *, title: str, is_licensed: bool) -> HttpResponse:
    users = Users.selected(request)
    if is_confirmed(request):
        changed = service.set_licence(
            tenant=request.tenant,  # type: ignore[attr-defined]
            actor=actor_of(request),
            users=users,
            is_licensed=is_licensed,
        )
        text = ngettext("%(count)d user was changed.", "%(count)d users were changed.", changed)
        return _back(request, text % {"count": changed})
    return _ask(request, title, _("Only licensed users can enroll a device."), users)


@require_POST
@needs("users.manage")
def delete_users(request: HttpRequest) -> HttpResponse:
    """Delete the selected users; their devices keep the name as text."""
    users = Users.selected(request)
    if is_confirmed(request):
        gone = service.remove(tenant=request.tenant, actor=actor_of(request), users=users)  # type: ignore[attr-defined]
        text = ngettext("%(count)d user was deleted.", "%(count)d users were deleted.", gone)
        return _back(request, text % {"count": gone})
    intro = _("Devices assigned to them stay as they are: they keep the name, without the link to the user.")
    return _ask(request, _("Delete users"), intro, users, tone="danger")


def _ask(request: HttpRequest, title: str, intro: str, users: Any, **context: Any) -> HttpResponse:
    count = users.count()
    if not count:
        raise Refused(_("None of the selected users exists any more."), code="nothing_selected")
    first = list(users.order_by("user_principal_name")[:10])
    full = {"intro": intro, "count": count, "first": first, "more": count - len(first), **context}
    return render_dialog(request, "tenants/_users_confirm.html", full, title=title, blade=Users)


def _back(request: HttpRequest, sentence: str) -> HttpResponse:
    messages.success(request, sentence)
    return go_to(request, Users.left(request).current_url)
