"""Filters of *Groups*, *Microsoft Entra devices* and *Windows devices*."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from devices.models import EntraDevice, Group, ManagedDevice
from portal.ui.filters import BladeFilterSet, DateRangeFilter, PickFilter, ValuesFilter, YesNoFilter

JOIN_TYPES = [(value or "none", label) for value, label in EntraDevice.TrustType.choices]


class JoinTypeFilter(PickFilter):
    """The empty join type has the word none in addresses."""

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        """Objects joined in one of these ways."""
        return super().filter(qs, ["" if word == "none" else word for word in value or []])


class GroupFilters(BladeFilterSet):
    """How members come and go."""

    membership = PickFilter(label=_("Membership type"), choices=Group.Membership)


class EntraDeviceFilters(BladeFilterSet):
    """Join type, link to Autopilot, state, date."""

    trust_type = JoinTypeFilter(label=_("Join type"), choices=JOIN_TYPES)
    autopilot = YesNoFilter(label=_("Windows Autopilot"), field_name="ztdid", is_presence=True)
    is_enabled = YesNoFilter(label=_("Enabled"))
    registered_at = DateRangeFilter(label=_("Registered"))


class WindowsDeviceFilters(BladeFilterSet):
    """Ownership, compliance, user, serial number, dates."""

    ownership = PickFilter(label=_("Ownership"), choices=ManagedDevice.Ownership)
    mode = PickFilter(label=_("Enrollment type"), choices=ManagedDevice.Mode)
    state = PickFilter(label=_("Management state"), choices=ManagedDevice.State)
    compliance = PickFilter(label=_("Compliance"), choices=ManagedDevice.Compliance)
    user_principal_name = ValuesFilter(label=_("Primary user UPN"))
    serial_number = ValuesFilter(label=_("Serial number"))
    last_check_in_at = DateRangeFilter(label=_("Last check-in"))
