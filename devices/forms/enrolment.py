"""The form that simulates a sign-in."""

from django import forms
from django.utils.translation import gettext_lazy as _

from devices.forms.groups import RefusedAtField
from portal.ui.forms import KitForm


class SimulateSignInForm(RefusedAtField, KitForm):
    """Who signs in on the device."""

    user = forms.CharField(
        label=_("User principal name"),
        max_length=254,
        help_text=_("A user of this tenant's directory who is licensed for Intune."),
    )
