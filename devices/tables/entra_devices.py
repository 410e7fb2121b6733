"""Columns of *Microsoft Entra devices*."""

from typing import Any

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from devices.models import EntraDevice
from portal.ui.columns import ChoiceColumn, Column, DateTimeColumn, YesNoColumn
from portal.ui.tables import BladeTable


class EntraDeviceTable(BladeTable):
    """The tenant's device objects."""

    display_name = Column(_("Display name"), sort="display_name")
    serial_number = Column(_("Serial number"), css="mono")
    is_enabled = YesNoColumn(_("Enabled"))
    trust_type = ChoiceColumn(_("Join type"), choices=EntraDevice.TrustType)
    autopilot = Column(_("Windows Autopilot"), accessor="ztdid")
    group_tag = Column(_("OrderID"), accessor="pk")
    has_enrolled = YesNoColumn(_("Has enrolled"), shown=False)
    is_company_owned = YesNoColumn(_("Company owned"), shown=False)
    device_id = Column(_("Device ID"), css="mono", shown=False)
    registered_at = DateTimeColumn(_("Registered"), sort="registered_at")

    def render_trust_type(self, value: Any, record: Any) -> str:
        """The join type in words, also where it is none."""
        return str(record.get_trust_type_display())

    def render_autopilot(self, value: Any, record: Any) -> str:
        """Whether a registration stands behind the object."""
        return _now("Registered") if record.ztdid else _now("No")

    def value_autopilot(self, value: Any, record: Any) -> str:
        """The ZTDID."""
        return str(record.ztdid or "")

    def render_group_tag(self, value: Any, record: Any) -> str:
        """The tag the object carries."""
        return self.value_group_tag(value, record) or "–"

    def value_group_tag(self, value: Any, record: Any) -> str:
        """The tag the object carries."""
        heads = [text.partition("]:") for text in record.physical_ids]
        return next((tag for name, _mark, tag in heads if name.casefold() == "[orderid"), "")
