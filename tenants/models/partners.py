"""Partners: OEMs, distributors and resellers who may register devices for a tenant that consented.

Kinds and their authority: "Registration authorization" (learn.microsoft.com, Windows Autopilot) [D].
"""

import uuid

from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenants.models.tenant import SLUG


class Partner(models.Model):
    """A company outside every tenant; what it may do in one comes only from that tenant's consent."""

    class Kind(models.TextChoices):
        OEM = "oem", _("OEM")
        DISTRIBUTOR = "distributor", _("Distributor")
        DIRECT_CSP = "direct_csp", _("Direct CSP reseller")
        INDIRECT_PROVIDER = "indirect_provider", _("Indirect CSP provider")
        INDIRECT_RESELLER = "indirect_reseller", _("Indirect CSP reseller")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("Name"), max_length=100)
    slug = models.CharField(_("Address"), max_length=50, unique=True, validators=[SLUG], db_collation="C")
    kind = models.CharField(_("Kind"), max_length=20, choices=Kind)
    is_active = models.BooleanField(_("Active"), default=True)
    revision = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(Lower("name"), name="partner_name_is_unique")]
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name
