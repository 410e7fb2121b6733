"""Filters of *Orphans*."""

from django.utils.translation import gettext_lazy as _

from devices.models import Orphan
from portal.ui.filters import BladeFilterSet, DateRangeFilter, PickFilter, YesNoFilter


class OrphanFilters(BladeFilterSet):
    """Defect, record, whether it can be fixed, date."""

    defect = PickFilter(label=_("Defect"), choices=Orphan.Defect)
    record = PickFilter(label=_("Record"), choices=Orphan.Record)
    is_fixable = YesNoFilter(label=_("Can be fixed here"))
    found_at = DateRangeFilter(label=_("Found"))
