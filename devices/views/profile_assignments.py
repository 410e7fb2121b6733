"""A profile's tabs *Assignments* and *Assigned devices*."""

import contextlib
from functools import cached_property
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from devices.forms.profiles import AssignmentForm
from devices.models import AutopilotDevice, DeploymentProfile
from devices.services.profiles import assigning, conflicts, what_if
from devices.tables.profiles import ProfileDeviceTable
from devices.views.nested import NestedBlade
from devices.views.profiles import address, profile_context
from devices.views.what_if import DOWNLOAD, LIST, is_asked_for, respond
from portal.errors import Refused
from portal.ui.panels import go_to
from portal.ui.search import SearchTooSlow, time_limit
from tenants.access import actor_of, fetch, needs
from tenants.permissions import missing

LOOKS = ("try", LIST, DOWNLOAD)
LOOK_SECONDS = 10.0


@require_http_methods(["GET", "HEAD", "POST"])
@needs("profiles.read")
def profile_assignments(request: Any, pk: UUID) -> HttpResponseBase:
    """All devices, or included and excluded groups; who may assign changes them here."""
    profile = fetch(DeploymentProfile.objects.of(request.tenant), pk=pk)
    form = AssignmentForm(request.POST or None, profile=profile)
    looked: dict[str, Any] = {}
    if request.method == "POST" and request.POST.get("step") in LOOKS:
        looked = _what_if(request, profile, form)
        if "response" in looked:
            return looked["response"]
    elif request.method == "POST":
        response = _save(request, profile, form)
        if response is not None:
            return response
    context = {
        **looked,
        **profile_context(request, profile, "assignments"),
        "form": form,
        "links": profile.assignments.select_related("group").order_by("kind", "group__name"),
        "may_assign": "profiles.assign" in request.permissions,
    }
    return render(request, "devices/profiles/assignments.html", context, status=422 if form.errors else 200)


def _what_if(request: Any, profile: DeploymentProfile, form: AssignmentForm) -> dict[str, Any]:
    """What saving would do and what to know before; a response where more than the page was asked for."""
    if "profiles.assign" not in request.permissions:
        raise missing("profiles.assign")
    if not form.is_valid():
        return {}
    chosen = form.chosen()
    kept = chosen if not chosen["is_for_all_devices"] else {**chosen, "include": [], "exclude": []}
    moved = what_if.of_assignments(profile=profile, **kept)
    if is_asked_for(request):
        intro = _("With these assignments of “%(name)s”:") % {"name": profile.display_name}
        back = address(request, "devices:profile_assignments", profile.pk)
        return {"response": respond(request, moved, intro=intro, back=back)}
    found: dict[str, Any] = {"is_too_slow": True}
    with contextlib.suppress(SearchTooSlow), time_limit(True, LOOK_SECONDS):
        found = {"pairs": moved.pairs(), "warnings": conflicts.warn(profile=profile, **chosen)}
    if getattr(request, "htmx", False):
        return {"response": render(request, "devices/profiles/_assignments_what_if.html", found)}
    return found


def _save(request: Any, profile: DeploymentProfile, form: AssignmentForm) -> HttpResponse | None:
    """Assigning needs a permission of its own; None shows the form again."""
    if "profiles.assign" not in request.permissions:
        raise missing("profiles.assign")
    if not form.is_valid():
        return None
    chosen = form.chosen()
    is_all = chosen["is_for_all_devices"]
    try:
        job = assigning.assign(
            tenant=request.tenant,
            actor=actor_of(request),
            profile=profile,
            include=[] if is_all else chosen["include"],
            exclude=[] if is_all else chosen["exclude"],
            is_for_all_devices=is_all,
            revision=form.cleaned_data["revision"],
            now=timezone.now(),
        )
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return None
    done = _("The assignments were saved.")
    later = _("The assignments were saved; the devices follow in the background.")
    messages.success(request, later if job else done)
    return go_to(request, address(request, "devices:profile_assignments", profile.pk))


class ProfileDevices(NestedBlade):
    """The Autopilot devices that have this profile."""

    permission = "profiles.read"
    noun = (gettext_lazy("device"), gettext_lazy("devices"))
    url_name = "devices:profile_devices"
    object_url_name = "devices:autopilot_device"
    opens = "page"
    table_class = ProfileDeviceTable
    search_column = "search"
    search_prefix = "serial_number"
    search_placeholder = gettext_lazy("Search by serial number, model, tag or user")
    default_sort = "serial_number"
    intro_template = "devices/profiles/_intro.html"
    empty_title = gettext_lazy("No device has this profile")
    empty_text = gettext_lazy("Devices of the included groups get it unless an older profile wins.")
    export_name = "profile-devices"

    @cached_property
    def parent(self) -> DeploymentProfile:
        """The profile of the address."""
        rows = DeploymentProfile.objects.of(self.request.tenant)  # type: ignore[attr-defined]
        profile: DeploymentProfile = fetch(rows, pk=self.key)
        return profile

    @cached_property
    def title(self) -> str:
        """The profile's name."""
        return self.parent.display_name

    @cached_property
    def bar(self) -> list[Any]:
        """The profile's command and the kit's."""
        delete = self.command(_("Delete"), "devices:profile_delete", "trash", "profiles.delete")
        return [*delete, *self.kit("export", "refresh", "columns")]

    def get_queryset(self) -> QuerySet[AutopilotDevice]:
        """Live devices with the profile."""
        rows = AutopilotDevice.objects.of(self.request.tenant).live()  # type: ignore[attr-defined]
        devices: QuerySet[AutopilotDevice] = rows.filter(assigned_profile=self.parent)
        return devices.select_related("profile_reason_group")

    def get_context(self) -> dict[str, Any]:
        """Tabs and trail."""
        return profile_context(self.request, self.parent, "devices")
