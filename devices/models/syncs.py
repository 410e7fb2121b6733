"""Syncs: when a tenant's list was last read from its registration service, and what came of it."""

import uuid

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenants.models import Job, Tenant, TenantOwned


class SyncState(models.Model):
    """A tenant's sync clock (Graph windowsAutopilotSettings)."""

    tenant = models.OneToOneField(Tenant, on_delete=models.PROTECT, primary_key=True, related_name="+")
    last_requested_at = models.DateTimeField(null=True)
    last_succeeded_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.tenant_id)


class SyncRun(TenantOwned):
    """One sync: its trigger, state and counters."""

    class Trigger(models.TextChoices):
        MANUAL = "manual", _("Manual")
        SCHEDULED = "scheduled", _("Scheduled")
        IMPORT = "import", _("After an import")

    class State(models.TextChoices):
        IN_PROGRESS = "in_progress", _("In progress")
        HELD = "held", _("Waiting for confirmation")
        COMPLETED = "completed", _("Completed")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    job = models.ForeignKey(Job, on_delete=models.SET_NULL, null=True, related_name="+")
    trigger = models.CharField(_("Trigger"), max_length=10, choices=Trigger)
    state = models.CharField(_("State"), max_length=12, choices=State, default=State.IN_PROGRESS)
    requested_by = models.CharField(_("Requested by"), max_length=254, blank=True)
    created = models.PositiveIntegerField(_("Created"), default=0)
    updated = models.PositiveIntegerField(_("Updated"), default=0)
    unchanged = models.PositiveIntegerField(_("Unchanged"), default=0)
    removed = models.PositiveIntegerField(_("Removed"), default=0)
    would_remove = models.PositiveIntegerField(default=0)
    removal_confirmed_at = models.DateTimeField(null=True)
    removal_confirmed_by = models.CharField(max_length=254, blank=True)
    message = models.TextField(blank=True)
    started_at = models.DateTimeField(_("Started"), default=timezone.now)
    finished_at = models.DateTimeField(_("Finished"), null=True)

    class Meta(TenantOwned.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(
                fields=["tenant"],
                condition=models.Q(state__in=["in_progress", "held"]) & ~models.Q(trigger="import"),
                name="one_sync_at_a_time",
            ),
        ]
        indexes = [models.Index(fields=["tenant", "started_at", "id"], name="sync_by_date")]

    def __str__(self) -> str:
        return str(self.started_at)
