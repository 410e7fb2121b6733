"""Members of a tenant: their roles, whether they are active, and their removal.

Every change locks the tenant's row first, so that two people at once cannot leave it without a
Global Administrator.
"""

from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext_lazy as _

from portal.errors import Conflict, Refused
from tenants.models import Membership, Tenant, User
from tenants.permissions import GLOBAL_ADMINISTRATOR, ROLES, Actor
from tenants.services import audit


class UnknownRole(Refused):
    """A role word that does not exist, or none at all."""

    code = "unknown_role"


class LastGlobalAdministrator(Refused):
    """The tenant would be left without a Global Administrator."""

    code = "last_global_administrator"
    status = 409


def checked_roles(roles: list[str]) -> list[str]:
    """Role words in their usual order, once each; raises UnknownRole."""
    if not roles or any(role not in ROLES for role in roles):
        raise UnknownRole(_("Choose at least one of the roles."))
    return [role for role in ROLES if role in roles]


def change_roles(
    *, tenant: Tenant, actor: Actor, user_id: Any, roles: list[str], revision: int
) -> Membership:
    """Replace a member's roles; raises Conflict, UnknownRole, LastGlobalAdministrator."""
    roles = checked_roles(roles)
    with transaction.atomic():
        membership = locked(tenant, user_id)
        if membership.revision != revision:
            sentence = _("Someone changed this meanwhile. Reload to see the change, then edit again.")
            raise Conflict(sentence, code="changed_meanwhile")
        before = membership.roles
        if before == roles:
            return membership
        if GLOBAL_ADMINISTRATOR not in roles:
            _keep_one_administrator(membership)
        membership.roles = roles
        membership.revision += 1
        membership.save(update_fields=["roles", "revision"])
        _record(membership, actor, "member.roles_changed", {"roles": before}, {"roles": roles})
    return membership


def set_active(*, tenant: Tenant, actor: Actor, user_id: Any, is_active: bool) -> Membership:
    """Deactivate a member (ends their sessions) or activate again; raises LastGlobalAdministrator."""
    with transaction.atomic():
        membership = locked(tenant, user_id)
        if membership.is_active == is_active:
            return membership
        if not is_active:
            _keep_one_administrator(membership)
            end_sessions(membership.user)
        membership.is_active = is_active
        membership.revision += 1
        membership.save(update_fields=["is_active", "revision"])
        activity = "member.activated" if is_active else "member.deactivated"
        _record(membership, actor, activity, {"active": not is_active}, {"active": is_active})
    return membership


def remove(*, tenant: Tenant, actor: Actor, user_id: Any) -> None:
    """Take a person out of the tenant and end their sessions; raises LastGlobalAdministrator."""
    with transaction.atomic():
        membership = locked(tenant, user_id)
        _keep_one_administrator(membership)
        end_sessions(membership.user)
        membership.delete()
        _record(membership, actor, "member.removed", {"roles": membership.roles}, None)


def administrators(*, tenant: Tenant) -> QuerySet[Membership]:
    """The active Global Administrators of a tenant."""
    rows: QuerySet[Membership] = Membership.objects.of(tenant).filter(
        is_active=True, user__is_active=True, roles__contains=[GLOBAL_ADMINISTRATOR]
    )
    return rows


def end_sessions(user: User) -> None:
    """Sign a person out everywhere: their sessions carry the old epoch."""
    User.objects.filter(pk=user.pk).update(sessions_epoch=F("sessions_epoch") + 1)


def locked(tenant: Tenant, user_id: Any) -> Membership:
    """A membership, with the tenant's row locked for this transaction; raises Conflict when gone."""
    Tenant.objects.select_for_update().get(pk=tenant.pk)
    membership = Membership.objects.of(tenant).select_related("user").filter(user_id=user_id).first()
    if membership is None:
        raise Conflict(_("This person is no longer a member."), code="not_a_member")
    return membership


def _keep_one_administrator(membership: Membership) -> None:
    """Raise unless another active Global Administrator remains."""
    if GLOBAL_ADMINISTRATOR not in membership.roles or not membership.is_active:
        return
    if not administrators(tenant=membership.tenant).exclude(pk=membership.pk).exists():
        raise LastGlobalAdministrator(
            _("This is the last Global Administrator of the tenant. Give somebody else that role first.")
        )


def _record(
    membership: Membership,
    actor: Actor,
    activity: str,
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
) -> None:
    user = membership.user
    seen = audit.Target(kind="member", label=user.email, object_id=user.pk, before=before, after=after)
    audit.record(tenant=membership.tenant, actor=actor, activity=activity, targets=[seen])
