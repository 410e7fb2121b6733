"""Filters of *Syncs*."""

from django.utils.translation import gettext_lazy as _

from devices.models import SyncRun
from portal.ui.filters import BladeFilterSet, DateRangeFilter, PickFilter


class SyncFilters(BladeFilterSet):
    """State, trigger and date."""

    state = PickFilter(label=_("State"), choices=SyncRun.State)
    trigger = PickFilter(label=_("Trigger"), choices=SyncRun.Trigger)
    started_at = DateRangeFilter(label=_("Started"))
