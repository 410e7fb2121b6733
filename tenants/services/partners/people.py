"""People of a partner: their role, whether they are active, and their removal.

Every change locks the partner's row first, so that two people at once cannot leave it without a partner
administrator.
"""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from portal.errors import Conflict, Refused
from tenants.models import Partner, PartnerMembership
from tenants.permissions import PARTNER_ADMINISTRATOR, PARTNER_ROLES, Actor
from tenants.services import audit
from tenants.services.members import UnknownRole, end_sessions


class LastPartnerAdministrator(Refused):
    """The partner would be left without a partner administrator."""

    code = "last_partner_administrator"
    status = 409


def checked_role(role: str = "") -> str:
    """A role word of partners; raises UnknownRole."""
    if role not in PARTNER_ROLES:
        raise UnknownRole(_("Choose one of the roles."))
    return role


@transaction.atomic
def change_role(
    *, partner: Partner, actor: Actor, user_id: Any, role: str, revision: int
) -> PartnerMembership:
    """Give a person another role; raises Conflict, UnknownRole, LastPartnerAdministrator."""
    role, membership = checked_role(role), _locked(partner, user_id)
    if membership.revision != revision:
        sentence = _("Someone changed this meanwhile. Reload to see the change, then edit again.")
        raise Conflict(sentence, code="changed_meanwhile")
    before = membership.role
    if before == role:
        return membership
    if role != PARTNER_ADMINISTRATOR:
        _keep_one_administrator(membership)
    membership.role = role
    membership.revision += 1
    membership.save(update_fields=["role", "revision"])
    _record(membership, actor, "member.roles_changed", {"roles": [before]}, {"roles": [role]})
    return membership


@transaction.atomic
def set_active(*, partner: Partner, actor: Actor, user_id: Any, is_active: bool) -> PartnerMembership:
    """Deactivate a person (ends their sessions) or activate again; raises LastPartnerAdministrator."""
    membership = _locked(partner, user_id)
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


@transaction.atomic
def remove(*, partner: Partner, actor: Actor, user_id: Any) -> None:
    """Take a person out of the partner and end their sessions; raises LastPartnerAdministrator."""
    membership = _locked(partner, user_id)
    _keep_one_administrator(membership)
    end_sessions(membership.user)
    membership.delete()
    _record(membership, actor, "member.removed", {"roles": [membership.role]}, None)


def _locked(partner: Partner, user_id: Any) -> PartnerMembership:
    """A membership, with the partner's row locked for this transaction; raises Conflict when gone."""
    Partner.objects.select_for_update().get(pk=partner.pk)
    rows = PartnerMembership.objects.of(partner).select_related("user", "partner")
    membership: PartnerMembership | None = rows.filter(user_id=user_id).first()
    if membership is None:
        raise Conflict(_("This person no longer works for this partner."), code="not_a_member")
    return membership


def _keep_one_administrator(membership: PartnerMembership) -> None:
    """Raise unless another active partner administrator remains."""
    if membership.role != PARTNER_ADMINISTRATOR or not membership.is_active:
        return
    others = PartnerMembership.objects.of(membership.partner).filter(
        is_active=True, user__is_active=True, role=PARTNER_ADMINISTRATOR
    )
    if not others.exclude(pk=membership.pk).exists():
        raise LastPartnerAdministrator(
            _("This is the last partner administrator. Give somebody else that role first.")
        )


def _record(
    membership: PartnerMembership,
    actor: Actor,
    activity: str,
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
) -> None:
    user = membership.user
    seen = audit.Target(kind="member", label=user.email, object_id=user.pk, before=before, after=after)
    audit.record(tenant=None, partner=membership.partner, actor=actor, activity=activity, targets=[seen])
