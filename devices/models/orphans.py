"""Orphans: records of one machine that lost their counterpart or disagree with it."""

import uuid

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenants.models import TenantOwned


class Orphan(TenantOwned):
    """One defect of one record, as the last check found it; a fix looks again before it acts."""

    class Defect(models.TextChoices):
        NO_ENTRA_DEVICE = "no_entra_device", _("No Microsoft Entra object")
        ZTDID_WITHOUT_REGISTRATION = "ztdid_without_registration", _("ZTDID without registration")
        STALE_TWIN = "stale_twin", _("Stale twin object")
        TAG_DIFFERS = "tag_differs", _("Group tag differs from OrderID")
        DISABLED = "disabled", _("Disabled object")
        USER_GONE = "user_gone", _("User is gone")
        NOT_REGISTERED = "not_registered", _("Enrolled, not registered")

    class Record(models.TextChoices):
        AUTOPILOT = "autopilot_device", _("Windows Autopilot device")
        ENTRA = "entra_device", _("Microsoft Entra device")
        MANAGED = "managed_device", _("Windows device")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    defect = models.CharField(_("Defect"), max_length=30, choices=Defect)
    record = models.CharField(_("Record"), max_length=20, choices=Record)
    object_id = models.UUIDField()
    label = models.CharField(_("Device"), max_length=255, db_collation="C")
    detail = models.CharField(_("Detail"), max_length=1100, blank=True)
    is_fixable = models.BooleanField(_("Can be fixed here"), default=True)
    found_at = models.DateTimeField(_("Found"), default=timezone.now)

    class Meta(TenantOwned.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(fields=["tenant", "defect", "object_id"], name="one_orphan_a_defect"),
        ]
        indexes = [
            models.Index(fields=["tenant", "label", "id"], name="orphan_by_label"),
            models.Index(fields=["tenant", "found_at", "id"], name="orphan_by_date"),
        ]

    def __str__(self) -> str:
        return self.label


class OrphanCheck(models.Model):
    """When a tenant's records were last checked against each other."""

    tenant = models.OneToOneField(
        "tenants.Tenant", on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    checked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.tenant_id)
