"""Audit: the act, and one target row per object it touched."""

import uuid

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Value
from django.db.models.functions import Upper
from django.db.models.functions.text import Concat
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenants.models.activities import ACTIVITIES, KINDS
from tenants.models.partners import Partner
from tenants.models.people import User
from tenants.models.tenant import Tenant


class AuditEvent(models.Model):
    """One act: who did what, from where, with which result. Never a hash, password or token.

    tenant: where it happened; partner: through whom; neither: an act of the installation.
    """

    class Result(models.TextChoices):
        SUCCESS = "success", _("Success")
        FAILURE = "failure", _("Failure")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, null=True, related_name="+")
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    actor = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    actor_label = models.CharField(max_length=254)
    via = models.CharField(max_length=20)
    address = models.GenericIPAddressField(null=True)
    activity = models.CharField(max_length=60)
    result = models.CharField(max_length=8, choices=Result, default=Result.SUCCESS)
    summary = models.CharField(max_length=300, blank=True)
    target_count = models.PositiveIntegerField(default=0)
    job_id = models.UUIDField(null=True)
    search = models.GeneratedField(
        expression=Upper(Concat("activity", Value(" "), "actor_label", Value(" "), "summary")),
        output_field=models.TextField(),
        db_persist=True,
    )

    class Meta:
        indexes = [
            models.Index(fields=["tenant", "at", "id"], name="audit_by_date"),
            models.Index(fields=["tenant", "activity", "at", "id"], name="audit_by_activity"),
            models.Index(fields=["tenant", "actor_label", "at", "id"], name="audit_by_actor"),
            models.Index(fields=["partner", "at", "id"], name="audit_by_partner"),
            GinIndex(
                OpClass("tenant", "uuid_ops"),
                OpClass("search", "gin_trgm_ops"),
                name="audit_search",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.activity} by {self.actor_label}"

    @property
    def heading(self) -> str:
        """The activity as a heading: device.user_assigned reads *Device user assigned*."""
        spelled = self.activity.replace(".", " ").replace("_", " ").capitalize()
        return str(ACTIVITIES.get(self.activity, spelled))


class AuditTarget(models.Model):
    """One object an act touched, with the changed values before and after."""

    event = models.ForeignKey(AuditEvent, on_delete=models.CASCADE, related_name="targets")
    kind = models.CharField(max_length=40)
    object_id = models.UUIDField(null=True)
    label = models.CharField(max_length=254)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["object_id", "event"], name="audit_by_object"),
            GinIndex(OpClass(Upper("label"), "gin_trgm_ops"), name="audit_target_by_label"),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def kind_word(self) -> str:
        """The kind of object, for people."""
        return str(KINDS.get(self.kind) or self.kind.replace("_", " ").capitalize())
