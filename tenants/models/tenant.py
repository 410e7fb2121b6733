"""Tenants and the base of everything a tenant owns."""

import uuid
from collections.abc import Iterable
from typing import Any, ClassVar

from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.db.models.manager import BaseManager
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

SLUG = RegexValidator(
    r"^[a-z0-9](?:[a-z0-9-]{0,48}[a-z0-9])?$",
    _("Use lower-case letters, digits and hyphens, beginning and ending with a letter or digit."),
)


class Region(models.TextChoices):
    """Where a tenant is at home and where a CSP sells; the list is our own (no source names one)."""

    AFRICA = "africa", _("Africa")
    ASIA_PACIFIC = "asia_pacific", _("Asia Pacific")
    CANADA = "canada", _("Canada")
    EUROPE = "europe", _("Europe")
    INDIA = "india", _("India")
    JAPAN = "japan", _("Japan")
    LATIN_AMERICA = "latin_america", _("Latin America")
    MIDDLE_EAST = "middle_east", _("Middle East")
    UNITED_KINGDOM = "united_kingdom", _("United Kingdom")
    UNITED_STATES = "united_states", _("United States")


class Tenant(models.Model):
    """One organization; its authority says whose registrations it shows."""

    class Authority(models.TextChoices):
        LOCAL = "local", _("Local (Hangar is the registration service)")
        MSGRAPH = "msgraph", _("Microsoft Graph")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("Name"), max_length=100)
    slug = models.CharField(_("Address"), max_length=50, unique=True, validators=[SLUG], db_collation="C")
    authority = models.CharField(_("Authority"), max_length=10, choices=Authority, default=Authority.LOCAL)
    region = models.CharField(_("Region"), max_length=20, choices=Region, blank=True)
    approval_above = models.PositiveIntegerField(null=True)
    cooling_off_hours = models.PositiveSmallIntegerField(default=0, db_default=0)
    revision = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    @property
    def is_local(self) -> bool:
        """Whether Hangar itself is this tenant's registration service."""
        return self.authority == self.Authority.LOCAL


class TenantManager(BaseManager):
    """Offers rows only by tenant; `unscoped` on the model is the rare, listed exception."""

    queryset_class: type[models.QuerySet[Any]] = models.QuerySet

    @classmethod
    def of_queryset(cls, queryset_class: type[models.QuerySet[Any]]) -> "TenantManager":
        """A manager whose rows come as the given queryset class."""
        name = f"{cls.__name__}Of{queryset_class.__name__}"
        return type(name, (cls,), {"queryset_class": queryset_class})()

    def get_queryset(self) -> models.QuerySet[Any]:
        """The model's own queryset; Django asks for it by this name."""
        return self.queryset_class(self.model, using=self._db)

    def of(self, tenant: Tenant) -> Any:
        """The rows of one tenant."""
        return self.get_queryset().filter(tenant=tenant)

    def across(self, tenants: Iterable[Tenant]) -> Any:
        """The rows of several tenants the caller was admitted to."""
        return self.get_queryset().filter(tenant__in=list(tenants))

    def create(self, *, tenant: Tenant, **fields: Any) -> Any:
        """Insert one row of a tenant."""
        return self.get_queryset().create(tenant=tenant, **fields)

    def bulk_create(self, rows: Iterable[Any], **options: Any) -> list[Any]:
        """Insert rows, each carrying its tenant."""
        return self.get_queryset().bulk_create(list(rows), **options)


class TenantOwned(models.Model):
    """Base of every row that belongs to one tenant."""

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="+")

    objects: ClassVar[Any] = TenantManager()
    unscoped: ClassVar[Any] = models.Manager()

    class Meta:
        abstract = True
        default_manager_name = "unscoped"
        base_manager_name = "unscoped"


class VerifiedDomain(TenantOwned):
    """A domain name whose user principal names belong to the tenant."""

    name = models.CharField(_("Domain"), max_length=253)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta(TenantOwned.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(Lower("name"), name="domain_belongs_to_one_tenant"),
        ]
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name
