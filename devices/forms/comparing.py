"""The form of a comparison: a hash for each side that no link names."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from devices.hardware.decode import HashFault, decode
from devices.hardware.identity import HardwareIdentity
from portal.ui.forms import KitForm

LONGEST_HASH = 100_000


class HashField(forms.CharField):
    """A hardware hash as text; its value is what it says."""

    widget = forms.Textarea

    def __init__(self, **options: Any) -> None:
        widget = forms.Textarea(attrs={"rows": 4, "spellcheck": "false"})
        super().__init__(max_length=LONGEST_HASH, widget=widget, **options)

    def clean(self, value: Any) -> HardwareIdentity | None:
        """The decoded hash; raises ValidationError with the fault in words."""
        text = super().clean(value)
        if not text:
            return None
        try:
            return decode(text)
        except HashFault as fault:
            raise forms.ValidationError(fault.message) from fault


class CompareForm(KitForm):
    """The hashes to paste."""

    first = HashField(label=_("Hardware hash of the first machine"))
    second = HashField(label=_("Hardware hash to compare it with"))

    def __init__(self, *args: Any, has_first: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        if has_first:
            del self.fields["first"]
