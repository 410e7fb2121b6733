"""Refusals become pages or htmx fragments here, and nowhere else; time zone, address, no copies."""

import ipaddress
import re
import zoneinfo
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from redis import RedisError

from portal.errors import Conflict, Refused

GetResponse = Callable[[HttpRequest], HttpResponse]

DEADLOCK = "40P01"

TITLES = {
    403: _("You do not have access"),
    404: _("Page not found"),
    409: _("Something changed meanwhile"),
    413: _("Too much at once"),
    503: _("Not available right now"),
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
        if refused is None:
            return None
        return refusal(request, str(refused), status=refused.status, context={"refusal": refused})


class Unavailable(Refused):
    """A part of the installation does not answer."""

    code = "unavailable"
    status = 503


def as_refusal(error: Exception) -> Refused | None:
    """The faults that pass by themselves: two people at the same rows, and a broker that is away."""
    if isinstance(error, OperationalError) and getattr(error.__cause__, "sqlstate", "") == DEADLOCK:
        sentence = _("Somebody changed the same objects at the same moment. Nothing was saved; try again.")
        return Conflict(sentence, code="busy")
    if isinstance(error, RedisError):
        return Unavailable(_("A part of Hangar does not answer right now. Try again in a minute."))
    return None


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
        name = getattr(getattr(request, "user", None), "time_zone", "")
        with timezone.override(_zone(name)):
            return self.get_response(request)


def _zone(name: str) -> Any:
    try:
        return zoneinfo.ZoneInfo(name) if name else None
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return None


def refusal(
    request: HttpRequest, sentence: str, *, status: int, context: dict[str, Any] | None = None
) -> HttpResponse:
    """A sentence as a whole page, or under htmx as a toast that leaves the page as it is."""
    title = TITLES.get(status, _("That did not work"))
    full = {"title": title, "sentence": sentence, "status": status, **(context or {})}
    if getattr(request, "htmx", False):
        response = render(request, "ui/_toast.html", {**full, "tone": "danger"}, status=status)
        response["HX-Retarget"] = "#toasts"
        response["HX-Reswap"] = "beforeend"
        return response
    return render(request, "portal/error.html", full, status=status)
