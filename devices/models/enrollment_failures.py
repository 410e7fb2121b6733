"""Attempts to enroll that failed, as the portal shows them; also of machines that are not registered."""

import uuid

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from devices.models.autopilot import AutopilotDevice
from devices.models.managed import ManagedDevice
from tenants.models import TenantOwned

FAILURE_DAYS = 90


class EnrollmentFailure(TenantOwned):
    """One failed attempt; error_code is what Windows would show, empty where none is documented."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    at = models.DateTimeField(_("Time"), default=timezone.now)
    autopilot_device = models.ForeignKey(
        AutopilotDevice, on_delete=models.SET_NULL, null=True, related_name="failures"
    )
    serial_number = models.CharField(_("Serial number"), max_length=255, blank=True, db_collation="C")
    manufacturer = models.CharField(_("Manufacturer"), max_length=255, blank=True)
    model = models.CharField(_("Model"), max_length=255, blank=True)
    mode = models.CharField(_("Enrollment type"), max_length=20, choices=ManagedDevice.Mode)
    user_principal_name = models.CharField(_("User"), max_length=254, blank=True)
    reason = models.CharField(_("Reason"), max_length=60)
    error_code = models.CharField(_("Error code"), max_length=20, blank=True)
    sentence = models.CharField(_("What happened"), max_length=400)
    next_step = models.CharField(_("What to do"), max_length=400, blank=True)

    class Meta(TenantOwned.Meta):
        abstract = False
        indexes = [
            models.Index(fields=["tenant", "at", "id"], name="failure_by_date"),
            models.Index(fields=["tenant", "serial_number", "id"], name="failure_by_serial"),
            models.Index(fields=["autopilot_device", "at"], name="failure_by_device"),
        ]

    def __str__(self) -> str:
        return self.reason
