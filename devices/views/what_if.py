"""The whole list of what a change would move: a page with the first devices, and a download of all."""

from itertools import islice
from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

from devices.services.profiles.what_if import WhatIf, pairs_of
from portal.ui.exports import csv_response
from portal.ui.search import time_limit

SHOWN = 500
SECONDS = 30.0
LIST, DOWNLOAD = "list", "download"


def is_asked_for(request: Any) -> bool:
    """Whether the whole list was asked for, on the screen or as a file."""
    return request.POST.get("step") in (LIST, DOWNLOAD)


def respond(request: Any, what_if: WhatIf, *, intro: str, back: str) -> HttpResponseBase:
    """The page, or the file; both repeat what was posted, as nothing is stored."""
    with time_limit(True, SECONDS):
        moves = list(what_if.moves())
    if request.POST.get("step") == DOWNLOAD:
        return _download(moves)
    context = {
        "title": _("What if"),
        "breadcrumb": (_("Devices"), _("What if")),
        "intro": intro,
        "pairs": pairs_of(moves),
        "moves": list(islice(moves, SHOWN)),
        "total": len(moves),
        "shown": SHOWN,
        "sent": _sent(request),
        "back": back,
    }
    return render(request, "devices/profiles/what_if.html", context)


def _sent(request: Any) -> list[tuple[str, str]]:
    """The posted values, for the form that asks again."""
    skipped = ("csrfmiddlewaretoken", "step")
    return [(name, value) for name, values in request.POST.lists() if name not in skipped for value in values]


def _download(moves: list[Any]) -> HttpResponseBase:
    default = _("Default (built-in)")
    header = [_("Serial number"), _("Group tag"), _("Profile now"), _("Profile then"), _("Device ID")]
    rows = (
        [move.serial_number, move.group_tag, move.old or default, move.new or default, str(move.device_id)]
        for move in moves
    )
    return csv_response(name="what_if", header=header, rows=rows)
