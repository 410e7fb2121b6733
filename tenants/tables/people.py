"""Columns of the members of a tenant and the people of a partner."""

from typing import Any

from django.db.models import CharField, Value
from django.db.models.functions import Coalesce, NullIf
from django.utils.translation import gettext_lazy as _

from portal.ui.columns import ChoiceColumn, Column, DateTimeColumn
from portal.ui.tables import BladeTable
from tenants.models import BELONGING
from tenants.permissions import PARTNER_ROLES, ROLES

# No index spans the join; the people of one place are few enough to be sorted
NAME = Coalesce(NullIf("user__name", Value("")), "user__email", output_field=CharField())
TONES = {"active": "success", "deactivated": "neutral"}


class RolesColumn(Column):
    """Roles by their names, separated by commas; unknown ones left out."""

    def text(self, value: Any) -> str:
        """The names."""
        return ", ".join(str(ROLES[role]) for role in value or () if role in ROLES)


class MemberTable(BladeTable):
    """Members of a tenant."""

    name = Column(_("Name"), accessor="user", sort=NAME)
    email = Column(_("Email"), accessor="user__email", sort="user__email")
    roles = RolesColumn(_("Roles"))
    status = ChoiceColumn(_("State"), choices=BELONGING, tones=TONES)
    created_at = DateTimeColumn(_("Since"))


class PersonTable(BladeTable):
    """People of a partner."""

    name = Column(_("Name"), accessor="user", sort=NAME)
    email = Column(_("Email"), accessor="user__email", sort="user__email")
    role = ChoiceColumn(_("Role"), choices=list(PARTNER_ROLES.items()))
    status = ChoiceColumn(_("State"), choices=BELONGING, tones=TONES)
    created_at = DateTimeColumn(_("Since"))
