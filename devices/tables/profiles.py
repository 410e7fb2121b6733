"""Columns of *Deployment profiles* and of a profile's devices."""

from typing import Any

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from devices.models import AutopilotDevice, DeploymentProfile
from devices.tables.autopilot_devices import ENROLLMENT_TONES, STATUS_TONES
from portal.ui.columns import ChoiceColumn, Column, DateTimeColumn, NumberColumn
from portal.ui.tables import BladeTable


class ProfileTable(BladeTable):
    """The tenant's profiles."""

    display_name = Column(_("Name"), sort="display_name")
    device_type = ChoiceColumn(_("Device type"), choices=DeploymentProfile.DeviceType)
    device_usage_type = ChoiceColumn(_("Deployment mode"), choices=DeploymentProfile.DeviceUsage)
    join_type = ChoiceColumn(_("Join type"), choices=DeploymentProfile.JoinType)
    assigned_to = Column(_("Assigned to"), accessor="group_count")
    device_count = NumberColumn(_("Devices"))
    device_name_template = Column(_("Device name template"), shown=False)
    created_at = DateTimeColumn(_("Created"), sort="created_at")
    modified_at = DateTimeColumn(_("Last modified"))

    def render_assigned_to(self, value: Any, record: Any) -> str:
        """All devices, a number of groups, or nothing."""
        if record.is_for_all_devices:
            return _now("All devices")
        if not record.group_count:
            return _now("Not assigned")
        return (
            _now("%(count)d groups") % {"count": record.group_count}
            if record.group_count > 1
            else _now("1 group")
        )

    def value_assigned_to(self, value: Any, record: Any) -> str:
        """The same words."""
        return self.render_assigned_to(value, record)


class ProfileDeviceTable(BladeTable):
    """The Autopilot devices that have a profile."""

    serial_number = Column(_("Serial number"), sort="serial_number")
    model = Column(_("Model"), sort="model")
    group_tag = Column(_("Group tag"), sort="group_tag")
    profile_status = ChoiceColumn(
        _("Profile status"),
        choices=AutopilotDevice.PROFILE_STATUSES,
        tones=STATUS_TONES,
        sort="profile_status",
    )
    reason = Column(_("Through group"), accessor="profile_reason_group__name")
    profile_assigned_at = DateTimeColumn(_("Date assigned"))
    enrollment_state = ChoiceColumn(
        _("Enrollment state"), choices=AutopilotDevice.EnrollmentState, tones=ENROLLMENT_TONES
    )
