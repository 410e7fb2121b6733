"""People who sign in, what they may do where, and the links that let them in."""

import uuid
from datetime import timedelta
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from tenants.models.tenant import Tenant, TenantOwned

LINK_LIFETIME = timedelta(days=7)
BELONGING = [("active", _("Active")), ("deactivated", _("Deactivated"))]


def link_expiry() -> Any:
    """When a link made now stops working."""
    return timezone.now() + LINK_LIFETIME


class UserManager(BaseUserManager["User"]):
    """Creates people; addresses are stored in lower case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A person who signs in by e-mail; without password nobody can until it is set."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A person who operates the instance; gives no right in any tenant."""
        return self.create_user(email, password, is_superuser=True, **fields)

    def get_by_natural_key(self, email: str | None) -> "User":
        """Sign-in name look-up, ignoring case."""
        return self.get(email__iexact=email)


class User(AbstractBaseUser, PermissionsMixin):
    """A person; rights come only from memberships."""

    class Theme(models.TextChoices):
        SYSTEM = "system", _("As the system")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(_("E-mail"), max_length=254, unique=True)
    name = models.CharField(_("Name"), max_length=150, blank=True)
    is_active = models.BooleanField(default=True)
    time_zone = models.CharField(_("Time zone"), max_length=64, default="UTC")
    theme = models.CharField(_("Theme"), max_length=8, choices=Theme, default=Theme.SYSTEM)
    sessions_epoch = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: list[str] = []

    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_is_unique")]

    def __str__(self) -> str:
        return self.name or self.email

    def get_session_auth_hash(self) -> str:
        """Every session carries this; a new password or a raised epoch ends them all."""
        salt = "tenants.models.people.User.get_session_auth_hash"
        value = f"{self.password}:{self.sessions_epoch}"
        return salted_hmac(salt, value, algorithm="sha256").hexdigest()

    def get_session_auth_fallback_hash(self) -> Any:
        """No fallback: an ended session stays ended when secret keys rotate."""
        return iter(())


class Membership(TenantOwned):
    """A person's roles in one tenant (role words: tenants/permissions.py)."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    roles = ArrayField(models.CharField(max_length=40), default=list)
    is_active = models.BooleanField(default=True)
    revision = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta(TenantOwned.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(fields=["tenant", "user"], name="one_membership_a_person"),
        ]

    def __str__(self) -> str:
        return f"{self.user} @ {self.tenant}"

    @property
    def status(self) -> str:
        """Whether the person may come in: one of BELONGING."""
        return "active" if self.is_active and self.user.is_active else "deactivated"


class Invitation(TenantOwned):
    """A one-time link into a tenant or a partner (one of the two); only the token's digest is kept."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey(  # type: ignore[assignment]
        Tenant, on_delete=models.PROTECT, null=True, related_name="+"
    )
    partner = models.ForeignKey("tenants.Partner", on_delete=models.PROTECT, null=True, related_name="+")
    email = models.EmailField(max_length=254)
    roles = ArrayField(models.CharField(max_length=40), default=list)
    token_digest = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(default=link_expiry)
    accepted_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta(TenantOwned.Meta):
        abstract = False
        constraints = [
            models.CheckConstraint(
                condition=models.Q(tenant=None) ^ models.Q(partner=None), name="invited_into_one_place"
            ),
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def into(self) -> Any:
        """The tenant or the partner."""
        return self.tenant or self.partner


class SetupLink(models.Model):
    """The one-time link of a first start without the demo; only the token's digest is kept."""

    token_digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(default=link_expiry)
    used_at = models.DateTimeField(null=True)
    tenant = models.ForeignKey(Tenant, on_delete=models.SET_NULL, null=True, related_name="+")

    def __str__(self) -> str:
        return str(self.created_at)
