"""The token endpoint: /<partner or tenant id>/oauth2/v2.0/token, client credentials only."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from oauth2_provider.views import TokenView

from portal import rate_limits
from portal.errors import Refused
from portal.outages import as_refusal

GRANT = "client_credentials"
WRONG_SECRETS_A_MINUTE = 60  # of one address


@method_decorator([never_cache, csrf_exempt], name="dispatch")
class PlacedTokenView(TokenView):
    """The toolkit's endpoint below the id of the client's own place (tenants/services/api_tokens.py)."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """A token, or an error as RFC 6749 spells it.

        Other grants end here: the toolkit looks at a person's password before it asks whether the client
        may have that grant, and its answer would tell whether the password was right.
        """
        try:
            return self._answered(request)
        except Exception as error:
            refused = error if isinstance(error, rate_limits.TooManyRequests) else as_refusal(error)
            if refused is None:
                raise
            return _later(refused)

    def _answered(self, request: HttpRequest) -> HttpResponse:
        if request.META.get("QUERY_STRING"):
            return _error(400, "invalid_request", "URL query parameters are not allowed")
        if request.POST.get("grant_type") != GRANT:
            return _error(400, "unsupported_grant_type")
        if "resource" in request.POST:
            return _error(400, "invalid_request", "The parameter resource is not supported here: use scope")
        response: HttpResponse = super().post(request)
        response["Content-Type"] = "application/json"
        if response.status_code == 401:
            address = request.META.get("REMOTE_ADDR")
            rate_limits.count(f"client-secret:{address}", most=WRONG_SECRETS_A_MINUTE)
        return response


def _later(refused: Refused) -> HttpResponse:
    """Too often, or a server around Hangar is away: RFC 6749 has one word for both."""
    response = _error(refused.status, "temporarily_unavailable", str(refused))
    if "retry_after" in refused.context:
        response["Retry-After"] = str(refused.context["retry_after"])
    return response


def _error(status: int, word: str, sentence: str = "") -> HttpResponse:
    body = {"error": word} | ({"error_description": sentence} if sentence else {})
    return JsonResponse(body, status=status)
