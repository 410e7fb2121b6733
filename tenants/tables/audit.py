"""Columns of the audit log."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from portal.ui.columns import ChoiceColumn, Column, DateTimeColumn, NumberColumn
from portal.ui.tables import BladeTable
from tenants.models import AuditEvent

VIA = [
    ("browser", _("Portal")),
    ("command", _("Command line")),
    ("api", _("API")),
    ("partner", _("Partner")),
    ("system", _("Hangar")),
]


class AuditTable(BladeTable):
    """Audit events, newest first."""

    activity = Column(_("Activity"), css="mono")
    at = DateTimeColumn(_("Date"), sort="at")
    actor_label = Column(_("Initiated by"))
    target = Column(_("Target"), accessor="pk")
    target_count = NumberColumn(_("Targets"))
    result = ChoiceColumn(
        _("Result"), choices=AuditEvent.Result, tones={"success": "success", "failure": "danger"}
    )
    via = ChoiceColumn(_("Through"), choices=VIA, shown=False)
    address = Column(_("IP address"), shown=False, css="mono")
    summary = Column(_("Summary"), shown=False)

    def value_target(self, value: Any, record: AuditEvent) -> str:
        """The first target's name."""
        return getattr(record, "first_target", None) or ""

    def render_target(self, value: Any, record: AuditEvent) -> str:
        """The first target's name; the flyout lists the others."""
        return self.value_target(value, record)
