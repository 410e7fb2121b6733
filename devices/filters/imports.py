"""Filters of the imports list and of an import's rows."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from devices.models import Import, ImportRow
from portal.ui.filters import BladeFilterSet, DateRangeFilter, PickFilter, YesNoFilter


class HasWarnings(YesNoFilter):
    """Whether a row has warnings."""

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        """Both words together ask for everything."""
        if len(set(value or [])) != 1:
            return qs
        return qs.exclude(warnings=[]) if value[0] == "yes" else qs.filter(warnings=[])


class ImportFilters(BladeFilterSet):
    """The history by state and date."""

    state = PickFilter(label=_("State"), choices=Import.State.choices)
    created_at = DateRangeFilter(label=_("Uploaded"))


class RowFilters(BladeFilterSet):
    """Rows by what is to happen, or happened, to them."""

    verdict = PickFilter(label=_("Verdict"), choices=ImportRow.Verdict.choices)
    outcome = PickFilter(
        label=_("Outcome"), choices=[choice for choice in ImportRow.Outcome.choices if choice[0]]
    )
    warned = HasWarnings(label=_("Warnings"))
