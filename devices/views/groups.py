"""*Groups*: the list, and the dialogs that make, rename and delete a group."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from devices.filters.directory import GroupFilters
from devices.models import Group, GroupMember, ProfileAssignment
from devices.services.directory import groups
from devices.tables.groups import GroupTable
from portal.ui.commands import Command
from portal.ui.list_blade import ListBlade
from portal.ui.panels import go_to, is_confirmed, render_dialog
from tenants.access import actor_of, fetch, needs


def counted(rows: QuerySet[Any], **lookup: Any) -> Any:
    """The number of rows that belong to the outer row, 0 where none do."""
    name = next(iter(lookup))
    counts = rows.filter(**lookup).order_by().values(name).annotate(number=Count("*")).values("number")
    return Coalesce(Subquery(counts, output_field=IntegerField()), 0)


class Groups(ListBlade):
    """The tenant's groups."""

    permission = "groups.read"
    title = gettext_lazy("Groups")
    breadcrumb = (gettext_lazy("Directory"), gettext_lazy("Groups"))
    noun = (gettext_lazy("group"), gettext_lazy("groups"))
    url_name = "devices:groups"
    object_url_name = "devices:group_detail"
    opens = "page"
    table_class = GroupTable
    filterset_class = GroupFilters
    search_lookups = ("name__icontains", "rule_text__icontains")
    search_placeholder = gettext_lazy("Search by name or rule")
    default_sort = "name"
    commands = (
        Command(gettext_lazy("New group"), "devices:group_new", "plus", "groups.manage", opens="page"),
        "filter",
        "export",
        "refresh",
        "columns",
    )
    empty_title = gettext_lazy("No groups yet")
    empty_text = gettext_lazy(
        "A group collects devices, by hand or by a rule such as a group tag, so that a deployment "
        "profile can be assigned to them."
    )

    def get_queryset(self) -> QuerySet[Group]:
        """Groups with their numbers of members and profiles."""
        rows: QuerySet[Group] = Group.objects.of(self.request.tenant)  # type: ignore[attr-defined]
        members = GroupMember.objects.live()
        return rows.annotate(
            member_count=counted(members, group=OuterRef("pk")),
            profile_count=counted(ProfileAssignment.objects.all(), group=OuterRef("pk")),
        )


@require_http_methods(["GET", "HEAD", "POST"])
@needs("groups.manage")
def group_delete(request: Any, pk: UUID) -> HttpResponse:
    """Delete a group that no profile uses."""
    group = fetch(Group.objects.of(request.tenant), pk=pk)
    if is_confirmed(request):
        groups.delete(tenant=request.tenant, actor=actor_of(request), group=group)
        messages.success(request, _("The group “%(name)s” was deleted.") % {"name": group.name})
        return go_to(request, Groups(request).list_url)
    users = group.profile_assignments.select_related("profile").order_by("profile__display_name")
    context = {
        "group": group,
        "profiles": [link.profile for link in users],
        "member_count": group.members.live().count(),
        "tone": "danger",
        "submit": _("Delete"),
        "list_url": detail_url(request, pk),
    }
    return render_dialog(request, "devices/groups/_delete.html", context, title=_("Delete group"))


def detail_url(request: HttpRequest, pk: Any) -> str:
    """A group's page."""
    slug = request.tenant.slug  # type: ignore[attr-defined]
    return reverse("devices:group_detail", kwargs={"tenant_slug": slug, "pk": pk})
