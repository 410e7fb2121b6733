"""The page that makes or changes a group, with the tester of its rule."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from devices.forms.groups import GroupEditForm, GroupForm, RuleForm, lines
from devices.models import Group
from devices.services.directory import groups
from devices.services.profiles import trying, what_if
from devices.services.profiles.rules.errors import BadRule
from devices.services.profiles.rules.templates import TEMPLATES
from devices.views.groups import Groups, detail_url
from devices.views.what_if import is_asked_for, respond
from portal.errors import Refused
from portal.ui.panels import go_to, is_confirmed
from portal.ui.search import SearchTooSlow, time_limit
from tenants.access import actor_of, fetch, needs

TRYING_SECONDS = 8.0


@require_http_methods(["GET", "HEAD", "POST"])
@needs("groups.manage")
def group_new(request: Any) -> HttpResponse:
    """Make a group."""
    data, initial = _given(request)
    form = GroupForm(data, initial=initial)
    if is_confirmed(request) and form.is_valid():
        try:
            made, job = groups.create(
                tenant=request.tenant, actor=actor_of(request), now=timezone.now(), **form.values()
            )
            _say(request, job, _("The group “%(name)s” was created.") % {"name": made.name})
            return go_to(request, detail_url(request, made.pk))
        except Refused as refusal:
            form.refuse(refusal)
    context = {"title": _("New group"), "submit": _("Create"), "back": Groups(request).list_url}
    return _editor(request, form, None, context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("groups.manage")
def group_edit(request: Any, pk: UUID) -> HttpResponseBase:
    """Rename or describe a group, or change its rule."""
    group = fetch(Group.objects.of(request.tenant), pk=pk)
    data, initial = _given(request)
    form = GroupEditForm(data, group=group, typed=initial)
    if is_confirmed(request) and form.is_valid():
        try:
            _group, job = groups.update(
                tenant=request.tenant,
                actor=actor_of(request),
                group=group,
                revision=form.cleaned_data["revision"],
                now=timezone.now(),
                **form.values(),
            )
            _say(request, job, _("The group was saved."))
            return go_to(request, detail_url(request, pk))
        except Refused as refusal:
            form.refuse(refusal)
    if is_asked_for(request) and "rule_text" in form.fields:
        return _every_device(request, form, group)
    context = {"title": group.name, "submit": _("Save"), "back": detail_url(request, pk)}
    return _editor(request, form, group, context)


def _given(request: Any) -> tuple[Any, dict[str, Any]]:
    """The data of a form to save, or what was typed so far (a ready rule in its place, if chosen)."""
    if is_confirmed(request):
        return request.POST, {}
    typed = {name: request.POST[name] for name in GroupForm.base_fields if name in request.POST}
    if "revision" in request.POST:
        typed["revision"] = request.POST["revision"]
    chosen = [each.text for each in TEMPLATES if each.word == request.POST.get("template")]
    return None, {**typed, **({"rule_text": chosen[0]} if chosen else {})}


def _say(request: Any, job: Any, sentence: str) -> None:
    later = _("Its rule is evaluated in the background.")
    messages.success(request, f"{sentence} {later}" if job else sentence)


def _editor(request: Any, form: RuleForm, group: Group | None, context: dict[str, Any]) -> HttpResponse:
    """The page; under htmx only what the rule would do, which a page just opened asks for next."""
    is_tried = "rule_text" in form.fields and request.method == "POST"
    trail: tuple[Any, ...] = (
        ((group.name, detail_url(request, group.pk)), _("Edit")) if group else (_("New group"),)
    )
    full = {
        **context,
        "breadcrumb": (_("Directory"), (_("Groups"), "devices:groups"), *trail),
        "form": form,
        "group": group,
        "templates": TEMPLATES,
        **(_tried(request, form, group) if is_tried else {}),
    }
    is_part = getattr(request, "htmx", False) and not is_confirmed(request)
    page = "devices/groups/_tester.html" if is_part else "devices/groups/editor.html"
    return render(request, page, full, status=422 if form.errors else 200)


def _every_device(request: Any, form: RuleForm, group: Group) -> HttpResponseBase:
    """Each device that would get another profile with this rule; a rule with a fault stays on the page."""
    try:
        moved = what_if.of_rule(group=group, text=_typed(form))
    except BadRule:
        context = {"title": group.name, "submit": _("Save"), "back": detail_url(request, group.pk)}
        return _editor(request, form, group, context)
    intro = _("With this rule of “%(name)s”:") % {"name": group.name}
    return respond(request, moved, intro=intro, back=detail_url(request, group.pk))


def _typed(form: RuleForm) -> str:
    return lines(str(form["rule_text"].value() or "")).strip()


def _tried(request: Any, form: RuleForm, group: Group | None) -> dict[str, Any]:
    """What the rule in the form takes and moves, or what is wrong with it."""
    text = _typed(form)
    if not text:
        return {}
    name = str(form["device"].value() or "").replace("\0", "")[:255]
    try:
        with time_limit(True, TRYING_SECONDS):
            taken = trying.take(tenant=request.tenant, text=text, group=group)
            is_moving = group is not None and bool(taken.entering or taken.leaving)
            return {
                "taken": taken,
                "device": name,
                "tried": trying.why(tenant=request.tenant, text=text, name=name),
                "pairs": what_if.of_rule(group=group, text=text).pairs() if group and is_moving else [],
            }
    except BadRule as refusal:
        return {"problem": refusal.context}
    except SearchTooSlow:
        return {"too_slow": True}
