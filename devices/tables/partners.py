"""Columns of a partner's batches, of an upload's rows, and of the devices it registered."""

from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from devices.models import Submission, SubmissionRow
from portal.ui.columns import EMPTY, ChoiceColumn, Column, DateTimeColumn, NumberColumn
from portal.ui.tables import BladeTable

STATE_TONES = {"queued": "neutral", "processing": "info", "finished": "success", "stopped": "danger"}
OUTCOME_TONES = {
    "registered": "success",
    "removed": "success",
    "kept": "success",
    "already": "neutral",
    "failed": "danger",
}
NOTHING = SafeString(EMPTY)


class SubmissionTable(BladeTable):
    """Uploads, newest first."""

    name = Column(_("Batch"))
    kind = ChoiceColumn(_("Kind"), choices=Submission.Kind)
    tenant = Column(_("Customer"))
    state = ChoiceColumn(_("State"), choices=Submission.State, tones=STATE_TONES)
    created_at = DateTimeColumn(_("Sent"), sort="created_at")
    created_by_label = Column(_("Sent by"), shown=False)
    row_count = NumberColumn(_("Rows"))
    done_count = NumberColumn(_("Done"))
    already_count = NumberColumn(_("Already there"))
    failed_count = NumberColumn(_("Failed"))
    purchase_order = Column(_("Purchase order"), shown=False)
    group_tag = Column(_("Group tag"), shown=False)
    finished_at = DateTimeColumn(_("Finished"), shown=False)


class SubmissionRowTable(BladeTable):
    """The devices of one upload and what the service answered."""

    number = NumberColumn(_("Row"), sort="number")
    serial_number = Column(_("Serial number"), css="mono")
    manufacturer = Column(_("Manufacturer"))
    model = Column(_("Model"))
    product_key = Column(_("Windows product ID"), css="mono")
    outcome = ChoiceColumn(_("Outcome"), choices=SubmissionRow.Outcome, tones=OUTCOME_TONES)
    code = Column(_("Code"))
    reason = Column(_("Reason and next step"), css="import-reason")
    device_id = Column(_("Device ID"), css="mono", shown=False)

    def render_code(self, value: int | None, record: SubmissionRow) -> SafeString:
        """Number and name as the service has them."""
        if not record.code_name:
            return NOTHING
        return format_html('<span title="{}">{}</span>', record.code_name, value or record.code_name)

    def value_code(self, value: int | None, record: SubmissionRow) -> str:
        """Number and name."""
        return f"{value or ''} {record.code_name}".strip()

    def render_reason(self, value: str, record: SubmissionRow) -> SafeString:
        """Why, and what to do."""
        lines = [("", value), ("muted", record.next_step)]
        return format_html_join("", '<p class="{}">{}</p>', (line for line in lines if line[1])) or NOTHING


class PartnerDeviceTable(BladeTable):
    """Devices that the partner registered."""

    serial_number = Column(_("Serial number"), css="mono")
    manufacturer = Column(_("Manufacturer"))
    model = Column(_("Model"))
    tenant = Column(_("Customer"))
    group_tag = Column(_("Group tag"))
    purchase_order = Column(_("Purchase order"))
    registered_at = DateTimeColumn(_("Registered"), sort="registered_at")
    product_key = Column(_("Windows product ID"), shown=False, css="mono")
    id = Column(_("Device ID"), shown=False, css="mono", accessor="pk")

    def value_id(self, value: Any, record: Any) -> str:
        """The registration's own key."""
        return str(record.pk)
