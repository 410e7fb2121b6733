"""Autopilot devices of every tenant one may see: read-only, by serial."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from devices.services.autopilot import across
from devices.tables.autopilot_devices import ENROLLMENT_TONES, STATUS_TONES
from tenants.access import tenants_of

SIZE = 50
LONGEST_TEXT = 200
SALT = "devices.all_autopilot_devices"


@login_required
@require_safe
def all_autopilot_devices(request: HttpRequest) -> HttpResponse:
    """One page, with a cursor to the next."""
    text = " ".join(request.GET.get("q", "").split())
    notices = _problems(request, text)
    after = _place(request.GET.get("after", ""), notices)
    tenants = tenants_of(request, permission="devices.read")
    found = (
        []
        if "\x00" in text
        else across.first(tenants=tenants, text=text[:LONGEST_TEXT], after=after, size=SIZE + 1)
    )
    last = found[SIZE - 1] if len(found) > SIZE else None
    context = {
        "title": _("Windows Autopilot devices of all tenants"),
        "devices": [
            (each, STATUS_TONES[each.profile_status], ENROLLMENT_TONES[each.enrollment_state])
            for each in found[:SIZE]
        ],
        "tenants": tenants,
        "q": text,
        "notices": notices,
        "next": signing.dumps([last.serial_number, str(last.pk)], salt=SALT) if last else "",
        "is_first": after is None,
    }
    return render(request, "devices/autopilot_devices/all_list.html", context)


def _problems(request: HttpRequest, text: str) -> list[str]:
    found = [
        _("There is no filter named “%(name)s”.") % {"name": name[:60]}
        for name in request.GET
        if name not in ("q", "after")
    ]
    if "\x00" in text:
        found.append(_("The search text holds a character that cannot be searched."))
    if len(text) > LONGEST_TEXT:
        found.append(_("The search text may have at most %(most)d characters.") % {"most": LONGEST_TEXT})
    return found


def _place(cursor: str, notices: list[str]) -> Any:
    """The place a cursor stands for; a damaged one gives the first page and a sentence."""
    if not cursor:
        return None
    try:
        serial, key = signing.loads(cursor, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        notices.append(_("The page mark in the address is not valid here. This is the first page."))
        return None
    return serial, key
