"""The tenant's directory: Microsoft Entra device objects, groups and their members."""

import uuid
from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenants.models import TenantManager, TenantOwned

LONGEST_PHYSICAL_ID = 600


class EntraDeviceQuerySet(models.QuerySet["EntraDevice"]):
    """Entra devices, chainable."""

    def live(self) -> "EntraDeviceQuerySet":
        """Those that were not deleted."""
        return self.filter(deleted_at=None)


class EntraDevice(TenantOwned):
    """A Microsoft Entra device object (Graph device); registration creates it, groups hold it."""

    class TrustType(models.TextChoices):
        NONE = "", _("Not joined")
        ENTRA = "AzureAd", _("Microsoft Entra joined")
        HYBRID = "ServerAd", _("Microsoft Entra hybrid joined")
        REGISTERED = "Workplace", _("Microsoft Entra registered")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    device_id = models.UUIDField(_("Device ID"), default=uuid.uuid4, unique=True, editable=False)
    display_name = models.CharField(_("Display name"), max_length=255, db_collation="C")
    ztdid = models.UUIDField(_("ZTDID"), null=True)
    physical_ids = ArrayField(models.CharField(max_length=LONGEST_PHYSICAL_ID), default=list)
    serial_number = models.CharField(max_length=255, blank=True)
    is_enabled = models.BooleanField(_("Enabled"), default=True)
    trust_type = models.CharField(
        _("Join type"),
        max_length=10,
        choices=TrustType,
        default=TrustType.NONE,
        blank=True,
    )
    is_company_owned = models.BooleanField(default=True)
    has_enrolled = models.BooleanField(default=False)
    manufacturer = models.CharField(_("Manufacturer"), max_length=255, blank=True, db_default="")
    model = models.CharField(_("Model"), max_length=255, blank=True, db_default="")
    operating_system = models.CharField(_("OS"), max_length=40, blank=True, db_default="")
    os_version = models.CharField(_("OS version"), max_length=40, blank=True, db_default="")
    management_type = models.CharField(_("Management type"), max_length=20, blank=True, db_default="")
    enrollment_profile = models.CharField(_("Enrollment profile"), max_length=200, blank=True, db_default="")
    twin_of = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="twins")
    registered_at = models.DateTimeField(_("Registered"), default=timezone.now)
    deleted_at = models.DateTimeField(null=True)
    revision = models.PositiveIntegerField(default=1)
    search = models.GeneratedField(
        expression=Upper("display_name"),
        output_field=models.TextField(),
        db_persist=True,
    )

    objects: ClassVar[Any] = TenantManager.of_queryset(EntraDeviceQuerySet)
    unscoped: ClassVar[Any] = EntraDeviceQuerySet.as_manager()

    class Meta(TenantOwned.Meta):
        abstract = False
        indexes = [
            models.Index(
                fields=["tenant", "display_name", "id"],
                condition=Q(deleted_at=None),
                name="entra_by_name",
            ),
            models.Index(
                fields=["tenant", "registered_at", "id"],
                condition=Q(deleted_at=None),
                name="entra_by_registered",
            ),
            models.Index(fields=["ztdid"], name="entra_by_ztdid"),
            models.Index(fields=["id"], condition=Q(deleted_at=None), name="entra_live"),
            GinIndex(
                OpClass("tenant", "uuid_ops"),
                OpClass("search", "gin_trgm_ops"),
                condition=Q(deleted_at=None),
                name="entra_search",
            ),
            GinIndex(fields=["physical_ids"], name="entra_physical_ids"),
        ]

    def __str__(self) -> str:
        return self.display_name

    @property
    def is_personal(self) -> bool:
        """Whether the machine is somebody's own, or only registered (workplace joined)."""
        return not self.is_company_owned or self.trust_type == self.TrustType.REGISTERED


class Group(TenantOwned):
    """A security group of devices, with assigned or dynamic membership."""

    class Membership(models.TextChoices):
        ASSIGNED = "assigned", _("Assigned")
        DYNAMIC = "dynamic", _("Dynamic device")

    class Evaluation(models.TextChoices):
        """How the objects of a rule are found; see services/profiles/membership.py."""

        NONE = "", _("No rule")
        LOOKUP = "lookup", _("By physical id")
        NARROWED = "narrowed", _("By physical id, then by the rule")
        EVERY = "every", _("By the rule")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("Name"), max_length=256, db_collation="C")
    description = models.CharField(_("Description"), max_length=1024, blank=True)
    membership = models.CharField(
        _("Membership type"),
        max_length=10,
        choices=Membership,
        default=Membership.ASSIGNED,
    )
    rule_text = models.TextField(_("Rule"), blank=True, default="")
    evaluation = models.CharField(max_length=10, choices=Evaluation, default=Evaluation.NONE, blank=True)
    evaluated_at = models.DateTimeField(null=True)
    members_changed_at = models.DateTimeField(null=True)
    direct_profile = models.OneToOneField(
        "devices.DeploymentProfile",
        on_delete=models.SET_NULL,
        null=True,
        related_name="direct_group",
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    revision = models.PositiveIntegerField(default=1)

    class Meta(TenantOwned.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint("tenant", Upper("name"), name="group_name_in_tenant"),
        ]
        indexes = [
            models.Index(fields=["tenant", "name", "id"], name="group_by_name"),
            models.Index(fields=["tenant", "evaluation"], name="group_by_evaluation"),
        ]

    def __str__(self) -> str:
        return self.name


class GroupRuleKey(TenantOwned):
    """A physical id, in lower case, that the rule of a group asks for."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="rule_keys")
    value = models.CharField(max_length=LONGEST_PHYSICAL_ID, db_collation="C")

    class Meta(TenantOwned.Meta):
        abstract = False
        indexes = [models.Index(fields=["tenant", "value", "group"], name="group_by_rule_key")]

    def __str__(self) -> str:
        return self.value


class GroupMemberQuerySet(models.QuerySet["GroupMember"]):
    """Members, chainable."""

    def live(self) -> "GroupMemberQuerySet":
        """Those whose object was not deleted."""
        return self.filter(device__deleted_at=None)


class GroupMember(models.Model):
    """An Entra device in a group."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="members")
    device = models.ForeignKey(EntraDevice, on_delete=models.CASCADE, related_name="group_links")
    added_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[Any] = GroupMemberQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["group", "device"], name="member_once"),
        ]

    def __str__(self) -> str:
        return f"{self.group_id} {self.device_id}"
