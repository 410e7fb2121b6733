"""Columns of the users list."""

from django.utils.translation import gettext_lazy as _

from portal.ui.columns import Column, DateTimeColumn, YesNoColumn
from portal.ui.tables import BladeTable


class UserTable(BladeTable):
    """Directory users."""

    user_principal_name = Column(_("User principal name"), sort="user_principal_name")
    display_name = Column(_("Display name"), sort="display_name")
    is_licensed = YesNoColumn(_("Licensed for Intune"))
    created_at = DateTimeColumn(_("Added"), shown=False)
