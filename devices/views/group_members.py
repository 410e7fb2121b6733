"""A group's page: tabs *Members* and *Assigned profiles*, and how members come and go."""

from functools import cached_property
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from devices.forms.groups import PickGroupForm, SerialsForm
from devices.models import AutopilotDevice, EntraDevice, Group
from devices.services.directory import groups
from devices.services.profiles import evaluating
from devices.tables.groups import GroupMemberTable
from devices.views.autopilot_devices import AutopilotDevices
from devices.views.groups import detail_url
from devices.views.nested import NestedBlade
from portal.ui.panels import go_to, is_confirmed, render_dialog
from tenants.access import actor_of, fetch, needs


class GroupMembers(NestedBlade):
    """The members of one group."""

    permission = "groups.read"
    noun = (gettext_lazy("member"), gettext_lazy("members"))
    url_name = "devices:group_detail"
    object_url_name = "devices:entra_device"
    opens = "page"
    table_class = GroupMemberTable
    search_column = "search"
    search_prefix = "display_name"
    search_placeholder = gettext_lazy("Search by display name")
    default_sort = "display_name"
    intro_template = "devices/groups/_intro.html"
    empty_title = gettext_lazy("No members")
    export_name = "group-members"

    @cached_property
    def parent(self) -> Group:
        """The group of the address."""
        group: Group = fetch(Group.objects.of(self.request.tenant), pk=self.key)  # type: ignore[attr-defined]
        return group

    @cached_property
    def title(self) -> str:
        """The group's name."""
        return self.parent.name

    @cached_property
    def breadcrumb(self) -> tuple[Any, ...]:  # type: ignore[override]
        """Up to the list."""
        return (_("Directory"), (_("Groups"), "devices:groups"), self.parent.name)

    @cached_property
    def empty_text(self) -> str:
        """How members come here."""
        if self.parent.membership == Group.Membership.DYNAMIC:
            return _("No device fulfils the rule. Members come and go by it, within seconds of a change.")
        return _("Add devices by their serial numbers, or from Windows Autopilot devices.")

    @cached_property
    def bar(self) -> list[Any]:
        """Commands on members only where membership is by hand."""
        found: list[Any] = []
        if self.parent.membership == Group.Membership.ASSIGNED:
            found += self.command(_("Add members"), "devices:group_add", "plus", "groups.manage")
            found += self.command(
                _("Remove members"), "devices:group_remove", "minus", "groups.manage", selection="many"
            )
        return [*found, *self.group_bar, *self.kit("export", "refresh", "columns")]

    @property
    def group_bar(self) -> list[Any]:
        """The commands on the group itself, the same on both tabs."""
        edit = self.command(_("Edit"), "devices:group_edit", "pencil-square", "groups.manage", opens="page")
        return edit + self.command(_("Delete group"), "devices:group_delete", "trash", "groups.manage")

    def get_queryset(self) -> QuerySet[EntraDevice]:
        """The group's live objects, with the tag of the device behind each."""
        listed = AutopilotDevice.unscoped.filter(pk=OuterRef("ztdid"), tenant=OuterRef("tenant"))
        rows: QuerySet[EntraDevice] = EntraDevice.objects.of(self.request.tenant).live()  # type: ignore[attr-defined]
        rows = rows.filter(group_links__group=self.parent)
        return rows.annotate(listed_tag=Subquery(listed.values("group_tag")[:1]))

    def get_context(self) -> dict[str, Any]:
        """What stands above both tabs."""
        return group_context(self.request, self.parent, "members")


def group_context(request: Any, group: Group, tab: str) -> dict[str, Any]:
    """The group, its rule and its tabs."""
    members = detail_url(request, group.pk)
    tabs = [
        (_("Members"), members, tab == "members"),
        (_("Assigned profiles"), f"{members}profiles/", tab == "profiles"),
    ]
    return {"group": group, "tabs": tabs, **_processing(request, group)}


def _processing(request: Any, group: Group) -> dict[str, Any]:
    """How far the evaluation of a dynamic group is."""
    if group.membership != Group.Membership.DYNAMIC:
        return {}
    found = evaluating.processing(group)
    job = found.job if "jobs.read" in request.permissions else None
    keys = {"tenant_slug": request.tenant.slug, "pk": job.pk} if job else {}
    return {
        "processing": found.state,
        "job": job,
        "progress_url": reverse("tenants:job_progress", kwargs=keys) if job else "",
    }


@require_safe
@needs("groups.read")
def group_profiles(request: Any, pk: UUID) -> HttpResponse:
    """The profiles that include or exclude a group."""
    group = fetch(Group.objects.of(request.tenant), pk=pk)
    links = group.profile_assignments.select_related("profile").order_by("profile__created_at", "pk")
    context = {
        **group_context(request, group, "profiles"),
        "title": group.name,
        "breadcrumb": (_("Directory"), (_("Groups"), "devices:groups"), group.name),
        "links": links,
        "bar": GroupMembers(request).group_bar,
    }
    return render(request, "devices/groups/profiles.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("groups.manage")
def group_add(request: Any, pk: UUID) -> HttpResponse:
    """Add the devices that pasted serial numbers name; problems are shown before anything is added."""
    group = fetch(Group.objects.of(request.tenant), pk=pk)
    form, found = SerialsForm(request.POST if is_confirmed(request) else None), None
    if is_confirmed(request) and form.is_valid():
        found = groups.find_serials(tenant=request.tenant, text=form.cleaned_data["serials"])
        has_problems = bool(found.unknown or found.ambiguous or found.without_entra_device)
        if found.devices and (not has_problems or request.POST.get("accepted") == "yes"):
            return _add(request, group, found)
    context = {
        "form": form,
        "found": found,
        "submit": _("Add the devices found") if found and found.devices else _("Add"),
        "list_url": detail_url(request, pk),
    }
    return render_dialog(request, "devices/groups/_add.html", context, title=_("Add members"))


def _add(request: Any, group: Group, found: groups.Found) -> HttpResponse:
    rows = AutopilotDevice.objects.of(request.tenant).filter(pk__in=[row.pk for row in found.devices])
    added = groups.add_members(
        tenant=request.tenant, actor=actor_of(request), group=group, devices=rows, now=timezone.now()
    )
    sentence = ngettext("%(count)d device was added.", "%(count)d devices were added.", added)
    messages.success(request, sentence % {"count": added})
    return go_to(request, detail_url(request, group.pk))


@require_POST
@needs("groups.manage")
def group_remove(request: Any, pk: UUID) -> HttpResponse:
    """Take the selected members out of a group."""
    group = fetch(Group.objects.of(request.tenant), pk=pk)
    rows = GroupMembers.selected(request)
    if not is_confirmed(request):
        count = rows.count()
        context = {
            "intro": _("The devices stay registered; a profile they have through this group may change."),
            "submit": _("Remove %(count)d") % {"count": count},
            "tone": "danger",
        }
        title, template = _("Remove members"), "ui/dialog.html"
        return render_dialog(request, template, context, title=title, blade=GroupMembers, count=count)
    removed = groups.remove_members(
        tenant=request.tenant,
        actor=actor_of(request),
        group=group,
        entra_device_ids=list(rows.values_list("pk", flat=True)),
        now=timezone.now(),
    )
    sentence = ngettext("%(count)d member was removed.", "%(count)d members were removed.", removed)
    messages.success(request, sentence % {"count": removed})
    return go_to(request, detail_url(request, pk))


@require_POST
@needs("groups.manage")
def add_to_group(request: Any) -> HttpResponse:
    """Add the devices selected in *Windows Autopilot devices* to an assigned group."""
    rows = AutopilotDevices.selected(request)
    form = PickGroupForm(request.POST if is_confirmed(request) else None, tenant=request.tenant)
    if is_confirmed(request) and form.is_valid():
        group = form.cleaned_data["group"]
        added = groups.add_members(
            tenant=request.tenant, actor=actor_of(request), group=group, devices=rows, now=timezone.now()
        )
        sentence = ngettext(
            "%(count)d device was added to “%(name)s”.", "%(count)d devices were added to “%(name)s”.", added
        )
        messages.success(request, sentence % {"count": added, "name": group.name})
        return go_to(request, detail_url(request, group.pk))
    count = rows.count()
    context = {"form": form, "submit": _("Add %(count)d") % {"count": count}}
    title, template = _("Add to group"), "ui/dialog.html"
    return render_dialog(request, template, context, title=title, blade=AutopilotDevices, count=count)
