"""Columns of *Enrollment failures*."""

from django.utils.translation import gettext_lazy as _

from devices.models import ManagedDevice
from portal.ui.columns import ChoiceColumn, Column, DateTimeColumn
from portal.ui.tables import BladeTable


class EnrollmentFailureTable(BladeTable):
    """One line an attempt."""

    serial_number = Column(_("Serial number"), sort="serial_number", css="mono")
    at = DateTimeColumn(_("Time"), sort="at")
    mode = ChoiceColumn(_("Enrollment type"), choices=ManagedDevice.Mode, shown=False)
    user_principal_name = Column(_("User"))
    error_code = Column(_("Error code"), css="mono")
    sentence = Column(_("What happened"), css="sentence")
    next_step = Column(_("What to do"), css="sentence")
    reason = Column(_("Reason"), shown=False, css="mono")
    manufacturer = Column(_("Manufacturer"), shown=False)
    model = Column(_("Model"), shown=False)
