"""Imports: uploaded files, the checked plan, and each row's verdict and outcome."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenants.models import Job, TenantOwned, User


class Import(TenantOwned):
    """One import: first a plan that is checked, then, when a person says so, a commit."""

    class State(models.TextChoices):
        CHECKING = "checking", _("Checking")
        CHECKED = "checked", _("Ready to import")
        COMMITTING = "committing", _("Importing")
        COMPLETED = "completed", _("Completed")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("Files"), max_length=255)
    state = models.CharField(_("State"), max_length=12, choices=State, default=State.CHECKING)
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_by_label = models.CharField(_("Imported by"), max_length=254)
    via = models.CharField(max_length=20, default="browser")
    default_group_tag = models.CharField(_("Group tag"), max_length=512, blank=True)
    updates_group_tag = models.BooleanField(_("Update group tag"), default=False)
    updates_user = models.BooleanField(_("Update user"), default=False)
    needs_tenant_typed = models.BooleanField(default=False)
    foreign_tenant_reason = models.CharField(max_length=40, blank=True)
    notices = models.JSONField(default=list)
    row_count = models.PositiveIntegerField(_("Rows"), default=0)
    verdicts = models.JSONField(default=dict)
    overwrite_count = models.PositiveIntegerField(default=0)
    added = models.PositiveIntegerField(_("Added"), default=0)
    updated = models.PositiveIntegerField(_("Updated"), default=0)
    already_here = models.PositiveIntegerField(_("Already here"), default=0)
    failed = models.PositiveIntegerField(_("Failed"), default=0)
    left_out = models.PositiveIntegerField(_("Left out"), default=0)
    check_job = models.ForeignKey(Job, on_delete=models.SET_NULL, null=True, related_name="+")
    commit_job = models.ForeignKey(Job, on_delete=models.SET_NULL, null=True, related_name="+")
    error_message = models.TextField(blank=True)
    created_at = models.DateTimeField(_("Uploaded"), default=timezone.now)
    checked_at = models.DateTimeField(null=True)
    committed_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(_("Finished"), null=True)

    class Meta(TenantOwned.Meta):
        abstract = False
        indexes = [models.Index(fields=["tenant", "created_at", "id"], name="import_by_date")]

    def __str__(self) -> str:
        return self.name


class ImportFile(models.Model):
    """An uploaded file, stored before the upload is accepted; headers are its header lines as read."""

    of = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="files")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=255)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    stored_as = models.CharField(max_length=255, blank=True)
    headers = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["of", "position"], name="file_position"),
        ]

    def __str__(self) -> str:
        return self.name


class ImportRow(models.Model):
    """One data row: its original cells, the plan's verdict, and what the commit made of it.

    alike: earlier rows that share a fact about the machine. decision: why a person has to decide
    (empty: nobody has to). changes: {field: [old, new]} of a device that is already here.
    """

    class Verdict(models.TextChoices):
        NEW = "new", _("New")
        UPDATE = "update", _("Update")
        UNCHANGED = "unchanged", _("Unchanged")
        ALREADY_REGISTERED = "already_registered", _("Already registered")
        OTHER_TENANT = "other_tenant", _("Other tenant")
        DUPLICATE_IN_FILE = "duplicate_in_file", _("Duplicate in file")
        INVALID_HASH = "invalid_hash", _("Invalid hash")
        MISSING_IDENTITY = "missing_identity", _("Missing identity")
        ENTRA_JOINED = "entra_joined", _("Joined already")
        NEEDS_DECISION = "needs_decision", _("Needs a decision")

    class Outcome(models.TextChoices):
        NONE = "", _("Not imported yet")
        ADDED = "added", _("Added")
        UPDATED = "updated", _("Updated")
        ALREADY_HERE = "already_here", _("Already here")
        FAILED = "failed", _("Failed")
        LEFT_OUT = "left_out", _("Left out")

    of = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField()
    file = models.PositiveSmallIntegerField(default=0)
    line = models.PositiveIntegerField(default=0)
    header = models.PositiveSmallIntegerField(default=0)
    cells = ArrayField(models.TextField(), default=list)
    csv_serial = models.CharField(max_length=255, blank=True)
    serial_number = models.CharField(max_length=255, blank=True)
    manufacturer = models.CharField(max_length=255, blank=True)
    model = models.CharField(max_length=255, blank=True)
    product_key = models.CharField(max_length=40, blank=True)
    purchase_order = models.CharField(max_length=255, blank=True)
    group_tag = models.CharField(max_length=512, blank=True)
    assigned_user = models.CharField(max_length=254, blank=True)
    blob = models.BinaryField(null=True)
    identity_keys = ArrayField(models.CharField(max_length=640), default=list)
    alike = ArrayField(models.PositiveIntegerField(), default=list)
    verdict = models.CharField(max_length=20, choices=Verdict, blank=True)
    decision = models.CharField(max_length=20, blank=True)
    is_ticked = models.BooleanField(default=False)
    code = models.PositiveSmallIntegerField(null=True)
    code_name = models.CharField(max_length=60, blank=True)
    reason = models.TextField(blank=True)
    next_step = models.TextField(blank=True)
    notes = models.JSONField(default=list)
    warnings = models.JSONField(default=list)
    existing_device = models.UUIDField(null=True)
    existing_tenant = models.UUIDField(null=True)
    changes = models.JSONField(default=dict)
    outcome = models.CharField(max_length=14, choices=Outcome, default=Outcome.NONE, blank=True)
    device_id = models.UUIDField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["of", "number"], name="row_number")]
        indexes = [
            models.Index(fields=["of", "verdict", "number"], name="row_by_verdict"),
            models.Index(fields=["of", "outcome", "number"], name="row_by_outcome"),
        ]

    def __str__(self) -> str:
        return f"{self.number}"
