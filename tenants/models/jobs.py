"""The concrete job, its per-object results, and schedules."""

import uuid
from typing import Any, ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.jobs import JobBase
from tenants.models.api_clients import ApiClient
from tenants.models.partners import Partner
from tenants.models.people import User
from tenants.models.tenant import Tenant, TenantManager, TenantOwned


class JobQuerySet(models.QuerySet["Job"]):
    """Jobs, chainable."""

    def unfinished(self) -> "JobQuerySet":
        """Those that are queued or running."""
        return self.exclude(state__in=Job.ENDED)


class Job(JobBase, TenantOwned):
    """A tenant's background work; stores its actor and the permission it needs when it runs."""

    title = models.CharField(max_length=200)
    actor = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, null=True, related_name="+")
    client = models.ForeignKey(ApiClient, on_delete=models.SET_NULL, null=True, related_name="+")
    via = models.CharField(max_length=20, default="browser")
    address = models.GenericIPAddressField(null=True)
    permission = models.CharField(max_length=60, blank=True)
    dedupe_key = models.CharField(max_length=64, null=True)

    objects: ClassVar[Any] = TenantManager.of_queryset(JobQuerySet)
    unscoped: ClassVar[Any] = JobQuerySet.as_manager()

    class Meta(TenantOwned.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(fields=["tenant", "dedupe_key"], name="one_job_a_dedupe_key"),
        ]
        indexes = [
            models.Index(fields=["tenant", "created_at", "id"], name="job_by_date"),
            models.Index(
                fields=["state", "dispatched_at"],
                condition=models.Q(state__in=["queued", "running"]),
                name="job_unfinished",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def waiting_approval(self) -> Any:
        """The approval the job waits for; None where it waits for none (select_related("approval"))."""
        approval = getattr(self, "approval", None)
        is_waiting = approval is not None and approval.state == "waiting" and not self.is_ended
        return approval if is_waiting else None

    @property
    def begins_at(self) -> Any:
        """When a job begins that is held back for a time; None for the others."""
        is_held = self.state == self.State.QUEUED and self.started_at is None
        if not is_held or self.cancel_requested_at or self.waiting_approval is not None:
            return None
        return self.run_after if self.run_after > timezone.now() else None

    @property
    def begins_in(self) -> int:
        """The seconds until then; 0 where nothing holds the job back."""
        at = self.begins_at
        return int((at - timezone.now()).total_seconds()) + 1 if at else 0


class JobItem(models.Model):
    """One object of a job's frozen id set and what came of it."""

    class Outcome(models.TextChoices):
        PENDING = "pending", _("Waiting")
        DONE = "done", _("Done")
        UNCHANGED = "unchanged", _("Unchanged")
        FAILED = "failed", _("Failed")

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="items")
    position = models.PositiveIntegerField()
    object_id = models.UUIDField()
    label = models.CharField(max_length=200, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.PENDING)
    code = models.CharField(max_length=60, blank=True)
    message = models.TextField(blank=True)
    evidence = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["job", "object_id"], name="one_item_an_object"),
            models.UniqueConstraint(fields=["job", "position"], name="one_item_a_position"),
        ]
        indexes = [models.Index(fields=["job", "outcome", "position"], name="item_by_outcome")]

    def __str__(self) -> str:
        return self.label


class Schedule(models.Model):
    """Something due at a time; claimed by one conditional UPDATE, so that it starts once."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=60)
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, null=True, related_name="+")
    every = models.DurationField()
    next_run_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["name", "tenant"],
                nulls_distinct=False,
                name="one_schedule_a_tenant",
            ),
        ]
        indexes = [models.Index(fields=["next_run_at"], name="schedule_due")]

    def __str__(self) -> str:
        return self.name
