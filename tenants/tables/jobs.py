"""Columns of the jobs list."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from portal.ui.columns import ChoiceColumn, Column, DateTimeColumn
from portal.ui.tables import BladeTable
from tenants.models import Job

TONES = {
    "queued": "neutral",
    "running": "info",
    "succeeded": "success",
    "failed": "danger",
    "cancelled": "warning",
}


class JobTable(BladeTable):
    """Jobs, newest first."""

    title = Column(_("Job"))
    state = ChoiceColumn(_("State"), choices=Job.State, tones=TONES)
    progress = Column(_("Done"), accessor="done", css="number")
    actor = Column(_("Started by"), accessor="actor__email")
    created_at = DateTimeColumn(_("Started"), sort="created_at")
    finished_at = DateTimeColumn(_("Finished"))

    def value_actor(self, value: Any, record: Job) -> str:
        """The person, or Hangar itself."""
        return value or "Hangar"

    def render_actor(self, value: Any, record: Job) -> str:
        """The same in the table."""
        return self.value_actor(value, record)

    def value_progress(self, value: Any, record: Job) -> str:
        """Done, and of how many where known."""
        return f"{record.done}" if record.total is None else f"{record.done} / {record.total}"

    def render_progress(self, value: Any, record: Job) -> str:
        """The same in the table."""
        return self.value_progress(value, record)
