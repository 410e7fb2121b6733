"""Flyouts and dialogs: a fragment under htmx, a whole page without it."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _

from portal.ui.forms import one_time_key
from portal.ui.list_blade import ListBlade
from portal.ui.selection import NothingSelected, Selection, selection_of


def is_confirmed(request: HttpRequest) -> bool:
    """Whether the dialog's own button was pressed (its form carries step=confirm)."""
    return request.method == "POST" and request.POST.get("step") == "confirm"


def go_to(request: HttpRequest, url: str) -> HttpResponse:
    """Send the person to a page: a redirect, under htmx as HX-Redirect."""
    if getattr(request, "htmx", False):
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    return HttpResponseRedirect(url)


def render_flyout(
    request: HttpRequest,
    blade_class: type[ListBlade],
    template: str,
    context: dict[str, Any],
    *,
    title: Any,
    status: int = 200,
) -> HttpResponse:
    """An object's flyout; a direct visit gets the list page, as it was, with the flyout open."""
    blade = blade_class.behind(request)
    panel = render_to_string(template, {"title": title, "list_url": blade.current_url, **context}, request)
    if getattr(request, "htmx", False):
        return _varied(HttpResponse(panel, status=status))
    blade.flyout = panel
    page = {**blade.context(), "page_title": title}
    return _varied(render(request, blade.page_template, page, status=status))


def render_dialog(
    request: HttpRequest,
    template: str,
    context: dict[str, Any],
    *,
    title: Any,
    blade: type[ListBlade] | None = None,
    count: int | None = None,
    status: int = 200,
) -> HttpResponse:
    """A command's dialog; without htmx a page with the same form, which then answers in that page.

    With `blade` the dialog carries the selection on; raises NothingSelected, also where `count`, the
    number of its rows that are still there, is zero.
    """
    if count == 0:
        raise NothingSelected(_("Nothing of what you selected is in this list any more. Refresh it."))
    selection = selection_of(request) if blade is not None else Selection()
    back = blade(request, QueryDict()).list_url if blade is not None else ""
    full = {
        "title": title,
        "selection": selection,
        "action": request.path,
        "target": _target(request),
        "one_time_key": one_time_key(request),
        "list_url": back,
        **context,
    }
    panel = render_to_string(template, full, request)
    form = context.get("form")
    if form is not None and form.is_bound and form.errors:
        status = 422
    if getattr(request, "htmx", False):
        return _varied(HttpResponse(panel, status=status))
    return _varied(render(request, "ui/panel_page.html", {**full, "panel": panel}, status=status))


def _target(request: HttpRequest) -> str:
    """The id of what holds the form: the dialog, or the page that a direct visit got."""
    htmx: Any = getattr(request, "htmx", False)
    return "dialog" if htmx and htmx.target != "panel" else "panel"


def _varied(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response
