"""What a tenant lets a partner do: the partner's request, and the consent that came of it."""

import uuid
from datetime import timedelta
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenants.models.partners import Partner, PartnerManager, PartnerOwned
from tenants.models.people import User
from tenants.models.tenant import Tenant, TenantManager, TenantOwned


class Scope(models.TextChoices):
    """What a consent is about. Delegated admin rights are not needed for registration and not offered."""

    REGISTER = "register_devices", _("Register devices")


class AuthorizationRequestQuerySet(models.QuerySet["AuthorizationRequest"]):
    """Requests, chainable."""

    def open(self) -> "AuthorizationRequestQuerySet":
        """Those that may still be answered."""
        return self.filter(state=AuthorizationRequest.State.OPEN, expires_at__gt=timezone.now())


class AuthorizationRequest(PartnerOwned):
    """A link by which one customer's Global Administrator accepts or declines; only its digest is kept."""

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Declined")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    STATUSES = [*State.choices, ("expired", _("Expired"))]
    LIFETIMES = (timedelta(days=7), timedelta(days=30), timedelta(days=90))

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    scope = models.CharField(_("Scope"), max_length=30, choices=Scope, default=Scope.REGISTER)
    note = models.CharField(_("For"), max_length=200, blank=True)
    email = models.EmailField(_("Sent to"), max_length=254, blank=True)
    token_digest = models.CharField(max_length=64, unique=True)
    state = models.CharField(_("State"), max_length=10, choices=State, default=State.OPEN)
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_by_label = models.CharField(_("Created by"), max_length=254)
    created_at = models.DateTimeField(_("Created"), default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("Expires"))
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(_("Answered"), null=True)

    objects: ClassVar[Any] = PartnerManager.of_queryset(AuthorizationRequestQuerySet)
    unscoped: ClassVar[Any] = AuthorizationRequestQuerySet.as_manager()

    class Meta(PartnerOwned.Meta):
        abstract = False
        indexes = [models.Index(fields=["partner", "created_at", "id"], name="request_by_date")]

    def __str__(self) -> str:
        return self.note or self.email or str(self.pk)

    @property
    def is_open(self) -> bool:
        """Whether it may still be answered."""
        return self.state == self.State.OPEN and self.expires_at > timezone.now()

    @property
    def status(self) -> str:
        """The state, or expired: one of STATUSES."""
        is_late = self.state == self.State.OPEN and not self.is_open
        return "expired" if is_late else self.state


class PartnerConsentQuerySet(models.QuerySet["PartnerConsent"]):
    """Consents, chainable."""

    def live(self) -> "PartnerConsentQuerySet":
        """Those that were not revoked."""
        return self.filter(revoked_at=None)


class PartnerConsent(TenantOwned):
    """One line of the consent ledger: a tenant lets a partner act, from grant to revocation."""

    STATUSES = [("authorized", _("Authorized")), ("revoked", _("Revoked"))]

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="+")
    request = models.ForeignKey(AuthorizationRequest, on_delete=models.PROTECT, null=True, related_name="+")
    scope = models.CharField(_("Scope"), max_length=30, choices=Scope, default=Scope.REGISTER)
    granted_by_label = models.CharField(_("Granted by"), max_length=254)
    granted_at = models.DateTimeField(_("Granted"), default=timezone.now)
    last_used_at = models.DateTimeField(_("Last used"), null=True)
    device_count = models.PositiveIntegerField(_("Devices registered"), default=0)
    revoked_by_label = models.CharField(_("Revoked by"), max_length=254, blank=True)
    revoked_at = models.DateTimeField(_("Revoked"), null=True)

    objects: ClassVar[Any] = TenantManager.of_queryset(PartnerConsentQuerySet)
    unscoped: ClassVar[Any] = PartnerConsentQuerySet.as_manager()

    class Meta(TenantOwned.Meta):
        abstract = False
        verbose_name_plural = _("partner consents")
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "partner"], condition=Q(revoked_at=None), name="one_live_consent_a_partner"
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "granted_at", "id"], name="consent_by_tenant"),
            models.Index(fields=["partner", "granted_at", "id"], name="consent_by_partner"),
        ]

    def __str__(self) -> str:
        return f"{self.partner} → {self.tenant}"

    @property
    def status(self) -> str:
        """Authorized or revoked: one of STATUSES."""
        return "revoked" if self.revoked_at else "authorized"
