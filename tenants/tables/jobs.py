"""Columns of the jobs list."""

from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.ui.columns import ChoiceColumn, Column, DateTimeColumn
from portal.ui.tables import BladeTable
from tenants.models import Job
from tenants.permissions import Actor

TONES = {
    "queued": "neutral",
    "running": "info",
    "succeeded": "success",
    "failed": "danger",
    "cancelled": "warning",
}


class JobTable(BladeTable):
    """Jobs, newest first."""

    title = Column(gettext_lazy("Job"))
    state = ChoiceColumn(gettext_lazy("State"), choices=Job.State, tones=TONES)
    progress = Column(gettext_lazy("Done"), accessor="done", css="number")
    actor = Column(gettext_lazy("Started by"), accessor="pk")
    created_at = DateTimeColumn(gettext_lazy("Started"), sort="created_at")
    finished_at = DateTimeColumn(gettext_lazy("Finished"))

    def value_state(self, value: Any, record: Job) -> str:
        """The state, or what holds the job back."""
        if record.waiting_approval is not None:
            return _("Waiting for approval")
        return _("Cooling off") if record.begins_at else str(record.get_state_display())

    def render_state(self, value: Any, record: Job) -> SafeString:
        """The same with its dot."""
        tone = "warning" if record.waiting_approval is not None else TONES[value]
        return format_html(
            '<span class="status" data-tone="{}">{}</span>', tone, self.value_state(value, record)
        )

    def value_actor(self, value: Any, record: Job) -> str:
        """The person with the partner, or what started it, as the audit log names them."""
        return Actor.of_job(record).label

    def render_actor(self, value: Any, record: Job) -> str:
        """The same in the table."""
        return self.value_actor(value, record)

    def value_progress(self, value: Any, record: Job) -> str:
        """Done, and of how many where known."""
        return f"{record.done}" if record.total is None else f"{record.done} / {record.total}"

    def render_progress(self, value: Any, record: Job) -> str:
        """The same in the table."""
        return self.value_progress(value, record)
