"""Deregistrations: one device's way out, step by step, with the evidence of each step."""

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenants.models import Job, TenantManager, TenantOwned

ACTIVE = Q(state="active")
RETRIED = ("failed", "stopped")


class DeregistrationQuerySet(models.QuerySet["Deregistration"]):
    """Deregistrations, chainable."""

    def active(self) -> "DeregistrationQuerySet":
        """Those with a step to come."""
        return self.filter(ACTIVE)

    def open(self) -> "DeregistrationQuerySet":
        """Those that ended before their last step and may be tried again."""
        return self.filter(state__in=RETRIED, tried_again=None).exclude(way="move", step="target")


class Deregistration(TenantOwned):
    """One device in one job; the only place that says how far it came and what was done to it.

    `steps` is the evidence: a list of entries with the keys step, object, before, request,
    requested_at, accepted_at, after, confirmed_at, result, tries (see deregistration/evidence.py).
    """

    class Way(models.TextChoices):
        REGISTRATION = "registration", _("Remove registration only")
        FULL = "full", _("Deregister fully")
        MOVE = "move", _("Move to another tenant")

    class JoinType(models.TextChoices):
        NONE = "", _("Not joined")
        ENTRA = "entra", _("Microsoft Entra joined")
        HYBRID = "hybrid", _("Microsoft Entra hybrid joined")

    class State(models.TextChoices):
        ACTIVE = "active", _("Under way")
        DONE = "done", _("Done")
        BY_HAND = "by_hand", _("Waiting for you")
        UNCHANGED = "unchanged", _("Unchanged")
        FAILED = "failed", _("Failed")
        STOPPED = "stopped", _("Stopped")

    class Phase(models.TextChoices):
        DUE = "due", _("To do")
        REQUESTED = "requested", _("Requested")
        ACCEPTED = "accepted", _("Accepted")

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="+")
    position = models.PositiveIntegerField()
    device_id = models.UUIDField()
    serial_number = models.CharField(_("Serial number"), max_length=255, db_collation="C")
    way = models.CharField(max_length=12, choices=Way)
    join_type = models.CharField(_("Join type"), max_length=8, choices=JoinType, blank=True)
    plan = ArrayField(models.CharField(max_length=20))
    state = models.CharField(_("State"), max_length=10, choices=State, default=State.ACTIVE)
    step = models.CharField(_("Step"), max_length=20)
    phase = models.CharField(max_length=10, choices=Phase, default=Phase.DUE)
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(default=timezone.now)
    code = models.CharField(_("Code"), max_length=60, blank=True)
    message = models.TextField(_("Reason"), blank=True)
    steps = models.JSONField(default=list)
    tried_again = models.OneToOneField("self", on_delete=models.SET_NULL, null=True, related_name="continues")
    created_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(_("Ended"), null=True)

    objects: ClassVar[Any] = TenantManager.of_queryset(DeregistrationQuerySet)
    unscoped: ClassVar[Any] = DeregistrationQuerySet.as_manager()

    class Meta(TenantOwned.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(fields=["job", "device_id"], name="one_deregistration_a_job"),
            models.UniqueConstraint(fields=["device_id"], condition=ACTIVE, name="one_active_deregistration"),
        ]
        indexes = [
            models.Index(fields=["job", "position"], condition=ACTIVE, name="deregistration_to_do"),
            models.Index(fields=["job", "position", "id"], name="deregistration_by_position"),
            models.Index(fields=["device_id", "created_at"], name="deregistration_by_device"),
        ]

    def __str__(self) -> str:
        return self.serial_number

    @property
    def may_be_retried(self) -> bool:
        """Whether *Retry* goes on with this device; one that was put back is moved anew."""
        is_put_back = self.way == self.Way.MOVE and self.step == "target"
        return self.state in RETRIED and self.tried_again_id is None and not is_put_back
