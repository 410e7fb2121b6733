"""The form that simulates a sign-in."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from devices.forms.groups import RefusedAtField
from devices.models import AutopilotDevice
from devices.services.autopilot.enrolment import simulating
from portal.ui.forms import KitForm


class SimulateSignInForm(RefusedAtField, KitForm):
    """Who signs in on the device; nobody where its profile is self-deploying."""

    user = forms.CharField(
        label=_("User principal name"),
        max_length=254,
        help_text=_("A user of this tenant's directory who is licensed for Intune."),
    )

    @classmethod
    def of(cls, device: AutopilotDevice, data: Any) -> "SimulateSignInForm":
        """The form for a device, bound where data was sent."""
        form = cls(data, initial={"user": device.user_principal_name})
        if simulating.deploys_itself(device):
            del form.fields["user"]
        return form
