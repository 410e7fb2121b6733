"""What a closed one-time link answers."""

from django.http import HttpRequest, HttpResponse

from portal.errors import Refused
from portal.ui.middleware import refusal as refusal_page


def closed(request: HttpRequest, refusal: Refused) -> HttpResponse:
    """The refusal's page; marked as logged, because Django's log line would hold the token."""
    response = refusal_page(request, str(refusal), status=refusal.status, context={"refusal": refusal})
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response
