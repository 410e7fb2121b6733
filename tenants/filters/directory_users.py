"""Filters of the users list."""

from django.utils.translation import gettext_lazy as _

from portal.ui.filters import BladeFilterSet, YesNoFilter


class UserFilters(BladeFilterSet):
    """Licensed or not."""

    is_licensed = YesNoFilter(label=_("Licensed for Intune"))
