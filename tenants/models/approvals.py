"""Approvals: a job that waits for a second administrator's word."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenants.models.jobs import Job
from tenants.models.people import User
from tenants.models.tenant import TenantOwned


class Approval(TenantOwned):
    """What a held job waits for; who asked, who decided, and why.

    count: the devices of the job; earlier: what the same person asked for in the 24 hours before.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting for approval")
        APPROVED = "approved", _("Approved")
        DECLINED = "declined", _("Declined")
        EXPIRED = "expired", _("Expired")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    job = models.OneToOneField(Job, on_delete=models.CASCADE, primary_key=True, related_name="approval")
    state = models.CharField(_("State"), max_length=10, choices=State, default=State.WAITING)
    count = models.PositiveIntegerField(_("Devices"))
    earlier = models.PositiveIntegerField(default=0, db_default=0)
    limit = models.PositiveIntegerField()
    requested_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    requested_by_label = models.CharField(_("Requested by"), max_length=254)
    requested_at = models.DateTimeField(_("Requested"), default=timezone.now)
    expires_at = models.DateTimeField(_("Expires"))
    decided_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    decided_by_label = models.CharField(_("Decided by"), max_length=254, blank=True)
    decided_at = models.DateTimeField(_("Decided"), null=True)
    reason = models.CharField(_("Reason"), max_length=500, blank=True)

    class Meta(TenantOwned.Meta):
        abstract = False
        indexes = [
            models.Index(
                fields=["tenant", "requested_at"],
                condition=models.Q(state="waiting"),
                name="approval_waiting",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state}: {self.job_id}"
