"""Forms of *Windows Autopilot devices*; the rules themselves live in the services."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from devices.models import AutopilotDevice, DeploymentProfile
from portal.errors import Refused
from portal.ui.forms import KitForm, RevisionField
from tenants.models import Tenant


class AutopilotDeviceForm(KitForm):
    """The four values of a device that one may edit."""

    display_name = forms.CharField(
        label=_("Device name"),
        required=False,
        max_length=64,
        help_text=_("Up to 15 letters, digits and hyphens. Ignored for hybrid join."),
    )
    group_tag = forms.CharField(label=_("Group tag"), required=False, max_length=2000)
    user_principal_name = forms.CharField(
        label=_("User"),
        required=False,
        max_length=254,
        help_text=_("A user of this tenant who is licensed for Intune."),
    )
    addressable_user_name = forms.CharField(
        label=_("User friendly name"),
        required=False,
        max_length=2000,
        help_text=_("The greeting during set-up. Left empty, it is the user's display name."),
    )
    revision = RevisionField()

    @classmethod
    def of(cls, device: AutopilotDevice, data: Any = None) -> "AutopilotDeviceForm":
        """The form of a device, bound where data was sent."""
        return cls(data, initial={name: getattr(device, name) for name in cls.base_fields})

    def values(self) -> dict[str, str]:
        """The four values as the service takes them."""
        return {name: value for name, value in self.cleaned_data.items() if name != "revision"}

    def refuse(self, refusal: Refused) -> None:
        """Show a service's refusal at the field it is about."""
        fields = {"unknown_user": "user_principal_name", "unlicensed_user": "user_principal_name"}
        field = refusal.context.get("field") or fields.get(refusal.code)
        self.add_error(field, str(refusal))


class GroupTagForm(KitForm):
    """One operation on the tags of many devices."""

    operation = forms.ChoiceField(
        label=_("Change"),
        choices=[
            ("set", _("Set to")),
            ("prefix", _("Put in front")),
            ("append", _("Put behind")),
            ("clear", _("Clear")),
        ],
        initial="set",
        widget=forms.RadioSelect,
    )
    text = forms.CharField(
        label=_("Group tag"),
        required=False,
        max_length=512,
        strip=True,
        help_text=_("Used for groups such as [OrderID]:text. Not needed for Clear."),
    )

    def clean(self) -> dict[str, Any]:
        """Every operation but Clear needs a text."""
        cleaned = super().clean() or {}
        text = cleaned.get("text", "")
        if cleaned.get("operation") != "clear" and "text" in cleaned and not text:
            self.add_error("text", _("Enter a group tag, or choose Clear."))
        if text and not text.isprintable():
            self.add_error("text", _("A group tag may not hold line breaks or control characters."))
        return cleaned


class AssignUserForm(KitForm):
    """One user for the selected devices."""

    upn = forms.CharField(
        label=_("User"),
        max_length=254,
        help_text=_("A user of this tenant who is licensed for Intune."),
    )
    friendly_name = forms.CharField(
        label=_("User friendly name"),
        required=False,
        max_length=256,
        help_text=_("The greeting during set-up. Left empty, it is the user's display name."),
    )


class AssignProfileForm(KitForm):
    """One profile for the selected devices, and what to do where an older one would still win."""

    profile = forms.ChoiceField(label=_("Deployment profile"))
    older = forms.ChoiceField(
        label=_("Where an older profile would still win"),
        choices=[
            ("skip", _("Leave those devices out")),
            ("exclude", _("Exclude the new group from the older profile")),
        ],
        initial="skip",
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, tenant: Tenant, **options: Any) -> None:
        super().__init__(*args, **options)
        rows = DeploymentProfile.objects.of(tenant).order_by("display_name")
        self.fields["profile"].choices = [  # type: ignore[attr-defined]
            ("", _("Choose a profile")),
            *((str(pk), name) for pk, name in rows.values_list("pk", "display_name")),
        ]


class DeleteForm(KitForm):
    """Which of the two ways, and for many devices a typed confirmation."""

    way = forms.ChoiceField(choices=[("registration", ""), ("full", "")], initial="registration")
    typed = forms.CharField(required=False)

    def __init__(self, *args: Any, phrase: str = "", **options: Any) -> None:
        super().__init__(*args, **options)
        self.phrase = phrase

    def clean_typed(self) -> str:
        """The phrase where one is asked for."""
        typed = " ".join(str(self.cleaned_data.get("typed", "")).split())
        if self.phrase and typed != self.phrase:
            raise forms.ValidationError(_("Type %(phrase)s exactly.") % {"phrase": self.phrase})
        return typed
