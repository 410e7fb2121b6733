"""Filters of *Deployment profiles*."""

from django.utils.translation import gettext_lazy as _

from devices.models import DeploymentProfile
from portal.ui.filters import BladeFilterSet, PickFilter, YesNoFilter


class ProfileFilters(BladeFilterSet):
    """Mode, join type and device type."""

    device_usage_type = PickFilter(label=_("Deployment mode"), choices=DeploymentProfile.DeviceUsage)
    join_type = PickFilter(label=_("Join type"), choices=DeploymentProfile.JoinType)
    device_type = PickFilter(label=_("Device type"), choices=DeploymentProfile.DeviceType)
    all_devices = YesNoFilter(label=_("Assigned to all devices"), field_name="is_for_all_devices")
