"""How machines reach a local tenant: whether they may, with which keys, and the limits of enrolment."""

import uuid

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenants.models.tenant import TenantOwned

DEVICE_LIMIT = 50  # Entra's default of devices a user ("Troubleshooting FAQ" [D])


class DeviceSide(TenantOwned):
    """The device side of a tenant; without a row it is off and the limits are the defaults."""

    is_on = models.BooleanField(_("Machines may reach this tenant"), default=False)
    device_limit = models.PositiveIntegerField(_("Devices a user may enroll"), default=DEVICE_LIMIT)
    allows_personal = models.BooleanField(_("Personally owned devices may enroll"), default=True)
    changed_at = models.DateTimeField(default=timezone.now)
    revision = models.PositiveIntegerField(default=1)

    class Meta(TenantOwned.Meta):
        abstract = False
        constraints = [models.UniqueConstraint(fields=["tenant"], name="one_device_side_a_tenant")]

    def __str__(self) -> str:
        return str(self.tenant_id)


class EnrollmentKey(TenantOwned):
    """A secret that every request of a machine carries; only its digest is kept."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    digest = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=4)
    is_for_one_run = models.BooleanField(default=False)
    created_by = models.CharField(max_length=254)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta(TenantOwned.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(
                fields=["tenant"],
                condition=models.Q(is_for_one_run=False, revoked_at=None),
                name="one_enrollment_key_a_tenant",
            ),
        ]

    def __str__(self) -> str:
        return f"…{self.hint}"
