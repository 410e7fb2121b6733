"""Commands on selected Autopilot devices: each previews, then runs as a job."""

import contextlib
from collections.abc import Callable
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from devices.forms.autopilot_devices import AssignProfileForm, AssignUserForm, GroupTagForm
from devices.services.autopilot import bulk, users
from devices.services.profiles import direct, profiles
from devices.views.autopilot_devices import AutopilotDevices
from devices.views.what_if import respond
from portal.errors import Refused
from portal.ui.forms import KitForm, one_time_key
from portal.ui.panels import go_to, is_confirmed, render_dialog
from portal.ui.search import SearchTooSlow, time_limit
from portal.ui.selection import BadSelection
from tenants.access import actor_of, needs
from tenants.models import Job

FOLDER = "devices/autopilot_devices"
WHAT_IF_SECONDS = 15.0
Preview = Callable[[Any, dict[str, Any]], dict[str, Any]]


def job_address(job: Job) -> str:
    """The page where a job's progress and results are."""
    return reverse("tenants:job", kwargs={"tenant_slug": job.tenant.slug, "pk": job.pk})


def _start(request: HttpRequest, kind: str, rows: Any, arguments: dict[str, Any]) -> HttpResponse:
    job = bulk.start(
        tenant=request.tenant,  # type: ignore[attr-defined]
        actor=actor_of(request),
        kind=kind,
        rows=rows,
        arguments=arguments,
        dedupe_key=one_time_key(request),
    )
    return go_to(request, job_address(job))


def _in_two_steps(
    request: HttpRequest, *, kind: str, title: str, template: str, form: KitForm, preview: Preview
) -> HttpResponse:
    """Fill in, look at what it would do, confirm; values changed after the look are looked at again."""
    rows = AutopilotDevices.selected(request)
    count = rows.order_by().count()
    context: dict[str, Any] = {"form": form, "count": count, "submit": _("Preview")}
    if is_confirmed(request) and form.is_valid():
        try:
            context |= preview(rows, form.cleaned_data)
        except Refused as refusal:
            form.add_error(refusal.context.get("field"), str(refusal))
        else:
            stamp = repr(sorted(form.cleaned_data.items()))
            if request.POST.get("reviewed") == stamp:
                return _start(request, kind, rows, form.cleaned_data)
            context |= {"reviewed": stamp, "submit": title}
    template = f"{FOLDER}/{template}"
    return render_dialog(request, template, context, title=title, blade=AutopilotDevices, count=count)


@needs("devices.update")
@require_POST
def edit_group_tag(request: HttpRequest) -> HttpResponse:
    """Set, put in front, put behind or clear the tag of the selected devices."""
    form = GroupTagForm(request.POST if is_confirmed(request) else None)

    def preview(rows: Any, values: dict[str, Any]) -> dict[str, Any]:
        found = bulk.preview_tags(rows=rows, **values)
        return {"preview": found, "pairs": _pairs(request, rows, values), "values": values}

    return _in_two_steps(
        request,
        kind="edit_group_tag",
        title=_("Edit group tag"),
        template="_edit_group_tag.html",
        form=form,
        preview=preview,
    )


def _pairs(request: Any, rows: Any, values: dict[str, Any]) -> Any:
    """Which profiles the tags would move; None where it takes too long, which stops nobody."""
    with contextlib.suppress(SearchTooSlow), time_limit(True, WHAT_IF_SECONDS):
        return bulk.what_if_tags(tenant=request.tenant, rows=rows, **values).pairs()
    return None


@needs("devices.update")
@require_POST
def edit_group_tag_what_if(request: HttpRequest) -> HttpResponseBase:
    """Each device whose profile the tags in the dialog would move."""
    rows, form = AutopilotDevices.selected(request), GroupTagForm(request.POST)
    if not form.is_valid():
        raise BadSelection(" ".join(str(error) for errors in form.errors.values() for error in errors))
    moved = bulk.what_if_tags(tenant=request.tenant, rows=rows, **form.cleaned_data)  # type: ignore[attr-defined]
    words = dict(form.fields["operation"].choices)  # type: ignore[attr-defined]
    sentence = _("Edit group tag, %(operation)s “%(text)s”:")
    values = {"operation": words[form.cleaned_data["operation"]], "text": form.cleaned_data["text"]}
    back = AutopilotDevices(request, QueryDict()).list_url
    return respond(request, moved, intro=sentence % values, back=back)


@needs("devices.update")
@require_POST
def assign_user(request: HttpRequest) -> HttpResponse:
    """Assign one licensed user to the selected devices."""
    form = AssignUserForm(request.POST if is_confirmed(request) else None)

    def preview(rows: Any, values: dict[str, Any]) -> dict[str, Any]:
        try:
            user = users.licensed(tenant=request.tenant, upn=values["upn"])  # type: ignore[attr-defined]
        except Refused as refusal:
            refusal.context["field"] = "upn"
            raise
        counts = bulk.preview_users(rows=rows, upn=user.user_principal_name)
        others = counts["total"] - counts["same"] - counts["none"]
        greeting = values["friendly_name"] or user.display_name
        return {"licensed": user, "greeting": greeting, "others": others, **counts}

    return _in_two_steps(
        request,
        kind="assign_user",
        title=_("Assign user"),
        template="_assign_user.html",
        form=form,
        preview=preview,
    )


@needs("profiles.assign")
@require_POST
def assign_profile(request: HttpRequest) -> HttpResponse:
    """Put the selected devices into a profile's direct group."""
    tenant = request.tenant  # type: ignore[attr-defined]
    form = AssignProfileForm(_with_default_choice(request) if is_confirmed(request) else None, tenant=tenant)

    def preview(rows: Any, values: dict[str, Any]) -> dict[str, Any]:
        profile = profiles.named(tenant=tenant, pk=values["profile"])
        ids = list(rows.order_by().values_list("pk", flat=True))
        found = direct.preview(tenant=tenant, profile=profile, device_ids=ids)
        return {"preview": found, "profile": profile}

    return _in_two_steps(
        request,
        kind="assign_profile",
        title=_("Assign profile"),
        template="_assign_profile.html",
        form=form,
        preview=preview,
    )


def _with_default_choice(request: HttpRequest) -> Any:
    """The posted values; the choice about older profiles appears only with the preview."""
    sent = request.POST.copy()
    sent.setdefault("older", direct.SKIP)
    return sent


def _confirm(
    request: HttpRequest, *, kind: str, title: str, intro: Callable[[Any], tuple[str, bool]]
) -> HttpResponse:
    """One sentence and a button; no button where the sentence says that nothing would change."""
    rows = AutopilotDevices.selected(request)
    if is_confirmed(request):
        return _start(request, kind, rows, {})
    sentence, has_effect = intro(rows)
    context = {"intro": sentence, "has_effect": has_effect}
    return render_dialog(request, f"{FOLDER}/_confirm.html", context, title=title, blade=AutopilotDevices)


@needs("devices.update")
@require_POST
def unassign_user(request: HttpRequest) -> HttpResponse:
    """Take the user from the selected devices."""

    def intro(rows: Any) -> tuple[str, bool]:
        counts = bulk.preview_users(rows=rows)
        held = counts["total"] - counts["none"]
        sentence = ngettext(
            "The user is taken from %(held)s device. Its next user is asked to sign in.",
            "The user is taken from %(held)s devices. Their next users are asked to sign in.",
            held,
        )
        if not held:
            sentence = ngettext(
                "The device has no user.",
                "None of the %(total)s selected devices has a user.",
                counts["total"],
            )
        return sentence % {"held": intcomma(held), "total": intcomma(counts["total"])}, held > 0

    return _confirm(request, kind="unassign_user", title=_("Unassign user"), intro=intro)


@needs("profiles.assign")
@require_POST
def unassign_profile(request: HttpRequest) -> HttpResponse:
    """Take the selected devices out of their direct group."""

    def intro(rows: Any) -> tuple[str, bool]:
        sentence = _(
            "The devices leave the group a profile was assigned to them with. Profiles that reach them "
            "through other groups stay."
        )
        return sentence, True

    return _confirm(request, kind="unassign_profile", title=_("Unassign profile"), intro=intro)


@needs("devices.update")
@require_POST
def unblock(request: HttpRequest) -> HttpResponse:
    """Let blocked devices enroll without a user once more."""

    def intro(rows: Any) -> tuple[str, bool]:
        counts = bulk.preview_users(rows=rows)
        blocked, total = counts["blocked"], counts["total"]
        sentence = ngettext(
            "The device may enroll without a user (self-deploying or pre-provisioned) once more.",
            "%(blocked)s of %(total)s selected devices are blocked. They may enroll without a user "
            "(self-deploying or pre-provisioned) once more; the others stay as they are.",
            total,
        )
        if not blocked:
            sentence = ngettext(
                "The device is not blocked.", "None of the %(total)s selected devices is blocked.", total
            )
        return sentence % {"blocked": intcomma(blocked), "total": intcomma(total)}, blocked > 0

    return _confirm(request, kind="unblock", title=_("Unblock device"), intro=intro)
