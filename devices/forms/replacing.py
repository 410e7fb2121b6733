"""Forms of *Replace device*: which machine takes the place, and whose values win."""

import hashlib
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from devices.hardware.decode import HashFault, decode
from devices.models import AutopilotDevice
from devices.services.autopilot.replacing import NEW, OLD, Successor
from portal.errors import Refused
from portal.ui.forms import KitForm

HASH = "hash"
ATTENTION = AutopilotDevice.RemediationState.ATTENTION_REQUIRED
LONGEST_HASH = 100_000


class KeepsForm(KitForm):
    """Whose values win where both have one; `reviewed` is the stamp of what the person looked at."""

    keeps = forms.ChoiceField(
        label=_("Where both have a value"),
        choices=[(OLD, _("Take the old device's")), (NEW, _("Keep the new device's"))],
        initial=OLD,
        widget=forms.RadioSelect,
        required=False,
    )
    reviewed = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, **options: Any) -> None:
        if data is not None:
            data = data.copy()
            data.setdefault("keeps", OLD)  # the choice appears only with the preview
        super().__init__(data, **options)

    def clean_keeps(self) -> str:
        """The old device's values unless told otherwise."""
        return self.cleaned_data.get("keeps") or OLD

    @property
    def stamp(self) -> str:
        """A digest of what was chosen."""
        chosen = sorted(
            (name, repr(value)) for name, value in self.cleaned_data.items() if name != "reviewed"
        )
        return hashlib.sha256(repr(chosen).encode()).hexdigest()

    @property
    def is_reviewed(self) -> bool:
        """Whether the person saw what exactly this choice does."""
        return bool(self.cleaned_data.get("reviewed") == self.stamp)

    def refuse(self, refusal: Refused) -> None:
        """Show a service's refusal in the dialog."""
        self.add_error(None, str(refusal))


class ReplaceForm(KeepsForm):
    """The machine of today: a device that is registered already, or a captured hash."""

    new = forms.ChoiceField(label=_("The machine with its new board"), widget=forms.RadioSelect)
    hardware_hash = forms.CharField(
        label=_("Hardware hash"),
        required=False,
        max_length=LONGEST_HASH,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text=_("Captured on the machine with its new board; needed for the last choice only."),
    )
    field_order = ("new", "hardware_hash", "keeps", "reviewed")

    def __init__(self, data: Any = None, *, devices: list[AutopilotDevice], **options: Any) -> None:
        super().__init__(data, **options)
        self.devices = {str(device.pk): device for device in devices}
        named = [(pk, _named(device)) for pk, device in self.devices.items()]
        field: Any = self.fields["new"]
        field.choices = [*named, (HASH, _("It is not registered yet: I have its hardware hash"))]
        field.initial = named[0][0] if named else HASH
        if not named:
            self.fields["hardware_hash"].help_text = _("Captured on the machine with its new board.")

    def clean(self) -> dict[str, Any]:
        """A hash has to be there, and sound, where it was chosen."""
        cleaned = super().clean() or {}
        if cleaned.get("new") != HASH:
            cleaned["hardware_hash"] = ""
        elif not cleaned.get("hardware_hash"):
            self.add_error("hardware_hash", _("Paste the hash that was captured with the new board."))
        else:
            try:
                self.identity = decode(cleaned["hardware_hash"])
            except HashFault as fault:
                self.add_error("hardware_hash", fault.message)
        return cleaned

    def successor(self) -> Successor:
        """What was chosen, as the service takes it."""
        chosen = self.cleaned_data["new"]
        if chosen == HASH:
            return Successor(identity=self.identity)
        return Successor.registered(self.devices[chosen])


def _named(device: AutopilotDevice) -> str:
    """Serial number and model may be alike: when it was registered, and how it stands, are not."""
    at = date_format(timezone.localtime(device.registered_at), "Y-m-d H:i")
    words = {"serial": device.serial_number, "model": device.model, "at": at}
    named = _("%(serial)s, %(model)s, registered %(at)s") % words
    status = device.get_profile_status_display()
    return f"{named} ({status})" if device.remediation_state == ATTENTION else named
