"""Filters of *Enrollment failures*."""

from django.utils.translation import gettext_lazy as _

from devices.models import ManagedDevice
from portal.ui.filters import BladeFilterSet, DateRangeFilter, PickFilter, ValuesFilter, YesNoFilter


class EnrollmentFailureFilters(BladeFilterSet):
    """Which device, how, by whom, why, when."""

    serial_number = ValuesFilter(label=_("Serial number"))
    mode = PickFilter(label=_("Enrollment type"), choices=ManagedDevice.Mode)
    user_principal_name = ValuesFilter(label=_("User"))
    error_code = ValuesFilter(label=_("Error code"))
    reason = ValuesFilter(label=_("Reason"))
    registered = YesNoFilter(label=_("Registered"), field_name="autopilot_device", is_presence=True)
    at = DateRangeFilter(label=_("Time"))
