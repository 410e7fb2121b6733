"""The service side of a local tenant: registrations, their hashes and identity keys.

A registration ends and is not deleted; its id is the ZTDID and the id of the Autopilot device.
"""

import uuid
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from tenants.models import Partner, Tenant, TenantManager, TenantOwned


class RegistrationQuerySet(models.QuerySet["Registration"]):
    """Registrations, chainable."""

    def live(self) -> "RegistrationQuerySet":
        """Those that have not ended."""
        return self.filter(ended_at=None)


class Registration(TenantOwned):
    """One machine's registration with one tenant, as the registration service holds it."""

    class Channel(models.TextChoices):
        IMPORT = "import", "Import"
        COMMAND = "command", "Command line"
        RESTORED = "restored", "Registered again"
        MOVED = "moved", "Moved from another tenant"
        PARTNER = "partner", "Partner"
        AUTOMATIC = "automatic", "Automatic registration"
        API = "api", "API"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    authority = models.CharField(max_length=10, choices=Tenant.Authority)
    serial_number = models.CharField(max_length=255, db_collation="C")
    manufacturer = models.CharField(max_length=255)
    model = models.CharField(max_length=255, blank=True)
    product_key = models.CharField(max_length=40, blank=True)
    sku_number = models.CharField(max_length=255, blank=True)
    system_family = models.CharField(max_length=255, blank=True)
    group_tag = models.CharField(max_length=512, blank=True)
    purchase_order = models.CharField(max_length=255, blank=True)
    user_principal_name = models.CharField(max_length=254, blank=True)
    addressable_user_name = models.CharField(max_length=256, blank=True)
    display_name = models.CharField(max_length=15, blank=True)
    channel = models.CharField(max_length=12, choices=Channel, default=Channel.IMPORT)
    registered_by = models.CharField(max_length=254)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, null=True, related_name="+")
    registered_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)
    attention_required_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=60, blank=True)

    objects: ClassVar[Any] = TenantManager.of_queryset(RegistrationQuerySet)
    unscoped: ClassVar[Any] = RegistrationQuerySet.as_manager()

    class Meta(TenantOwned.Meta):
        abstract = False
        indexes = [
            models.Index(
                fields=["tenant", "serial_number", "id"],
                condition=Q(ended_at=None),
                name="registration_live",
            ),
            models.Index(fields=["tenant", "changed_at", "id"], name="registration_changed"),
            models.Index(
                fields=["partner", "registered_at", "id"],
                condition=Q(ended_at=None) & ~Q(partner=None),
                name="registration_by_partner",
            ),
        ]

    def __str__(self) -> str:
        return self.serial_number


class RegistrationHash(models.Model):
    """The captured hardware hash, decoded from base64; apart so that no list ever fetches it."""

    registration = models.OneToOneField(
        Registration,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="hardware_hash",
    )
    blob = models.BinaryField()
    captured_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.registration_id)


class IdentityKey(models.Model):
    """One fact by which a machine is recognised; exclusive ones are unique among live local claims.

    Exclusive are the TPM endorsement key and the SMBIOS UUID, and manufacturer + serial where a
    machine offers neither (hardware-hash matching, design ruling on identity).
    """

    registration = models.ForeignKey(Registration, on_delete=models.CASCADE, related_name="keys")
    authority = models.CharField(max_length=10, choices=Tenant.Authority)
    kind = models.CharField(max_length=24)
    value = models.CharField(max_length=600, db_collation="C")
    is_exclusive = models.BooleanField(default=False)
    is_live = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "value"],
                condition=Q(is_exclusive=True, is_live=True, authority="local"),
                name="one_live_local_claim",
            ),
            models.UniqueConstraint(fields=["registration", "kind", "value"], name="one_key_a_registration"),
        ]
        indexes = [
            models.Index(fields=["kind", "value"], condition=Q(is_live=True), name="key_live"),
        ]

    def __str__(self) -> str:
        return self.kind
