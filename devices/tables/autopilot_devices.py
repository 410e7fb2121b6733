"""Columns of *Windows Autopilot devices*; words and order are Intune's."""

from typing import Any

from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from devices.models import AutopilotDevice
from devices.models.autopilot import sortable
from portal.ui.columns import ChoiceColumn, Column, DateTimeColumn
from portal.ui.tables import BladeTable

STATUS_TONES = {
    "not_assigned": "neutral",
    "assigning": "info",
    "assigned": "success",
    "failed": "danger",
    "unknown": "neutral",
    "fix_pending": "warning",
    "attention_required": "danger",
}
ENROLLMENT_TONES = {
    "not_contacted": "neutral",
    "enrolled": "success",
    "pending_reset": "warning",
    "failed": "danger",
    "blocked": "danger",
    "unknown": "neutral",
}


def default_profile() -> str:
    """What *Assigned profile* reads where no profile is assigned."""
    return _("Default (built-in)")


def leaving(device: AutopilotDevice) -> str:
    """What a device on its way out shows; empty for the others."""
    if device.deletion_requested_at is not None:
        return _("Being deleted")
    if device.deletion_job is None:
        return ""
    is_waiting = device.deletion_job.waiting_approval is not None
    return _("Waiting for approval") if is_waiting else _("Deletion planned")


class AutopilotDeviceTable(BladeTable):
    """The list's columns; the default set fits 1440 pixels."""

    serial_number = Column(gettext_lazy("Serial number"), sort="serial_number")
    manufacturer = Column(gettext_lazy("Manufacturer"))
    model = Column(gettext_lazy("Model"), sort="model")
    group_tag = Column(gettext_lazy("Group tag"), sort="group_tag")
    profile_status = ChoiceColumn(
        gettext_lazy("Profile status"),
        choices=AutopilotDevice.PROFILE_STATUSES,
        tones=STATUS_TONES,
        sort="profile_status",
    )
    assigned_profile = Column(gettext_lazy("Assigned profile"), accessor="assigned_profile")
    enrollment_state = ChoiceColumn(
        gettext_lazy("Enrollment state"),
        choices=AutopilotDevice.EnrollmentState,
        tones=ENROLLMENT_TONES,
    )
    user = Column(gettext_lazy("User"), accessor="user_principal_name")
    addressable_user_name = Column(gettext_lazy("User friendly name"), shown=False)
    purchase_order = Column(gettext_lazy("Purchase order"), shown=False)
    display_name = Column(gettext_lazy("Device name"), shown=False)
    profile_assigned_at = DateTimeColumn(gettext_lazy("Date assigned"), shown=False)
    last_contacted_at = DateTimeColumn(
        gettext_lazy("Last contacted"),
        empty=gettext_lazy("Never"),
        sort=sortable("last_contacted_at"),
        shown=False,
    )
    registered_at = DateTimeColumn(gettext_lazy("Registered"), sort="registered_at", shown=False)
    registered_by = Column(gettext_lazy("Registered by"), shown=False)
    managed_device = Column(gettext_lazy("Associated Intune device"), accessor="live_managed", shown=False)
    entra_device = Column(
        gettext_lazy("Associated Microsoft Entra device"), accessor="entra_device", shown=False
    )

    def render_serial_number(self, value: Any, record: Any) -> str:
        """The serial, and whether the device is on its way out."""
        words = leaving(record)
        if not words:
            return str(value)
        return format_html('{} <span class="badge" data-tone="warning">{}</span>', value, words)

    def value_serial_number(self, value: Any, record: Any) -> str:
        """The bare serial."""
        return str(value)

    def render_assigned_profile(self, value: Any, record: Any) -> str:
        """The profile's name; the built-in one stands back."""
        if value is not None:
            return str(value)
        return format_html('<span class="nothing">{}</span>', default_profile())

    def value_assigned_profile(self, value: Any, record: Any) -> str:
        """The profile's name."""
        return default_profile() if value is None else str(value)

    def render_managed_device(self, value: Any, record: Any) -> Any:
        """The name of the live Intune record."""
        return value[0].device_name if value else format_html('<span class="nothing">{}</span>', "–")

    def value_managed_device(self, value: Any, record: Any) -> str:
        """The name of the live Intune record."""
        return value[0].device_name if value else ""
