"""The first start without the demo: a one-time link makes administrator and tenant."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.errors import Refused
from tenants.models import SetupLink, Tenant, User
from tenants.permissions import Actor
from tenants.services import links, tenants


class AlreadySetUp(Refused):
    """Somebody operates this installation already."""

    code = "already_set_up"
    status = 409


class LinkClosed(Refused):
    """The link was used, has expired, or never existed."""

    code = "link_closed"
    status = 404


class EmailTaken(Refused):
    """Somebody signs in with this address already."""

    code = "email_taken"


def make_link() -> str:
    """A new one-time set-up token; closes older ones; raises AlreadySetUp."""
    if User.objects.filter(is_superuser=True, is_active=True).exists():
        raise AlreadySetUp(_("This installation is set up already. Sign in as its administrator."))
    token = links.new_token()
    with transaction.atomic():
        SetupLink.objects.filter(used_at=None).delete()
        SetupLink.objects.create(token_digest=links.digest_of(token))
    return token


def open_link(*, digest: str) -> SetupLink:
    """The link of a token's digest while it may be used; raises LinkClosed."""
    link = SetupLink.objects.filter(token_digest=digest, used_at=None, expires_at__gt=timezone.now()).first()
    if link is None:
        raise LinkClosed(_("This set-up link was used or has expired. Ask for a new one on the server."))
    return link


@transaction.atomic
def accept(
    *,
    digest: str,
    email: str,
    name: str,
    password: str,
    tenant_name: str,
    tenant_slug: str,
    address: str | None,
) -> tuple[User, Tenant]:
    """Use the link: administrator and tenant in one transaction.

    Raises LinkClosed, and AddressTaken or EmailTaken for values that exist.
    """
    link = open_link(digest=digest)
    used = SetupLink.objects.filter(pk=link.pk, used_at=None).update(used_at=timezone.now())
    if not used:
        raise LinkClosed(_("This set-up link was used already."))
    if User.objects.filter(email__iexact=email.strip()).exists():
        raise EmailTaken(_("Somebody with this email address exists already."))
    user = User.objects.create_superuser(email, password, name=name.strip())
    actor = Actor(user=user, address=address)
    tenant = tenants.create(actor=actor, name=tenant_name, slug=tenant_slug, administrator=user)
    SetupLink.objects.filter(pk=link.pk).update(tenant=tenant)
    return user, tenant
