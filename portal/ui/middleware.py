"""Refusals become pages or htmx fragments here, and nowhere else; time zone, address, no copies."""

import ipaddress
import re
import zoneinfo
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.errors import Refused
from portal.outages import DatabaseAway, as_refusal
from portal.ui.away import away

GetResponse = Callable[[HttpRequest], HttpResponse]

IMPERSONAL = ("/healthz", "/readyz")  # they answer without a database, whoever asks
TITLES = {
    403: gettext_lazy("You do not have access"),
    404: gettext_lazy("Page not found"),
    409: gettext_lazy("Something changed meanwhile"),
    413: gettext_lazy("Too much at once"),
    503: gettext_lazy("Not available right now"),
}


class RefusalMiddleware:
    """Answers a Refused raised by a view with its message and status."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """The refusal as a page or fragment; every other exception goes its way."""
        refused = error if isinstance(error, Refused) else as_refusal(error)
        return None if refused is None else answer(request, refused)


class ClientAddressMiddleware:
    """Behind proxies, the visitor's own address: sign-in limits and the audit log are told apart by it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        seen = request.headers.get("X-Forwarded-For", "").split(",")
        if 0 < settings.TRUSTED_PROXIES <= len(seen):
            address = _address(seen[-settings.TRUSTED_PROXIES].strip())
            request.META["REMOTE_ADDR"] = address or request.META.get("REMOTE_ADDR", "")
        return self.get_response(request)


def _address(text: str) -> str:
    """An IP address as it is stored, without a port; empty for anything else."""
    found = re.fullmatch(r"\[([^%]*)\](?::\d+)?|([^:]*):\d+|([^%]*)", text)
    try:
        return str(ipaddress.ip_address(found[found.lastindex or 0] if found else ""))
    except ValueError:
        return ""


class NoStoreMiddleware:
    """No cache keeps a page: whoever comes to the machine next, or a proxy, has no copy to show."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        return response


class TimeZoneMiddleware:
    """Activates the signed-in person's time zone for display and date filters."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        is_personal = request.path not in IMPERSONAL
        name = getattr(getattr(request, "user", None), "time_zone", "") if is_personal else ""
        with timezone.override(_zone(name)):
            return self.get_response(request)


def _zone(name: str) -> Any:
    try:
        return zoneinfo.ZoneInfo(name) if name else None
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return None


def answer(request: HttpRequest, refused: Refused) -> HttpResponse:
    """A refusal in its own words, with the time to wait where it names one."""
    if isinstance(refused, DatabaseAway):
        response = away(request, refused)
        response = _as_toast(response) if getattr(request, "htmx", False) else response
    else:
        response = refusal(request, str(refused), status=refused.status, context={"refusal": refused})
    if "retry_after" in refused.context:
        response["Retry-After"] = str(refused.context["retry_after"])
    return response


def refusal(
    request: HttpRequest, sentence: str, *, status: int, context: dict[str, Any] | None = None
) -> HttpResponse:
    """A sentence as a whole page, or under htmx as a toast that leaves the page as it is."""
    title = TITLES.get(status, _("That did not work"))
    full = {"title": title, "sentence": sentence, "status": status, **(context or {})}
    if getattr(request, "htmx", False):
        return _as_toast(render(request, "ui/_toast.html", {**full, "tone": "danger"}, status=status))
    return render(request, "portal/error.html", full, status=status)


def _as_toast(response: HttpResponse) -> HttpResponse:
    response["HX-Retarget"] = "#toasts"
    response["HX-Reswap"] = "beforeend"
    response["HX-Push-Url"] = "false"
    return response
