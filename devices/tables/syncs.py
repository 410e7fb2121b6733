"""Columns of *Syncs*."""

from django.utils.translation import gettext_lazy as _

from devices.models import SyncRun
from portal.ui.columns import ChoiceColumn, Column, DateTimeColumn, NumberColumn
from portal.ui.tables import BladeTable

TONES = {
    "in_progress": "info",
    "held": "warning",
    "completed": "success",
    "failed": "danger",
    "cancelled": "neutral",
}


class SyncTable(BladeTable):
    """The history of syncs."""

    started_at = DateTimeColumn(_("Started"), sort="started_at")
    state = ChoiceColumn(_("State"), choices=SyncRun.State, tones=TONES)
    trigger = ChoiceColumn(_("Trigger"), choices=SyncRun.Trigger)
    requested_by = Column(_("Requested by"))
    created = NumberColumn(_("Created"))
    updated = NumberColumn(_("Updated"))
    unchanged = NumberColumn(_("Unchanged"))
    removed = NumberColumn(_("Removed"))
    would_remove = NumberColumn(_("Held removals"), shown=False)
    finished_at = DateTimeColumn(_("Finished"))
    message = Column(_("Message"))
