"""Columns of *Removed devices*, and of the deregistrations of one job."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from devices.models import Deregistration, UndoKit
from devices.services.autopilot.deregistration import plans
from portal.ui.columns import ChoiceColumn, Column, DateTimeColumn, NumberColumn, YesNoColumn
from portal.ui.tables import BladeTable

STATE_TONES = {
    "active": "info",
    "done": "success",
    "by_hand": "warning",
    "unchanged": "neutral",
    "failed": "danger",
    "stopped": "warning",
}


class RemovedDeviceTable(BladeTable):
    """What was removed, by whom and why, and whether it can be registered again."""

    serial_number = Column(gettext_lazy("Serial number"))
    manufacturer = Column(gettext_lazy("Manufacturer"))
    model = Column(gettext_lazy("Model"))
    group_tag = Column(gettext_lazy("Group tag"))
    user_principal_name = Column(gettext_lazy("User"))
    created_at = DateTimeColumn(gettext_lazy("Removed"), sort="created_at")
    created_by = Column(gettext_lazy("Removed by"))
    reason = ChoiceColumn(gettext_lazy("Reason"), choices=UndoKit.Reason)
    has_hash = YesNoColumn(gettext_lazy("Hardware hash held"))
    expires_at = DateTimeColumn(gettext_lazy("Kept until"))
    restored_at = DateTimeColumn(gettext_lazy("Registered again"))
    purchase_order = Column(gettext_lazy("Purchase order"), shown=False)
    display_name = Column(gettext_lazy("Device name"), shown=False)


class DeregistrationTable(BladeTable):
    """How far each device of a job came."""

    serial_number = Column(gettext_lazy("Serial number"))
    join_type = ChoiceColumn(gettext_lazy("Join type"), choices=Deregistration.JoinType)
    state = ChoiceColumn(gettext_lazy("State"), choices=Deregistration.State, tones=STATE_TONES)
    step = ChoiceColumn(gettext_lazy("Step"), choices=list(plans.LABELS.items()))
    code = Column(gettext_lazy("Code"), css="mono")
    message = Column(gettext_lazy("What was done"), css="way-said")
    tries = NumberColumn(gettext_lazy("Tries"), shown=False)
    ended_at = DateTimeColumn(gettext_lazy("Ended"))

    def render_join_type(self, value: Any, record: Any) -> str:
        """The word, also for a device that never joined."""
        return str(record.get_join_type_display() or _("Not joined"))
