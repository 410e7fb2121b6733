"""How tokens are given: client credentials alone, any scope `…/.default`, at the client's own address.

The token endpoint lies below the partner's or tenant's id, as in Microsoft Entra; a client of another
place gets none there. Tokens are stored hashed and leave the database when they expired.
"""

import re
import secrets
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.utils import timezone
from oauth2_provider.models import get_access_token_model
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauth2_provider.scopes import BaseScopes
from oauthlib.oauth2.rfc6749.errors import InvalidClientError

from tenants.models import ApiClient, Schedule

DEFAULT = ".default"
SCOPE = re.compile(r"[!#-\[\]-~]{1,200}/\.default")  # a scope-token of RFC 6749, bounded
MOST_SCOPES = 10
CLEAR = "clear_expired_tokens"
EVERY = timedelta(hours=1)
USED = timedelta(minutes=1)


def new_token(request: Any) -> str:
    """An access token: longer than an object's id, so that a log line would mask it."""
    return secrets.token_urlsafe(48)


class DefaultScopes(BaseScopes):
    """Every resource's `.default`: what a client may do follows from whom it acts for, not from a scope."""

    def get_all_scopes(self) -> dict[str, str]:
        """The one scope there is."""
        return {DEFAULT: "Everything the client may do"}

    def get_available_scopes(
        self, application: Any = None, request: Any = None, *args: Any, **options: Any
    ) -> list[str]:
        """Those asked for that end in `.default`."""
        asked = (getattr(request, "scopes", None) or [])[:MOST_SCOPES]
        return [DEFAULT, *(scope for scope in asked if SCOPE.fullmatch(scope))]

    def get_default_scopes(self, *args: Any, **options: Any) -> list[str]:
        """What a request without scope asks for."""
        return [DEFAULT]


class ClientValidator(OAuth2Validator):
    """Admits a client only at the token endpoint of its own partner or tenant."""

    def _load_application(self, client_id: str, request: Any) -> Any:
        """The client of an id; one with a NUL is none (psycopg refuses the text, the toolkit lets it)."""
        return None if "\0" in (client_id or "") else super()._load_application(client_id, request)

    def authenticate_client(self, request: Any, *args: Any, **options: Any) -> bool:
        """Whether id and secret are right, and the address is the client's own."""
        if not super().authenticate_client(request, *args, **options):
            return False
        client: ApiClient = request.client
        place = urlsplit(request.uri).path.strip("/").partition("/")[0].lower()
        if place != str(client.partner_id or client.tenant_id):
            return False
        note_use(client)
        return True

    def _save_bearer_token(self, token: Any, request: Any, *args: Any, **options: Any) -> Any:
        """Keep a token, unless the secret was replaced or the client shut since it was checked."""
        client: ApiClient = request.client
        same = ApiClient.objects.select_for_update(of=("self",)).filter(
            pk=client.pk, secret_at=client.secret_at
        )
        if same.filter(revoked_at=None).first() is None:
            raise InvalidClientError(request=request)
        return super()._save_bearer_token(token, request, *args, **options)


def note_use(client: ApiClient) -> None:
    """Keep when the client was last seen, to the minute."""
    now = timezone.now()
    if client.last_used_at is None or now - client.last_used_at > USED:
        ApiClient.objects.filter(pk=client.pk).update(last_used_at=now)
        client.last_used_at = now


def clear_expired() -> int:
    """Once an hour, delete tokens that expired; how many."""
    now = timezone.now()
    with transaction.atomic():
        Schedule.objects.get_or_create(name=CLEAR, tenant=None, defaults={"every": EVERY, "next_run_at": now})
        due = Schedule.objects.filter(name=CLEAR, tenant=None, next_run_at__lte=now)
        if not due.update(next_run_at=now + EVERY):
            return 0
        gone, _kinds = get_access_token_model().objects.filter(expires__lt=now).delete()
    return int(gone)
