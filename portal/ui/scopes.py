"""The two places a page can lie in: /t/<tenant>/… and /p/<partner>/…, and what differs between them.

The guard sets `request.tenant` or `request.partner`; everything the shell shows follows from that.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.module_loading import import_string


@dataclass(frozen=True, slots=True)
class Scope:
    """One kind of place: the address' keyword, the request's attribute, and the settings that name it."""

    keyword: str
    attribute: str
    overview: str
    access: str
    navigation: str

    def admit(self, request: HttpRequest, permission: str, slug: str) -> None:
        """Let the person in; raises Http404 or Forbidden."""
        import_string(getattr(settings, self.access))(request, permission, slug)

    @property
    def sections(self) -> list[dict[str, Any]]:
        """The declared navigation."""
        found: list[dict[str, Any]] = getattr(settings, self.navigation)
        return found


TENANT = Scope("tenant_slug", "tenant", "tenants:overview", "HANGAR_ACCESS", "HANGAR_NAVIGATION")
PARTNER = Scope(
    "partner_slug",
    "partner",
    "tenants:partner_overview",
    "HANGAR_PARTNER_ACCESS",
    "HANGAR_PARTNER_NAVIGATION",
)
SCOPES = (TENANT, PARTNER)


def scope_in(address: Mapping[str, Any]) -> Scope:
    """The scope of an address by its keyword."""
    return next(scope for scope in SCOPES if scope.keyword in address)


def scope_of(request: HttpRequest) -> Scope | None:
    """The scope the person was admitted to, if any."""
    return next((scope for scope in SCOPES if getattr(request, scope.attribute, None)), None)


def here(request: HttpRequest) -> Any:
    """The tenant or the partner of the page; None on pages of neither."""
    scope = scope_of(request)
    return getattr(request, scope.attribute) if scope else None


def scoped(request: HttpRequest) -> dict[str, str]:
    """The address arguments of the page's own place."""
    scope = scope_of(request)
    return {scope.keyword: here(request).slug} if scope else {}
