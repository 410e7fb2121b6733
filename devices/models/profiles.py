"""Deployment profiles and the groups they are assigned to."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenants.models import TenantOwned

PROFILES_PER_TENANT = 350


class DeploymentProfile(TenantOwned):
    """A Windows Autopilot deployment profile (Graph windowsAutopilotDeploymentProfile).

    Settings and defaults follow Intune's "Configure Windows Autopilot profiles" [D].
    """

    class DeviceType(models.TextChoices):
        WINDOWS_PC = "windowsPc", _("Windows PC")
        HOLOLENS = "holoLens", _("HoloLens")

    class JoinType(models.TextChoices):
        ENTRA = "entra", _("Microsoft Entra joined")
        HYBRID = "hybrid", _("Microsoft Entra hybrid joined")

    class DeviceUsage(models.TextChoices):
        USER_DRIVEN = "singleUser", _("User-driven")
        SELF_DEPLOYING = "shared", _("Self-deploying")

    class UserType(models.TextChoices):
        ADMINISTRATOR = "administrator", _("Administrator")
        STANDARD = "standard", _("Standard")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    display_name = models.CharField(_("Name"), max_length=200, db_collation="C")
    description = models.CharField(_("Description"), max_length=1500, blank=True)
    device_type = models.CharField(
        _("Create as"), max_length=12, choices=DeviceType, default=DeviceType.WINDOWS_PC
    )
    hardware_hash_extraction_enabled = models.BooleanField(
        _("Convert all targeted devices to Autopilot"), default=False
    )
    device_usage_type = models.CharField(
        _("Deployment mode"),
        max_length=12,
        choices=DeviceUsage,
        default=DeviceUsage.USER_DRIVEN,
    )
    join_type = models.CharField(
        _("Join to Microsoft Entra ID as"),
        max_length=8,
        choices=JoinType,
        default=JoinType.ENTRA,
    )
    skip_connectivity_check = models.BooleanField(_("Skip AD connectivity check"), default=False)
    eula_hidden = models.BooleanField(_("Hide Microsoft Software License Terms"), default=False)
    privacy_settings_hidden = models.BooleanField(_("Hide privacy settings"), default=False)
    escape_link_hidden = models.BooleanField(_("Hide change account options"), default=False)
    user_type = models.CharField(
        _("User account type"),
        max_length=14,
        choices=UserType,
        default=UserType.ADMINISTRATOR,
    )
    preprovisioning_allowed = models.BooleanField(_("Allow pre-provisioned deployment"), default=False)
    locale = models.CharField(_("Language (Region)"), max_length=20, default="os-default")
    keyboard_selection_page_skipped = models.BooleanField(
        _("Automatically configure keyboard"), default=False
    )
    device_name_template = models.CharField(_("Device name template"), max_length=60, blank=True)
    is_for_all_devices = models.BooleanField(_("Assigned to all devices"), default=False)
    created_at = models.DateTimeField(_("Created"), default=timezone.now, editable=False)
    modified_at = models.DateTimeField(_("Last modified"), default=timezone.now)
    revision = models.PositiveIntegerField(default=1)

    class Meta(TenantOwned.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(
                fields=["tenant"],
                condition=Q(is_for_all_devices=True),
                name="one_profile_for_all_devices",
            ),
            models.UniqueConstraint(fields=["tenant", "display_name"], name="profile_name_in_tenant"),
        ]
        indexes = [
            models.Index(fields=["tenant", "display_name", "id"], name="profile_by_name"),
            models.Index(fields=["tenant", "created_at", "id"], name="profile_by_age"),
        ]

    def __str__(self) -> str:
        return self.display_name


class ProfileAssignment(models.Model):
    """A group a profile includes or excludes."""

    class Kind(models.TextChoices):
        INCLUDE = "include", _("Included groups")
        EXCLUDE = "exclude", _("Excluded groups")

    profile = models.ForeignKey(DeploymentProfile, on_delete=models.CASCADE, related_name="assignments")
    group = models.ForeignKey("devices.Group", on_delete=models.PROTECT, related_name="profile_assignments")
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.INCLUDE)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["profile", "group"], name="group_once_a_profile"),
        ]

    def __str__(self) -> str:
        return f"{self.profile_id} {self.kind} {self.group_id}"
