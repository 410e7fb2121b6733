"""Filters of *Removed devices*, and of the deregistrations of one job."""

from django.utils.translation import gettext_lazy as _

from devices.models import Deregistration, UndoKit
from devices.services.autopilot.deregistration import plans
from portal.ui.filters import BladeFilterSet, DateRangeFilter, PickFilter, ValuesFilter, YesNoFilter


class RemovedDeviceFilters(BladeFilterSet):
    """One parameter a filter, named as the field."""

    reason = PickFilter(label=_("Reason"), choices=UndoKit.Reason)
    hash = YesNoFilter(label=_("Hardware hash held"), field_name="blob", is_presence=True)
    registered_again = YesNoFilter(label=_("Registered again"), field_name="restored_at", is_presence=True)
    group_tag = ValuesFilter(label=_("Group tag"))
    created_by = ValuesFilter(label=_("Removed by"))
    created_at = DateRangeFilter(label=_("Removed"))


class DeregistrationFilters(BladeFilterSet):
    """State, step and join type."""

    state = PickFilter(label=_("State"), choices=Deregistration.State)
    step = PickFilter(label=_("Step"), choices=list(plans.LABELS.items()))
    join_type = PickFilter(
        label=_("Join type"), choices=[each for each in Deregistration.JoinType.choices if each[0]]
    )
