"""*Deployment profiles*: the list, the form with its live preview, and deletion."""

import contextlib
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import OuterRef, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from devices.filters.profiles import ProfileFilters
from devices.forms.profiles import ProfileForm
from devices.models import AutopilotDevice, DeploymentProfile, ProfileAssignment
from devices.services.profiles import names, profiles, what_if
from devices.tables.profiles import ProfileTable
from devices.views.groups import counted
from portal.errors import Refused
from portal.ui.commands import Command
from portal.ui.list_blade import ListBlade
from portal.ui.panels import go_to, is_confirmed, render_dialog
from portal.ui.search import SearchTooSlow, time_limit
from tenants.access import actor_of, fetch, needs
from tenants.permissions import missing

TRAIL = (
    gettext_lazy("Devices"),
    gettext_lazy("Enrollment"),
    gettext_lazy("Windows"),
    gettext_lazy("Windows Autopilot"),
    (gettext_lazy("Deployment profiles"), "devices:deployment_profiles"),
)

WITHOUT = "without"


class DeploymentProfiles(ListBlade):
    """The tenant's profiles."""

    permission = "profiles.read"
    title = gettext_lazy("Deployment profiles")
    breadcrumb = TRAIL
    noun = (gettext_lazy("profile"), gettext_lazy("profiles"))
    url_name = "devices:deployment_profiles"
    object_url_name = "devices:profile_detail"
    opens = "page"
    table_class = ProfileTable
    filterset_class = ProfileFilters
    search_lookups = ("display_name__icontains", "description__icontains")
    search_placeholder = gettext_lazy("Search by name or description")
    default_sort = "created_at"
    commands = (
        Command(
            gettext_lazy("Create profile"), "devices:profile_new", "plus", "profiles.create", opens="page"
        ),
        "filter",
        "export",
        "refresh",
        "columns",
    )
    intro_template = "devices/profiles/_list_intro.html"
    empty_title = gettext_lazy("No deployment profiles yet")
    empty_text = gettext_lazy(
        "A device without a profile still goes through Autopilot, with the built-in default: nothing "
        "hidden, user-driven, administrator account."
    )

    def get_queryset(self) -> QuerySet[DeploymentProfile]:
        """Profiles with their numbers of groups and devices."""
        rows: QuerySet[DeploymentProfile] = DeploymentProfile.objects.of(self.request.tenant)  # type: ignore[attr-defined]
        devices = AutopilotDevice.unscoped.filter(removed_at=None)
        included = ProfileAssignment.objects.filter(kind=ProfileAssignment.Kind.INCLUDE)
        return rows.annotate(
            group_count=counted(included, profile=OuterRef("pk")),
            device_count=counted(devices, assigned_profile=OuterRef("pk")),
        )


@require_http_methods(["GET", "HEAD", "POST"])
@needs("profiles.create")
def profile_new(request: Any) -> HttpResponse:
    """Create a profile."""
    form = ProfileForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = profiles.create(
                tenant=request.tenant, actor=actor_of(request), values=form.values(), now=timezone.now()
            )
            messages.success(request, _("The profile was created. Now assign it to groups."))
            return go_to(request, address(request, "devices:profile_assignments", made.pk))
        except Refused as refusal:
            form.refuse(refusal)
    context = {
        "form": form,
        "title": _("Create profile"),
        "breadcrumb": (*TRAIL, _("Create profile")),
        "preview": preview_of(form),
    }
    return render(request, "devices/profiles/new.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("profiles.read")
def profile_detail(request: Any, pk: UUID) -> HttpResponse:
    """A profile's settings; who may update it edits them here."""
    profile = fetch(DeploymentProfile.objects.of(request.tenant), pk=pk)
    form = ProfileForm.of(profile, request.POST or None)
    if request.method == "POST":
        response = _save(request, profile, form)
        if response is not None:
            return response
    context = {
        **profile_context(request, profile, "properties"),
        "form": form,
        "preview": preview_of(form),
        "may_update": "profiles.update" in request.permissions,
    }
    return render(request, "devices/profiles/detail.html", context, status=422 if form.errors else 200)


def _save(request: Any, profile: DeploymentProfile, form: ProfileForm) -> HttpResponse | None:
    """Saving needs a permission of its own; None shows the form again."""
    if "profiles.update" not in request.permissions:
        raise missing("profiles.update")
    if not form.is_valid():
        return None
    try:
        profiles.update(
            tenant=request.tenant,
            actor=actor_of(request),
            profile=profile,
            values=form.values(),
            revision=form.cleaned_data["revision"] or 0,
            now=timezone.now(),
        )
    except profiles.BadSetting as refusal:
        form.refuse(refusal)
        return None
    messages.success(request, _("The profile was saved. Devices take it at their next set-up."))
    return go_to(request, address(request, "devices:profile_detail", profile.pk))


@require_POST
@needs("profiles.read")
def profile_settings(request: Any) -> HttpResponse:
    """The settings again, as the chosen mode dims them, with a new preview of the name."""
    form = ProfileForm(initial=_typed(request))
    context = {"form": form, "preview": preview_of(form), "may_update": True}
    return render(request, "devices/profiles/_settings.html", context)


@require_POST
@needs("profiles.read")
def profile_name_preview(request: Any) -> HttpResponse:
    """An example of the names the typed template makes, or what is wrong with it."""
    template = request.POST.get("device_name_template", "").strip()[:200]
    return render(request, "devices/profiles/_name_preview.html", {"preview": _preview(template)})


def _typed(request: Any) -> dict[str, Any]:
    """What stands in the form, without judging it."""
    posted = {name: request.POST[name] for name in ProfileForm.base_fields if name in request.POST}
    words = {"True": True, "False": False}
    return {name: words.get(value, value) for name, value in posted.items()}


def preview_of(form: ProfileForm) -> dict[str, str]:
    """The preview of the template as it stands in a form."""
    return _preview(str(form["device_name_template"].value() or "").strip())


def _preview(template: str) -> dict[str, str]:
    try:
        return {"name": names.preview(template)} if template else {}
    except names.BadTemplate as refusal:
        return {"problem": str(refusal)}


@require_http_methods(["GET", "HEAD", "POST"])
@needs("profiles.delete")
def profile_delete(request: Any, pk: UUID) -> HttpResponse:
    """Delete a profile that nothing is assigned to."""
    profile = fetch(DeploymentProfile.objects.of(request.tenant), pk=pk)
    if is_confirmed(request):
        profiles.delete(tenant=request.tenant, actor=actor_of(request), profile=profile)
        messages.success(request, _("The profile “%(name)s” was deleted.") % {"name": profile.display_name})
        return go_to(request, DeploymentProfiles(request).list_url)
    if request.GET.get("fragment") == WITHOUT:
        return render(request, "devices/profiles/_without.html", {"pairs": _pairs_without(profile)})
    blockers = profiles.blocked_by(profile)
    is_later = bool(getattr(request, "htmx", False))
    context = {
        "profile": profile,
        "blockers": blockers,
        "pairs": _pairs_without(profile) if blockers and not is_later else [],
        "pairs_url": f"{request.path}?fragment={WITHOUT}" if is_later else "",
        "tone": "danger",
        "submit": _("Delete"),
        "list_url": address(request, "devices:profile_detail", pk),
    }
    return render_dialog(request, "devices/profiles/_delete.html", context, title=_("Delete profile"))


def _pairs_without(profile: DeploymentProfile) -> list[what_if.Pair]:
    """Which profiles the devices would get without this one's assignments; empty where it takes too long."""
    with contextlib.suppress(SearchTooSlow), time_limit(True):
        found = what_if.of_assignments(profile=profile, include=[], exclude=[], is_for_all_devices=False)
        return found.pairs()
    return []


def profile_context(request: Any, profile: DeploymentProfile, tab: str) -> dict[str, Any]:
    """Title, trail and tabs of a profile's pages."""
    words = {
        "properties": (_("Properties"), "devices:profile_detail"),
        "assignments": (_("Assignments"), "devices:profile_assignments"),
        "devices": (_("Assigned devices"), "devices:profile_devices"),
    }
    tabs = [(label, address(request, name, profile.pk), word == tab) for word, (label, name) in words.items()]
    return {
        "profile": profile,
        "tabs": tabs,
        "title": profile.display_name,
        "breadcrumb": (*TRAIL, profile.display_name),
    }


def address(request: Any, name: str, pk: Any) -> str:
    """A page of one profile."""
    return reverse(name, kwargs={"tenant_slug": request.tenant.slug, "pk": pk})
