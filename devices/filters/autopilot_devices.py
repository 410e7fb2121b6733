"""Filters of *Windows Autopilot devices*."""

from collections.abc import Iterable
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from devices.models import AutopilotDevice, DeploymentProfile
from portal.ui.filters import NONE, BladeFilterSet, DateRangeFilter, PickFilter, ValuesFilter, YesNoFilter

MOST_SUGGESTIONS = 100

# A loose index scan: one index probe a distinct value, however many rows the tenant has.
DISTINCT = """
WITH RECURSIVE found(value) AS (
    (SELECT {column} FROM devices_autopilotdevice
     WHERE tenant_id = %s AND removed_at IS NULL AND {column} > '' ORDER BY {column} LIMIT 1)
    UNION ALL
    SELECT (SELECT a.{column} FROM devices_autopilotdevice a
            WHERE a.tenant_id = %s AND a.removed_at IS NULL AND a.{column} > found.value
            ORDER BY a.{column} LIMIT 1)
    FROM found WHERE found.value IS NOT NULL
) SELECT value FROM found WHERE value IS NOT NULL LIMIT %s
"""


def distinct(tenant: Any, column: str) -> list[str]:
    """The values of an indexed text column, at most MOST_SUGGESTIONS."""
    with connection.cursor() as cursor:
        cursor.execute(DISTINCT.format(column=column), [tenant.pk, tenant.pk, MOST_SUGGESTIONS])
        return [row[0] for row in cursor]


def tags(request: Any) -> list[str]:
    """The group tags in use."""
    return distinct(request.tenant, "group_tag")


def models(request: Any) -> list[str]:
    """The models in the list."""
    return distinct(request.tenant, "model")


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
