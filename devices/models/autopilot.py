"""The Windows Autopilot devices of a tenant: the portal's list, and the kits that undo a deletion."""

import uuid
from datetime import UTC, datetime
from typing import Any, ClassVar

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Case, Q, Value, When
from django.db.models.functions import Coalesce, Upper
from django.db.models.functions.text import Concat
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from devices.models.directory import EntraDevice
from devices.models.profiles import DeploymentProfile
from tenants.models import DirectoryUser, Job, Partner, TenantManager, TenantOwned

LOW_DATE = datetime(1900, 1, 1, tzinfo=UTC)
UNDO_KIT_DAYS = 90
LIVE = Q(removed_at=None)


class AutopilotDeviceQuerySet(models.QuerySet["AutopilotDevice"]):
    """Autopilot devices, chainable."""

    def live(self) -> "AutopilotDeviceQuerySet":
        """Those in the list (a removed one keeps only its history)."""
        return self.filter(LIVE)

    def with_managed(self) -> "AutopilotDeviceQuerySet":
        """Each with `live_managed`, the list of its live Intune records (none or one)."""
        managed = self.model._meta.get_field("managed_devices").related_model
        live = managed.unscoped.filter(removed_at=None)  # type: ignore[union-attr]
        return self.prefetch_related(models.Prefetch("managed_devices", live, to_attr="live_managed"))


def sortable(field: str) -> Any:
    """The expression that orders a nullable date and its index alike: never sorts lowest."""
    return Coalesce(field, Value(LOW_DATE))


def live_index(name: str, *fields: Any) -> models.Index:
    """A list index: tenant first, id last, live rows only."""
    expressions = [models.F(field) if isinstance(field, str) else field for field in fields]
    return models.Index(models.F("tenant"), *expressions, models.F("id"), condition=LIVE, name=name)


class AutopilotDevice(TenantOwned):
    """A registered device as the tenant sees it (Graph windowsAutopilotDeviceIdentity)."""

    class AssignmentStatus(models.TextChoices):
        NOT_ASSIGNED = "not_assigned", _("Not assigned")
        ASSIGNING = "assigning", _("Assigning")
        ASSIGNED = "assigned", _("Assigned")
        FAILED = "failed", _("Failed")
        UNKNOWN = "unknown", _("Unknown")

    class RemediationState(models.TextChoices):
        NONE = "none", _("No remediation required")
        FIX_PENDING = "fix_pending", _("Fix pending")
        ATTENTION_REQUIRED = "attention_required", _("Attention required")
        UNKNOWN = "unknown", _("Unknown")

    PROFILE_STATUSES = [
        *AssignmentStatus.choices,
        ("fix_pending", _("Fix pending")),
        ("attention_required", _("Attention required")),
    ]

    class EnrollmentState(models.TextChoices):
        NOT_CONTACTED = "not_contacted", _("Not contacted")
        ENROLLED = "enrolled", _("Enrolled")
        PENDING_RESET = "pending_reset", _("Pending reset")
        FAILED = "failed", _("Failed")
        BLOCKED = "blocked", _("Blocked")
        UNKNOWN = "unknown", _("Unknown")

    class UserlessEnrollment(models.TextChoices):
        UNKNOWN = "unknown", _("Unknown")
        ALLOWED = "allowed", _("Allowed")
        BLOCKED = "blocked", _("Blocked")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    serial_number = models.CharField(_("Serial number"), max_length=255, db_collation="C")
    manufacturer = models.CharField(_("Manufacturer"), max_length=255)
    model = models.CharField(_("Model"), max_length=255, blank=True, db_collation="C")
    product_key = models.CharField(_("Product key ID"), max_length=40, blank=True)
    sku_number = models.CharField(_("SKU number"), max_length=255, blank=True)
    system_family = models.CharField(_("System family"), max_length=255, blank=True)
    group_tag = models.CharField(_("Group tag"), max_length=512, blank=True, db_collation="C")
    purchase_order = models.CharField(_("Purchase order"), max_length=255, blank=True)
    display_name = models.CharField(_("Device name"), max_length=15, blank=True)
    user = models.ForeignKey(DirectoryUser, on_delete=models.SET_NULL, null=True, related_name="+")
    user_principal_name = models.CharField(_("User"), max_length=254, blank=True)
    addressable_user_name = models.CharField(_("User friendly name"), max_length=256, blank=True)
    assignment_status = models.CharField(
        max_length=20, choices=AssignmentStatus, default=AssignmentStatus.NOT_ASSIGNED
    )
    remediation_state = models.CharField(
        max_length=20, choices=RemediationState, default=RemediationState.NONE
    )
    remediation_changed_at = models.DateTimeField(null=True)
    profile_status = models.GeneratedField(
        expression=Case(
            When(remediation_state="fix_pending", then=Value("fix_pending")),
            When(remediation_state="attention_required", then=Value("attention_required")),
            default="assignment_status",
        ),
        output_field=models.CharField(_("Profile status"), max_length=20, choices=PROFILE_STATUSES),
        db_persist=True,
    )
    assigned_profile = models.ForeignKey(
        DeploymentProfile, on_delete=models.PROTECT, null=True, related_name="+"
    )
    profile_reason = models.CharField(max_length=20, blank=True)
    profile_reason_group = models.ForeignKey(
        "devices.Group", on_delete=models.SET_NULL, null=True, related_name="+"
    )
    profile_assigned_at = models.DateTimeField(_("Date assigned"), null=True)
    enrollment_state = models.CharField(
        _("Enrollment state"),
        max_length=20,
        choices=EnrollmentState,
        default=EnrollmentState.NOT_CONTACTED,
    )
    userless_enrollment = models.CharField(
        max_length=10, choices=UserlessEnrollment, default=UserlessEnrollment.UNKNOWN
    )
    last_contacted_at = models.DateTimeField(_("Last contacted"), null=True)
    registered_by = models.CharField(_("Registered by"), max_length=254, blank=True)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, null=True, related_name="+")
    registered_at = models.DateTimeField(_("Registered"), default=timezone.now)
    entra_device = models.ForeignKey(
        EntraDevice,
        on_delete=models.SET_NULL,
        null=True,
        related_name="autopilot_devices",
    )
    deletion_job = models.ForeignKey(
        Job, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    deletion_requested_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)
    removal_reason = models.CharField(max_length=60, blank=True)
    revision = models.PositiveIntegerField(default=1)
    synced_at = models.DateTimeField(default=timezone.now)
    search = models.GeneratedField(
        expression=Upper(
            Concat(
                "serial_number",
                Value(" "),
                "model",
                Value(" "),
                "manufacturer",
                Value(" "),
                "group_tag",
                Value(" "),
                "user_principal_name",
                Value(" "),
                "addressable_user_name",
                Value(" "),
                "display_name",
                Value(" "),
                "purchase_order",
            )
        ),
        output_field=models.TextField(),
        db_persist=True,
    )

    objects: ClassVar[Any] = TenantManager.of_queryset(AutopilotDeviceQuerySet)
    unscoped: ClassVar[Any] = AutopilotDeviceQuerySet.as_manager()

    class Meta(TenantOwned.Meta):
        abstract = False
        indexes = [
            live_index("autopilot_by_serial", "serial_number"),
            live_index("autopilot_by_model", "model"),
            live_index("autopilot_by_tag", "group_tag"),
            live_index("autopilot_by_registered", "registered_at"),
            live_index("autopilot_by_contact", sortable("last_contacted_at")),
            live_index("autopilot_by_status", "profile_status"),
            models.Index(fields=["assigned_profile"], condition=LIVE, name="autopilot_live_by_profile"),
            models.Index(
                fields=["tenant", "id"],
                condition=LIVE & Q(assignment_status="assigning"),
                name="autopilot_assigning",
            ),
            models.Index(fields=["entra_device"], name="autopilot_by_entra"),
            models.Index(
                fields=["deletion_job"], condition=Q(deletion_job__isnull=False), name="autopilot_by_deletion"
            ),
            GinIndex(
                OpClass("tenant", "uuid_ops"),
                OpClass("search", "gin_trgm_ops"),
                condition=LIVE,
                name="autopilot_search",
            ),
        ]

    def __str__(self) -> str:
        return self.serial_number

    def get_profile_status_display(self) -> str:
        """The word of the profile status; Django makes none for a generated column."""
        return str(dict(self.PROFILE_STATUSES).get(self.profile_status, self.profile_status))


class UndoKit(TenantOwned):
    """What a removal took away, kept UNDO_KIT_DAYS days so that *Register again* can restore it."""

    class Reason(models.TextChoices):
        DELETED = "deleted", _("Registration removed")
        DEREGISTERED = "deregistered", _("Deregistered fully")
        PARTNER = "partner", _("Deregistered by a partner")
        REPLACED = "replaced", _("Replaced by another device")
        MOVED = "moved", _("Moved to another tenant")
        REPAIRED = "repaired", _("Registered again with a new object")
        NOT_IN_SERVICE = "not_in_service", _("No longer in the service")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    device_id = models.UUIDField()
    serial_number = models.CharField(max_length=255)
    manufacturer = models.CharField(max_length=255)
    model = models.CharField(max_length=255, blank=True)
    blob = models.BinaryField(null=True)
    group_tag = models.CharField(max_length=512, blank=True)
    purchase_order = models.CharField(max_length=255, blank=True)
    user_principal_name = models.CharField(max_length=254, blank=True)
    addressable_user_name = models.CharField(max_length=256, blank=True)
    display_name = models.CharField(max_length=15, blank=True)
    direct_profile = models.ForeignKey(
        DeploymentProfile, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    reason = models.CharField(_("Reason"), max_length=60, choices=Reason)
    job_id = models.UUIDField(null=True)
    created_by = models.CharField(max_length=254)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    restored_at = models.DateTimeField(null=True)
    restored_as = models.UUIDField(null=True)

    class Meta(TenantOwned.Meta):
        abstract = False
        constraints = [models.UniqueConstraint(fields=["device_id"], name="one_kit_a_device")]
        indexes = [
            models.Index(fields=["tenant", "created_at", "id"], name="undo_kit_by_date"),
            models.Index(fields=["job_id"], condition=Q(job_id__isnull=False), name="undo_kit_by_job"),
            models.Index(fields=["expires_at"], name="undo_kit_due"),
        ]

    def __str__(self) -> str:
        return self.serial_number
