"""The guards of every door: who is admitted to a tenant or a partner, and to which of its objects."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils.translation import gettext_lazy as _

from portal.errors import Refused
from tenants.models import Membership, Partner, PartnerMembership, Tenant
from tenants.permissions import Actor, granted, granted_to_partner, missing, missing_with_partner

View = Callable[..., HttpResponseBase]


class PartnerInactive(Refused):
    """The operator of the installation deactivated the partner."""

    code = "partner_inactive"
    status = 403


def admit(request: HttpRequest, permission: str, tenant_slug: str) -> None:
    """Let the signed-in person into a tenant: sets request.tenant, membership and permissions.

    Raises Http404 for a tenant the person does not belong to, Forbidden for a missing permission.
    """
    elsewhere = PartnerMembership.unscoped.filter(user_id=OuterRef("user_id"), is_active=True)
    rows = Membership.unscoped.select_related("tenant", "user").annotate(has_partners=Exists(elsewhere))
    membership = rows.filter(tenant__slug=tenant_slug, user_id=request.user.pk, is_active=True).first()
    if membership is None:
        raise Http404
    request.tenant = membership.tenant  # type: ignore[attr-defined]
    request.membership = membership  # type: ignore[attr-defined]
    request.has_partners = membership.has_partners  # type: ignore[attr-defined]
    request.permissions = granted(membership.roles)  # type: ignore[attr-defined]
    request.refusal_of = lambda word: str(missing(word))  # type: ignore[attr-defined]
    if permission not in request.permissions:  # type: ignore[attr-defined]
        raise missing(permission)


def needs(permission: str) -> Callable[[View], View]:
    """Guard a view below /t/<tenant_slug>/ with a permission; anonymous people sign in first."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, tenant_slug: str, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            admit(request, permission, tenant_slug)
            return view(request, **kwargs)

        guarded.permission = permission  # type: ignore[attr-defined]
        return guarded

    return decorate


def admit_partner(request: HttpRequest, permission: str, partner_slug: str) -> None:
    """Let the signed-in person into a partner: sets request.partner, membership and permissions.

    Raises Http404 for a partner the person does not belong to, PartnerInactive, Forbidden.
    """
    rows = PartnerMembership.unscoped.select_related("partner", "user")
    membership = rows.filter(partner__slug=partner_slug, user_id=request.user.pk, is_active=True).first()
    if membership is None:
        raise Http404
    if not membership.partner.is_active:
        raise PartnerInactive(_("This partner was deactivated. Ask the operator of this installation."))
    request.partner = membership.partner  # type: ignore[attr-defined]
    request.membership = membership  # type: ignore[attr-defined]
    granted_words = granted_to_partner(membership.role, membership.partner)
    request.permissions = granted_words  # type: ignore[attr-defined]
    request.refusal_of = lambda word: str(missing_with_partner(word))  # type: ignore[attr-defined]
    if permission not in request.permissions:  # type: ignore[attr-defined]
        raise missing_with_partner(permission)


def needs_partner(permission: str) -> Callable[[View], View]:
    """Guard a view below /p/<partner_slug>/ with a permission; anonymous people sign in first."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, partner_slug: str, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            admit_partner(request, permission, partner_slug)
            return view(request, **kwargs)

        guarded.permission = permission  # type: ignore[attr-defined]
        return guarded

    return decorate


def fetch(rows: QuerySet[Any], **lookup: Any) -> Any:
    """One row of an already tenant-scoped queryset; Http404 when it is not there."""
    try:
        row = rows.filter(**lookup).first()
    except (ValueError, ValidationError) as error:
        raise Http404 from error
    if row is None:
        raise Http404
    return row


def actor_of(request: HttpRequest) -> Actor:
    """The signed-in person as the actor of a service call, for the partner whose page it is."""
    address = request.META.get("REMOTE_ADDR") or None
    partner = getattr(request, "partner", None)
    via = Actor.PARTNER if partner else "browser"
    return Actor(user=request.user, via=via, address=address, partner=partner)  # type: ignore[arg-type]


def tenants_of(request: HttpRequest, *, permission: str) -> list[Tenant]:
    """The tenants where the signed-in person holds a permission, by name; read once a request."""
    rows = getattr(request, "memberships", None)
    if rows is None:
        mine = Membership.unscoped.select_related("tenant").filter(user_id=request.user.pk, is_active=True)
        rows = request.memberships = list(mine)  # type: ignore[attr-defined]
    found = [row.tenant for row in rows if permission in granted(row.roles)]
    return sorted(found, key=lambda tenant: tenant.name.casefold())


def partners_of(request: HttpRequest) -> list[Partner]:
    """The active partners for whom the signed-in person works, by name; no query where admit saw none."""
    if not getattr(request, "has_partners", True):
        return []
    rows = PartnerMembership.unscoped.select_related("partner")
    found = rows.filter(user_id=request.user.pk, is_active=True, partner__is_active=True)
    return sorted((row.partner for row in found), key=lambda partner: partner.name.casefold())
