"""The form of *Move to another tenant*."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from devices.services.autopilot import editing
from devices.services.autopilot.deregistration.moving import CLEAR, KEEP, SET
from portal.errors import Refused
from portal.ui.forms import KitForm
from tenants.models import Tenant


class MoveForm(KitForm):
    """Where to, what is taken along, and for many devices a typed confirmation."""

    target = forms.ChoiceField(label=_("Other tenant"))
    is_full = forms.BooleanField(
        label=_("Remove the Intune records as well"),
        required=False,
        help_text=_("Otherwise an enrolled device stays managed in this tenant until it is reset."),
    )
    tag = forms.ChoiceField(
        label=_("Group tag there"),
        choices=[(KEEP, _("Keep")), (SET, _("Set to")), (CLEAR, _("None"))],
        initial=KEEP,
        widget=forms.RadioSelect,
    )
    text = forms.CharField(label=_("New group tag"), required=False, max_length=editing.LONGEST_TAG)
    keeps_user = forms.BooleanField(
        label=_("Keep the user where the other tenant has a licensed user of the same name"),
        required=False,
        initial=True,
    )
    typed = forms.CharField(required=False)

    def __init__(
        self, *args: Any, targets: Sequence[Tenant], may_fully: bool, phrase: str = "", **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.targets, self.phrase = {each.slug: each for each in targets}, phrase
        choices = [(each.slug, each.name) for each in targets]
        self.fields["target"].choices = choices  # type: ignore[attr-defined]
        if not may_fully:
            del self.fields["is_full"]

    def clean_target(self) -> Tenant:
        """The tenant itself."""
        return self.targets[self.cleaned_data["target"]]

    def clean(self) -> dict[str, Any]:
        """A new tag is given and valid; the phrase is typed where one is asked for."""
        cleaned = super().clean() or {}
        if cleaned.get("tag") == SET and "text" in cleaned:
            self._check_tag(cleaned["text"])
        typed = " ".join(str(cleaned.get("typed", "")).split())
        if self.phrase and typed != self.phrase:
            self.add_error("typed", _("Type %(phrase)s exactly.") % {"phrase": self.phrase})
        return cleaned

    def _check_tag(self, text: str) -> None:
        if not text:
            self.add_error("text", _("Enter a group tag, or choose Keep or None."))
        try:
            editing.check_tag(text)
        except Refused as refusal:
            self.add_error("text", str(refusal))

    def words(self) -> dict[str, Any]:
        """What the service is told."""
        names = ("target", "tag", "text", "keeps_user")
        return {name: self.cleaned_data[name] for name in names} | {
            "is_full": self.cleaned_data.get("is_full", False)
        }
