"""The pages of 400, 403, 404, 413 and 500, and of a failed CSRF check: each a plain sentence."""

import sys
from typing import Any

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.log import log_response
from django.utils.translation import gettext as _

from portal.outages import as_refusal
from portal.ui.middleware import answer, refusal


def bad_request(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """400: the request itself makes no sense; 413 where it is only too large."""
    if isinstance(exception, RequestDataTooBig):
        sentence = _("The form holds more text than can be taken at once. Send large amounts as a file.")
        return refusal(request, sentence, status=413)
    if isinstance(exception, TooManyFieldsSent | TooManyFilesSent):
        sentence = _("The form holds too many values. Select fewer rows, or everything that matches.")
        return refusal(request, sentence, status=413)
    return refusal(request, _("The request could not be understood."), status=400)


def permission_denied(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """403: signed in, but not allowed."""
    sentence = str(exception) if exception and str(exception) else ""
    return refusal(request, sentence or _("You are not allowed to do this."), status=403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: the form's protection token is missing or old."""
    sentence = _("This form is too old, or cookies are switched off. Reload the page and try again.")
    return refusal(request, sentence, status=403)


def page_not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """404: nothing here, or nothing the person may see."""
    sentence = _("There is nothing at this address, or you may not see it.")
    return refusal(request, sentence, status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500, rendered without context processors; where the middleware met a passing fault, its own answer."""
    refused = as_refusal(sys.exc_info()[1])
    if refused is not None:
        response = answer(request, refused)
        log_response("%s: %s", response.reason_phrase, request.path, response=response, request=request)
        return response
    return HttpResponse(render_to_string("500.html"), status=500)
