"""Forms of *Windows devices*."""

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.ui.forms import KitForm


class RenameForm(KitForm):
    """The new name of a device."""

    name = forms.CharField(
        label=_("Device name"),
        max_length=15,
        help_text=_("At most 15 letters, digits and hyphens, not digits alone."),
    )
