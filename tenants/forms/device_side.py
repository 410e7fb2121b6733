"""The form of *Settings > Device side*."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.ui.forms import KitForm, RevisionField
from tenants.models import DeviceSide

MOST_DEVICES = 10_000


class DeviceSideForm(KitForm):
    """Whether machines may reach the tenant, and what enrollment allows."""

    is_on = forms.BooleanField(
        label=_("Machines may reach this tenant"),
        required=False,
        help_text=_("While this is off, every request to the addresses below is refused."),
    )
    device_limit = forms.IntegerField(
        label=_("Devices a user may enroll"),
        min_value=1,
        max_value=MOST_DEVICES,
        help_text=_("Microsoft Entra's own default is 50."),
    )
    allows_personal = forms.BooleanField(
        label=_("Personally owned devices may enroll"),
        required=False,
        help_text=_(
            "Otherwise adding a work account fails with 0x80180014 unless the machine is registered."
        ),
    )
    revision = RevisionField()

    @classmethod
    def of(cls, row: DeviceSide, data: Any = None) -> "DeviceSideForm":
        """The form of the stored settings, bound where data was sent."""
        return cls(data, initial={name: getattr(row, name) for name in cls.base_fields})

    def values(self) -> dict[str, Any]:
        """The settings as the service takes them."""
        return {name: value for name, value in self.cleaned_data.items() if name != "revision"}
