"""Columns of *Orphans*."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from devices.models import Orphan
from devices.services.reconciling.defects import KINDS
from portal.ui.columns import ChoiceColumn, Column, DateTimeColumn, YesNoColumn
from portal.ui.tables import BladeTable


class OrphanTable(BladeTable):
    """Records that lost their counterpart, or disagree with it."""

    label = Column(_("Device"), sort="label", css="mono")
    defect = ChoiceColumn(_("Defect"), choices=Orphan.Defect, tones=dict.fromkeys(KINDS, "warning"))
    record = ChoiceColumn(_("Record"), choices=Orphan.Record)
    detail = Column(_("Detail"))
    fix = Column(_("Fix"), accessor="defect", shown=False)
    is_fixable = YesNoColumn(_("Can be fixed here"))
    found_at = DateTimeColumn(_("Found"), sort="found_at")

    def render_fix(self, value: Any, record: Any) -> str:
        """What the fix does."""
        return str(KINDS[value].fix)

    value_fix = render_fix
