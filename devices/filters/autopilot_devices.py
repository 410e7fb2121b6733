"""Filters of *Windows Autopilot devices*."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from devices.models import AutopilotDevice, DeploymentProfile
from portal.ui.distinct import distinct
from portal.ui.filters import NONE, BladeFilterSet, DateRangeFilter, PickFilter, ValuesFilter, YesNoFilter

LIVE = "tenant_id = %s AND removed_at IS NULL"


def used(request: Any, column: str) -> list[str]:
    """The values of an indexed column in the list."""
    return distinct(AutopilotDevice, column, scope=LIVE, values=[request.tenant.pk])


def tags(request: Any) -> list[str]:
    """The group tags in use."""
    return used(request, "group_tag")


def models(request: Any) -> list[str]:
    """The models in the list."""
    return used(request, "model")


def profiles(request: Any) -> Iterable[tuple[str, Any]]:
    """The tenant's profiles, and the built-in one."""
    rows = DeploymentProfile.objects.of(request.tenant).order_by("display_name")
    named = [(str(pk), name) for pk, name in rows.values_list("pk", "display_name")]
    return [(NONE, _("Default (built-in)")), *named]


class AutopilotDeviceFilters(BladeFilterSet):
    """One parameter a filter, named as the field."""

    group_tag = ValuesFilter(label=_("Group tag"), suggestions=tags, without=_("Without a group tag"))
    manufacturer = ValuesFilter(label=_("Manufacturer"))
    model = ValuesFilter(label=_("Model"), suggestions=models)
    profile_status = PickFilter(label=_("Profile status"), choices=AutopilotDevice.PROFILE_STATUSES)
    assigned_profile = PickFilter(label=_("Assigned profile"), choices=profiles)
    enrollment_state = PickFilter(label=_("Enrollment state"), choices=AutopilotDevice.EnrollmentState)
    user_assigned = YesNoFilter(label=_("User assigned"), field_name="user_principal_name", is_presence=True)
    purchase_order = ValuesFilter(label=_("Purchase order"), without=_("Without a purchase order"))
    registered_by = ValuesFilter(label=_("Registered by"))
    registered_at = DateRangeFilter(label=_("Registered"))
    profile_assigned_at = DateRangeFilter(label=_("Date assigned"))
    last_contacted_at = DateRangeFilter(label=_("Last contacted"))
