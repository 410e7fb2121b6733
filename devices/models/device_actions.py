"""What an administrator asked of an enrolled device, until the device has answered."""

import uuid

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from devices.models.managed import ManagedDevice
from tenants.models import TenantOwned


class DeviceAction(TenantOwned):
    """A remote action; the device fetches it at a check-in and acknowledges it at a later one."""

    class Kind(models.TextChoices):
        WIPE = "wipe", _("Wipe")
        RENAME = "rename", _("Rename")

    class Outcome(models.TextChoices):
        PENDING = "pending", _("Pending")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        CANCELED = "canceled", _("Canceled")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    managed_device = models.ForeignKey(ManagedDevice, on_delete=models.CASCADE, related_name="actions")
    kind = models.CharField(max_length=10, choices=Kind)
    new_name = models.CharField(max_length=15, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.PENDING)
    requested_by = models.CharField(max_length=254)
    requested_at = models.DateTimeField(default=timezone.now)
    delivered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta(TenantOwned.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(
                fields=["managed_device", "kind"],
                condition=models.Q(outcome="pending"),
                name="one_pending_action_of_a_kind",
            ),
        ]
        indexes = [models.Index(fields=["managed_device", "requested_at"], name="action_by_device")]

    def __str__(self) -> str:
        return self.kind
