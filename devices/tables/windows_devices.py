"""Columns of *Windows devices*; words and order are Intune's."""

from typing import Any

from django.utils.html import format_html
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from devices.models import ManagedDevice
from portal.ui.columns import ChoiceColumn, Column, DateTimeColumn
from portal.ui.tables import BladeTable

COMPLIANCE_TONES = {"compliant": "success", "noncompliant": "danger", "unknown": "neutral"}


STATE_TONES = {"managed": "success", "wipe_issued": "warning", "reset": "warning"}


class WindowsDeviceTable(BladeTable):
    """The enrolled devices."""

    device_name = Column(_("Device name"), sort="device_name")
    managed_by = Column(_("Managed by"))
    ownership = ChoiceColumn(_("Ownership"), choices=ManagedDevice.Ownership)
    compliance = ChoiceColumn(_("Compliance"), choices=ManagedDevice.Compliance, tones=COMPLIANCE_TONES)
    operating_system = Column(_("OS"))
    os_version = Column(_("OS version"))
    last_check_in_at = DateTimeColumn(_("Last check-in"), sort="last_check_in_at")
    user_principal_name = Column(_("Primary user UPN"))
    serial_number = Column(_("Serial number"), sort="serial_number", css="mono")
    model = Column(_("Model"), shown=False)
    enrollment_profile = Column(_("Enrollment profile"), shown=False)
    mode = ChoiceColumn(_("Enrollment type"), choices=ManagedDevice.Mode, shown=False)
    state = ChoiceColumn(_("Management state"), choices=ManagedDevice.State, tones=STATE_TONES, shown=False)
    enrolled_at = DateTimeColumn(_("Enrolled"), shown=False)

    def render_device_name(self, value: Any, record: Any) -> str:
        """The name, whether the sign-in was simulated, and what the device waits for."""
        name = format_html("{}", value)
        if record.is_simulated:
            name = format_html('{} <span class="badge">{}</span>', name, _now("Simulated"))
        if record.state == ManagedDevice.State.MANAGED:
            return name
        state = record.get_state_display()
        return format_html('{} <span class="badge" data-tone="warning">{}</span>', name, state)

    def value_device_name(self, value: Any, record: Any) -> str:
        """The bare name."""
        return str(value)
