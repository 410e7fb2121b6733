"""What partners send: batches of devices for a customer, each device's result, and known machines."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenants.models import Job, Partner, PartnerOwned, Tenant


class DeviceBatch(PartnerOwned):
    """A partner's named collection of devices of one customer (Partner Center DeviceBatch)."""

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=100)
    created_by_label = models.CharField(max_length=254)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta(PartnerOwned.Meta):
        abstract = False
        verbose_name_plural = _("device batches")
        constraints = [
            models.UniqueConstraint(fields=["partner", "tenant", "name"], name="one_batch_a_name"),
        ]

    def __str__(self) -> str:
        return self.name


class Submission(PartnerOwned):
    """One upload of a partner: devices to register or to remove, or an OEM's report of hashes."""

    class Kind(models.TextChoices):
        REGISTER = "register", _("Register devices")
        REMOVE = "remove", _("Deregister devices")
        REPORT = "report", _("Report hardware hashes")

    class State(models.TextChoices):
        QUEUED = "queued", _("Queued")
        PROCESSING = "processing", _("Processing")
        FINISHED = "finished", _("Finished")
        STOPPED = "stopped", _("Stopped")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("Kind"), max_length=10, choices=Kind, default=Kind.REGISTER)
    state = models.CharField(_("State"), max_length=10, choices=State, default=State.QUEUED)
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, null=True, related_name="+")
    batch = models.ForeignKey(DeviceBatch, on_delete=models.PROTECT, null=True, related_name="submissions")
    name = models.CharField(_("Batch"), max_length=255)
    purchase_order = models.CharField(_("Purchase order"), max_length=255, blank=True)
    group_tag = models.CharField(_("Group tag"), max_length=512, blank=True)
    request_id = models.CharField(max_length=64, null=True)
    digest = models.CharField(max_length=64, blank=True)
    headers = models.JSONField(default=list)
    row_count = models.PositiveIntegerField(_("Rows"), default=0)
    done_count = models.PositiveIntegerField(_("Done"), default=0)
    already_count = models.PositiveIntegerField(_("Already there"), default=0)
    failed_count = models.PositiveIntegerField(_("Failed"), default=0)
    via = models.CharField(max_length=20)
    created_by_label = models.CharField(_("Sent by"), max_length=254)
    job = models.ForeignKey(Job, on_delete=models.SET_NULL, null=True, related_name="+")
    error_message = models.TextField(blank=True)
    created_at = models.DateTimeField(_("Sent"), default=timezone.now)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(_("Finished"), null=True)

    class Meta(PartnerOwned.Meta):
        abstract = False
        verbose_name_plural = _("partners' uploads")
        constraints = [
            models.UniqueConstraint(fields=["partner", "request_id"], name="one_submission_a_request"),
        ]
        indexes = [models.Index(fields=["partner", "created_at", "id"], name="submission_by_date")]

    def __str__(self) -> str:
        return self.name


class SubmissionRow(models.Model):
    """One device of an upload: how it was named, and what the service answered."""

    class Outcome(models.TextChoices):
        WAITING = "", _("Waiting")
        REGISTERED = "registered", _("Registered")
        ALREADY = "already", _("Already there")
        REMOVED = "removed", _("Deregistered")
        KEPT = "kept", _("Hash kept")
        FAILED = "failed", _("Failed")

    of = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField()
    line = models.PositiveIntegerField(default=0)
    header = models.PositiveSmallIntegerField(default=0)
    cells = ArrayField(models.TextField(), default=list)
    identifier = models.CharField(max_length=16, blank=True)
    serial_number = models.CharField(max_length=255, blank=True)
    product_key = models.CharField(max_length=40, blank=True)
    manufacturer = models.CharField(max_length=255, blank=True)
    model = models.CharField(max_length=255, blank=True)
    blob = models.BinaryField(null=True)
    outcome = models.CharField(max_length=12, choices=Outcome, default=Outcome.WAITING, blank=True)
    code = models.PositiveSmallIntegerField(null=True)
    code_name = models.CharField(max_length=60, blank=True)
    reason = models.TextField(blank=True)
    next_step = models.TextField(blank=True)
    device_id = models.UUIDField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["of", "number"], name="submission_row_number")]
        indexes = [models.Index(fields=["of", "outcome", "number"], name="submission_row_by_outcome")]

    def __str__(self) -> str:
        return f"{self.number}"


class KnownMachine(models.Model):
    """A machine whose hash an OEM reported before anybody owned it; belongs to no tenant.

    By its tuple (manufacturer, model and serial number exactly as SMBIOS spells them) or its
    ProductKeyID a partner can register it without a hash. Source: OEM registration, CBR report [D].
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reported_by = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="+")
    report = models.ForeignKey(Submission, on_delete=models.SET_NULL, null=True, related_name="+")
    manufacturer = models.CharField(max_length=255, db_collation="C")
    model = models.CharField(max_length=255, db_collation="C")
    serial_number = models.CharField(max_length=255, db_collation="C")
    product_key = models.CharField(max_length=40, blank=True, db_collation="C")
    blob = models.BinaryField()
    captured_at = models.DateTimeField(null=True)
    reported_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            models.Index(fields=["serial_number", "manufacturer", "model"], name="known_by_tuple"),
            models.Index(fields=["product_key"], condition=~Q(product_key=""), name="known_by_product_key"),
        ]

    def __str__(self) -> str:
        return self.serial_number
