"""Who calls: a bearer token's client, and the partner it acts for."""

from typing import Any

from oauth2_provider.contrib.rest_framework import OAuth2Authentication
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from tenants.models import ApiClient, Partner
from tenants.permissions import Actor, missing_with_partner
from tenants.services.api_tokens import note_use
from tenants.services.partners import consents


class PartnerToken(OAuth2Authentication):
    """Sets request.user to None and request.auth to the API client of a partner."""

    def authenticate(self, request: Request) -> tuple[None, ApiClient] | None:
        """The client of a valid token; raises AuthenticationFailed for another, or a client of no partner.

        The plain request is looked at: the body must not be read before the caller is known.
        """
        if not request.headers.get("authorization", "").lower().startswith("bearer "):
            return None
        found = super().authenticate(request._request)
        if found is None:
            raise AuthenticationFailed("The access token is not valid, or no longer.")
        client: ApiClient = found[1].application
        if client.partner is None:
            raise AuthenticationFailed("This client acts for no partner.")
        note_use(client)
        return None, client


class PartnerMay(BasePermission):
    """Admits a client that may do what the view's `permissions` say for the request's method."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """True; raises NotAuthenticated or Refused otherwise."""
        if not isinstance(request.auth, ApiClient):
            raise NotAuthenticated
        actor, word = actor_of(request), view.words.get(request.method, "")
        consents.may_use_api(partner_of(request))
        if word and not actor.can_for_partner(word):
            raise missing_with_partner(word)
        return True


def partner_of(request: Request) -> Partner:
    """The partner the client acts for."""
    partner: Partner = request.auth.partner
    return partner


def actor_of(request: Request) -> Actor:
    """The client as the actor of a service call."""
    address = request.META.get("REMOTE_ADDR") or None
    return Actor(user=None, via="api", address=address, partner=partner_of(request), client=request.auth)
