"""Partners: OEMs, distributors and resellers who may register devices for a tenant that consented.

Kinds and their authority: "Registration authorization" (learn.microsoft.com, Windows Autopilot) [D].
"""

import uuid
from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower
from django.db.models.manager import BaseManager
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenants.models.people import User
from tenants.models.tenant import SLUG, Region


class Partner(models.Model):
    """A company outside every tenant; what it may do in one comes only from that tenant's consent.

    manufacturers: as SMBIOS spells them, whose machines' hashes an OEM may report.
    """

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
    sales_region = models.CharField(_("Sales region"), max_length=20, choices=Region, blank=True)
    provider = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="resellers", verbose_name=_("Provider")
    )
    manufacturers = ArrayField(
        models.CharField(max_length=255), verbose_name=_("Manufacturer names"), default=list
    )
    is_active = models.BooleanField(_("Active"), default=True)
    revision = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("name"), name="partner_name_is_unique"),
            models.CheckConstraint(
                condition=models.Q(kind="indirect_reseller") | models.Q(provider=None),
                name="only_an_indirect_reseller_has_a_provider",
            ),
        ]
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    @property
    def status(self) -> str:
        """Whether its people may come in: one of BELONGING."""
        return "active" if self.is_active else "deactivated"


class PartnerManager(BaseManager):
    """Offers rows only by partner, as TenantManager does by tenant."""

    queryset_class: type[models.QuerySet[Any]] = models.QuerySet

    @classmethod
    def of_queryset(cls, queryset_class: type[models.QuerySet[Any]]) -> "PartnerManager":
        """A manager whose rows come as the given queryset class."""
        name = f"{cls.__name__}Of{queryset_class.__name__}"
        return type(name, (cls,), {"queryset_class": queryset_class})()

    def get_queryset(self) -> models.QuerySet[Any]:
        """The model's own queryset; Django asks for it by this name."""
        return self.queryset_class(self.model, using=self._db)

    def of(self, partner: Partner) -> Any:
        """The rows of one partner."""
        return self.get_queryset().filter(partner=partner)

    def create(self, *, partner: Partner, **fields: Any) -> Any:
        """Insert one row of a partner."""
        return self.get_queryset().create(partner=partner, **fields)


class PartnerOwned(models.Model):
    """Base of every row that belongs to one partner."""

    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="+")

    objects: ClassVar[Any] = PartnerManager()
    unscoped: ClassVar[Any] = models.Manager()

    class Meta:
        abstract = True
        default_manager_name = "unscoped"
        base_manager_name = "unscoped"


class PartnerMembership(PartnerOwned):
    """A person's role with one partner (role words: tenants/permissions.py)."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="partner_memberships")
    role = models.CharField(max_length=40)
    is_active = models.BooleanField(default=True)
    revision = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta(PartnerOwned.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(fields=["partner", "user"], name="one_partner_membership_a_person"),
        ]

    def __str__(self) -> str:
        return f"{self.user} @ {self.partner}"

    @property
    def status(self) -> str:
        """Whether the person may come in: one of BELONGING."""
        return "active" if self.is_active and self.user.is_active else "deactivated"
