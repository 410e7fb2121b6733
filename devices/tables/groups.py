"""Columns of *Groups* and of a group's members."""

from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from devices.models import EntraDevice, Group
from portal.ui.columns import EMPTY, ChoiceColumn, Column, DateTimeColumn, NumberColumn
from portal.ui.tables import BladeTable


class GroupTable(BladeTable):
    """The tenant's groups."""

    name = Column(_("Name"), sort="name")
    membership = ChoiceColumn(_("Membership type"), choices=Group.Membership)
    rule = Column(_("Rule"), accessor="rule_text")
    member_count = NumberColumn(_("Members"))
    profile_count = NumberColumn(_("Assigned profiles"))
    description = Column(_("Description"), shown=False)
    created_at = DateTimeColumn(_("Created"))

    def render_rule(self, value: Any, record: Any) -> str:
        """The rule in Entra's language."""
        return format_html("<code>{}</code>", value) if value else SafeString(EMPTY)


class GroupMemberTable(BladeTable):
    """The Entra objects of a group, with the Autopilot device of each."""

    display_name = Column(_("Display name"), sort="display_name")
    serial_number = Column(_("Serial number"), css="mono")
    group_tag = Column(_("Group tag"), accessor="listed_tag")
    join_type = ChoiceColumn(_("Join type"), choices=EntraDevice.TrustType, accessor="trust_type")
    registered_at = DateTimeColumn(_("Registered"), sort="registered_at")

    def render_join_type(self, value: Any, record: Any) -> str:
        """The join type in words, also where it is none."""
        return str(record.get_trust_type_display())
