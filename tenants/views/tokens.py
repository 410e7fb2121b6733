"""The token endpoint: /<partner or tenant id>/oauth2/v2.0/token, client credentials only."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from oauth2_provider.views import TokenView


@method_decorator([never_cache, csrf_exempt], name="dispatch")
class PlacedTokenView(TokenView):
    """The toolkit's endpoint below the id of the client's own place (tenants/services/api_tokens.py)."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """A token, or an error as RFC 6749 spells it."""
        response: HttpResponse = super().post(request)
        return response
