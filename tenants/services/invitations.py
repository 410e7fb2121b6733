"""Invitations: a one-time link makes the invited person a member of a tenant or of a partner."""

import uuid
from datetime import datetime
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from portal.errors import Refused
from tenants.models import Invitation, Membership, Partner, PartnerMembership, Tenant, User
from tenants.models.people import LINK_LIFETIME
from tenants.permissions import PARTNER_ROLES, ROLES, Actor
from tenants.services import audit, links, mailing
from tenants.services.members import checked_roles
from tenants.services.partners.people import checked_role

Place = Tenant | Partner


class AlreadyThere(Refused):
    """The person is a member or has an open invitation."""

    code = "already_invited"


class InvitationClosed(Refused):
    """The invitation was used, withdrawn, has expired, or never existed."""

    code = "invitation_closed"
    status = 404


class WrongPerson(Refused):
    """Somebody else is signed in than was invited."""

    code = "wrong_person"
    status = 403


def token_of(invitation: Invitation) -> str:
    """The link's secret, made from the server's key: the row itself cannot give it away.

    The same press of a button twice, and the e-mail, thereby carry the same link.
    """
    value = f"{invitation.pk}:{invitation.created_at.timestamp()}"
    return salted_hmac("tenants.services.invitations", value, algorithm="sha256").hexdigest()


def link_of(invitation: Invitation) -> str:
    """The address to hand over; shown to the inviting person and e-mailed, never logged."""
    return links.absolute(reverse("tenants:invitation_link", args=[token_of(invitation)]))


def invite(
    *, into: Place, actor: Actor, email: str, roles: list[str], key: uuid.UUID | None = None
) -> Invitation:
    """Invite an address with roles (into a partner: one); raises AlreadyThere or UnknownRole.

    key: the form's one-time key; the same key gives the same invitation.
    """
    email, roles = email.strip().lower(), _checked(into, roles)
    pk = uuid.uuid5(into.pk, str(key)) if key else uuid.uuid4()
    with transaction.atomic():
        type(into)._default_manager.select_for_update().get(pk=into.pk)
        known: Invitation | None = _of(into).filter(pk=pk).first()
        if known is not None:
            return known
        if _memberships(into).filter(user__email__iexact=email).exists():
            raise AlreadyThere(_("This person is a member already."))
        if pending(into).filter(email=email).exists():
            raise AlreadyThere(_("This person has an open invitation. Show its link, or withdraw it first."))
        invitation = Invitation(
            pk=pk, email=email, roles=roles, invited_by=actor.user, created_at=timezone.now(), **_scope(into)
        )
        invitation.token_digest = links.digest_of(token_of(invitation))
        invitation.save(force_insert=True)
        _record(invitation, actor, "member.invited", after={"roles": roles})
        transaction.on_commit(lambda: _mail(invitation))
    return invitation


def _checked(into: Place, roles: list[str]) -> list[str]:
    return checked_roles(roles) if isinstance(into, Tenant) else [checked_role(*roles[:1])]


def _scope(into: Place) -> dict[str, Any]:
    return {"tenant": into} if isinstance(into, Tenant) else {"partner": into}


def _of(into: Place) -> Any:
    return Invitation.unscoped.filter(**_scope(into))


def _memberships(into: Place) -> Any:
    return Membership.objects.of(into) if isinstance(into, Tenant) else PartnerMembership.objects.of(into)


def role_words(invitation: Invitation) -> list[str]:
    """The roles of an invitation in words."""
    words = ROLES if invitation.tenant_id else PARTNER_ROLES
    return [str(words[role]) for role in invitation.roles if role in words]


def pending(into: Place) -> Any:
    """Invitations that may still be accepted."""
    return _of(into).filter(accepted_at=None, revoked_at=None, expires_at__gt=timezone.now())


def listed(into: Place) -> list[tuple[Invitation, str]]:
    """Invitations that may still be accepted, newest first, with their roles in words."""
    rows = pending(into).select_related("invited_by").order_by("-created_at")
    return [(each, ", ".join(role_words(each))) for each in rows]


@transaction.atomic
def withdraw(*, into: Place, actor: Actor, invitation: Invitation) -> None:
    """Close an open invitation; raises InvitationClosed."""
    closed = pending(into).filter(pk=invitation.pk).update(revoked_at=timezone.now())
    if not closed:
        raise InvitationClosed(_("This invitation was closed already."))
    _record(invitation, actor, "member.invitation_withdrawn", before={"roles": invitation.roles})


@transaction.atomic
def send_again(*, into: Place, actor: Actor, invitation: Invitation) -> Invitation:
    """Let the same link live for another LINK_LIFETIME and mail it; raises InvitationClosed."""
    moved = _of(into).filter(pk=invitation.pk, accepted_at=None, revoked_at=None)
    digest = links.digest_of(token_of(invitation))
    if not moved.update(expires_at=timezone.now() + LINK_LIFETIME, token_digest=digest):
        raise InvitationClosed(_("This invitation was closed already."))
    _record(invitation, actor, "member.invited_again")
    transaction.on_commit(lambda: _mail(invitation))
    return invitation


def open_invitation(*, digest: str, now: datetime | None = None) -> Invitation:
    """The invitation of a token's digest while it may be accepted; raises InvitationClosed."""
    invitation = (
        Invitation.unscoped.select_related("tenant", "partner", "invited_by")
        .filter(token_digest=digest, accepted_at=None, revoked_at=None, expires_at__gt=now or timezone.now())
        .first()
    )
    if invitation is None:
        raise InvitationClosed(_("This invitation was used, withdrawn or has expired. Ask for a new one."))
    return invitation


def person_invited(invitation: Invitation) -> User | None:
    """The person who signs in with the invited address, if there is one."""
    return User.objects.filter(email__iexact=invitation.email).first()


@transaction.atomic
def accept(*, digest: str, actor: Actor) -> Membership | PartnerMembership:
    """The signed-in invited person joins; raises InvitationClosed or WrongPerson."""
    invitation = _claimed(digest)
    user = actor.user
    if user is None or user.email.lower() != invitation.email:
        sentence = _("This invitation is for %(email)s. Sign in with that address.")
        raise WrongPerson(sentence % {"email": invitation.email})
    return _join(invitation, user, actor)


@transaction.atomic
def accept_as_new(*, digest: str, name: str, password: str, address: str | None) -> User:
    """A new person sets name and password and joins; raises InvitationClosed or WrongPerson."""
    invitation = _claimed(digest)
    if person_invited(invitation) is not None:
        raise WrongPerson(_("You have an account already. Sign in to accept."))
    user = User.objects.create_user(invitation.email, password, name=name.strip())
    _join(invitation, user, Actor(user=user, address=address))
    return user


def _claimed(digest: str) -> Invitation:
    """The open invitation, taken by one conditional UPDATE."""
    invitation = open_invitation(digest=digest)
    taken = Invitation.unscoped.filter(pk=invitation.pk, accepted_at=None, revoked_at=None)
    if not taken.update(accepted_at=timezone.now()):
        raise InvitationClosed(_("This invitation was used already."))
    return invitation


def _join(invitation: Invitation, user: User, actor: Actor) -> Membership | PartnerMembership:
    membership: Membership | PartnerMembership
    if invitation.tenant:
        membership, _is_new = Membership.unscoped.get_or_create(
            tenant=invitation.tenant, user=user, defaults={"roles": invitation.roles}
        )
    else:
        membership, _is_new = PartnerMembership.unscoped.get_or_create(
            partner=invitation.partner, user=user, defaults={"role": invitation.roles[0]}
        )
    _record(invitation, actor, "member.joined", after={"roles": invitation.roles})
    return membership


def _record(
    invitation: Invitation,
    actor: Actor,
    activity: str,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    seen = audit.Target(kind="member", label=invitation.email, before=before, after=after)
    audit.record(
        tenant=invitation.tenant, partner=invitation.partner, actor=actor, activity=activity, targets=[seen]
    )


def _mail(invitation: Invitation) -> None:
    mailing.send(
        to=invitation.email,
        subject=_("Join %(name)s on Hangar") % {"name": invitation.into.name},
        template="tenants/invitation_mail.txt",
        context={"invitation": invitation, "link": link_of(invitation)},
        about=f"invitation {invitation.pk}",
    )
