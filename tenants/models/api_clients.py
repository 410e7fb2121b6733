"""API clients: programs that act for a partner, or, later, for a tenant (Microsoft Entra app registrations).

The swapped application model of django-oauth-toolkit; its secret is stored hashed.
"""

import uuid
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from oauth2_provider.models import AbstractApplication, ApplicationManager

from tenants.models.partners import Partner
from tenants.models.tenant import Tenant


def new_client_id() -> str:
    """A client's public name: a GUID, as Microsoft Entra gives them."""
    return str(uuid.uuid4())


class ApiClient(AbstractApplication):  # type: ignore[misc]
    """A confidential client that gets tokens with its id and secret, for one partner or one tenant."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    client_id = models.CharField(max_length=100, unique=True, default=new_client_id, db_collation="C")
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, null=True, related_name="+")
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, null=True, related_name="+")
    created_by_label = models.CharField(_("Created by"), max_length=254)
    secret_at = models.DateTimeField(_("Secret made"), default=timezone.now)
    expires_at = models.DateTimeField(_("Expires"))
    last_used_at = models.DateTimeField(_("Last used"), null=True)
    revoked_at = models.DateTimeField(_("Revoked"), null=True)

    STATUSES = [("active", _("Active")), ("expired", _("Expired")), ("revoked", _("Revoked"))]

    objects: ClassVar[Any] = ApplicationManager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(tenant=None) ^ Q(partner=None), name="client_of_one_place"),
        ]
        indexes = [models.Index(fields=["partner", "created", "id"], name="client_by_partner")]

    def __str__(self) -> str:
        return self.name or self.client_id

    @property
    def is_live(self) -> bool:
        """Whether it may get and use tokens now."""
        is_shut = self.partner is not None and not self.partner.is_active
        return self.revoked_at is None and self.expires_at > timezone.now() and not is_shut

    @property
    def status(self) -> str:
        """Active, expired or revoked: one of STATUSES."""
        if self.revoked_at is not None:
            return "revoked"
        return "active" if self.is_live else "expired"

    def is_usable(self, request: Any) -> bool:
        """What the toolkit asks before every token it gives or takes."""
        return self.is_live
