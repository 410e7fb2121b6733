"""What is shown while the database is away: rendered without asking it, keeping what was sent."""

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from portal.outages import DatabaseAway
from portal.ui.context import THEME_COOKIE, THEMES

Sent = list[tuple[str, str]]


def away(request: HttpRequest, refused: DatabaseAway) -> HttpResponse:
    """The page that tries again or offers to send again; under htmx the words of a toast."""
    is_read = request.method in ("GET", "HEAD")
    is_fragment = bool(getattr(request, "htmx", False))
    theme = request.COOKIES.get(THEME_COOKIE)
    context = {
        "title": _("Back in a moment"),
        "sentence": str(refused),
        "status": refused.status,
        "is_read": is_read,
        "wait": refused.context["retry_after"],
        "address": request.get_full_path(),
        "sent": [] if is_read or is_fragment else _sent(request),
        "theme": theme if theme in THEMES else "system",
    }
    template = "ui/_away.html" if is_fragment else "portal/away.html"
    response = HttpResponse(render_to_string(template, context), status=refused.status)
    response["Cache-Control"] = "no-store"
    return response


def _sent(request: HttpRequest) -> Sent:
    """The posted values, its protection token among them; none where a file or a password would be lacking.

    Read to the end even so: a browser that is still sending would see no answer.
    """
    try:
        values, files = request.POST, request.FILES
    except (SuspiciousOperation, MultiPartParserError, OSError):
        return []
    if files or any("password" in name for name in values):
        return []
    return [(name, value) for name, several in values.lists() for value in several]
