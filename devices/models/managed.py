"""Windows devices: enrolled in Intune; made by enrolment only, never by registration."""

import uuid
from typing import Any, ClassVar

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Upper
from django.db.models.functions.text import Concat
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from devices.models.autopilot import AutopilotDevice
from devices.models.directory import EntraDevice
from tenants.models import DirectoryUser, TenantManager, TenantOwned

LIVE = Q(removed_at=None)


class ManagedDeviceQuerySet(models.QuerySet["ManagedDevice"]):
    """Managed devices, chainable."""

    def live(self) -> "ManagedDeviceQuerySet":
        """Those still enrolled."""
        return self.filter(LIVE)


class ManagedDevice(TenantOwned):
    """An enrolled Windows device (Graph managedDevice)."""

    class Ownership(models.TextChoices):
        COMPANY = "company", _("Corporate")
        PERSONAL = "personal", _("Personal")

    class Compliance(models.TextChoices):
        COMPLIANT = "compliant", _("Compliant")
        NONCOMPLIANT = "noncompliant", _("Not compliant")
        UNKNOWN = "unknown", _("Not evaluated")

    class Mode(models.TextChoices):
        """How the device enrolled; the last four without a registration."""

        USER_DRIVEN = "user_driven", _("User-driven")
        SELF_DEPLOYING = "self_deploying", _("Self-deploying")
        PRE_PROVISIONING = "pre_provisioning", _("Pre-provisioning")
        ENTRA_JOIN = "entra_join", _("Microsoft Entra join")
        HYBRID_JOIN = "hybrid_join", _("Microsoft Entra hybrid join by Group Policy")
        WORK_ACCOUNT = "work_account", _("Work account added")
        MDM_ONLY = "mdm_only", _("MDM only")

    class State(models.TextChoices):
        MANAGED = "managed", _("Managed")
        WIPE_ISSUED = "wipe_issued", _("Wipe pending")
        RESET = "reset", _("Reset, waiting for set-up")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    device_name = models.CharField(_("Device name"), max_length=255, db_collation="C")
    managed_by = models.CharField(_("Managed by"), max_length=40, default="Intune")
    ownership = models.CharField(_("Ownership"), max_length=10, choices=Ownership, default=Ownership.COMPANY)
    compliance = models.CharField(
        _("Compliance"), max_length=14, choices=Compliance, default=Compliance.UNKNOWN
    )
    operating_system = models.CharField(_("OS"), max_length=40, default="Windows")
    os_version = models.CharField(_("OS version"), max_length=40, blank=True)
    last_check_in_at = models.DateTimeField(_("Last check-in"), default=timezone.now)
    enrolled_at = models.DateTimeField(_("Enrolled"), default=timezone.now)
    user = models.ForeignKey(DirectoryUser, on_delete=models.SET_NULL, null=True, related_name="+")
    user_principal_name = models.CharField(_("Primary user UPN"), max_length=254, blank=True)
    serial_number = models.CharField(_("Serial number"), max_length=255, db_collation="C")
    manufacturer = models.CharField(_("Manufacturer"), max_length=255, blank=True)
    model = models.CharField(_("Model"), max_length=255, blank=True)
    enrollment_profile = models.CharField(_("Enrollment profile"), max_length=200, blank=True)
    profile_id_at_enrollment = models.UUIDField(null=True)
    is_simulated = models.BooleanField(default=False)
    mode = models.CharField(
        _("Enrollment type"), max_length=20, choices=Mode, default=Mode.USER_DRIVEN, db_default="user_driven"
    )
    state = models.CharField(
        _("Management state"), max_length=12, choices=State, default=State.MANAGED, db_default="managed"
    )
    state_changed_at = models.DateTimeField(null=True)
    secret_digest = models.CharField(max_length=64, null=True, unique=True)
    autopilot_device = models.ForeignKey(
        AutopilotDevice,
        on_delete=models.SET_NULL,
        null=True,
        related_name="managed_devices",
    )
    entra_device = models.ForeignKey(
        EntraDevice,
        on_delete=models.SET_NULL,
        null=True,
        related_name="managed_devices",
    )
    removed_at = models.DateTimeField(null=True)
    revision = models.PositiveIntegerField(default=1)
    search = models.GeneratedField(
        expression=Upper(
            Concat(
                "device_name",
                Value(" "),
                "serial_number",
                Value(" "),
                "user_principal_name",
            )
        ),
        output_field=models.TextField(),
        db_persist=True,
    )

    objects: ClassVar[Any] = TenantManager.of_queryset(ManagedDeviceQuerySet)
    unscoped: ClassVar[Any] = ManagedDeviceQuerySet.as_manager()

    class Meta(TenantOwned.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(fields=["autopilot_device"], condition=LIVE, name="one_live_enrolment"),
        ]
        indexes = [
            models.Index(
                fields=["tenant", "device_name", "id"],
                condition=LIVE,
                name="managed_by_name",
            ),
            models.Index(
                fields=["tenant", "serial_number", "id"],
                condition=LIVE,
                name="managed_by_serial",
            ),
            models.Index(
                fields=["tenant", "last_check_in_at", "id"],
                condition=LIVE,
                name="managed_by_check_in",
            ),
            GinIndex(
                OpClass("tenant", "uuid_ops"),
                OpClass("search", "gin_trgm_ops"),
                condition=LIVE,
                name="managed_search",
            ),
        ]

    def __str__(self) -> str:
        return self.device_name
