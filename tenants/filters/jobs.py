"""Filters of the jobs list."""

from django.utils.translation import gettext_lazy as _

from portal.ui.filters import BladeFilterSet, DateRangeFilter, PickFilter
from tenants.models import Job


class JobFilters(BladeFilterSet):
    """State and date."""

    state = PickFilter(label=_("State"), choices=Job.State.choices)
    created_at = DateRangeFilter(label=_("Started"))
