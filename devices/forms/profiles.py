"""Forms of *Deployment profiles*; the rules themselves live in the services."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from devices.forms.groups import RefusedAtField
from devices.models import DeploymentProfile, Group
from devices.models.profiles import ProfileAssignment
from devices.services.profiles import profiles
from portal.ui.forms import KitForm, RevisionField

SHOW_HIDE = [(False, _("Show")), (True, _("Hide"))]
NO_YES = [(False, _("No")), (True, _("Yes"))]
LOCALES = [
    ("os-default", _("Operating system default")),
    ("user-select", _("User select")),
    ("ar-SA", "العربية (السعودية)"),
    ("bg-BG", "Български (България)"),
    ("ca-ES", "Català (Espanya)"),
    ("cs-CZ", "Čeština (Česko)"),
    ("da-DK", "Dansk (Danmark)"),
    ("de-AT", "Deutsch (Österreich)"),
    ("de-CH", "Deutsch (Schweiz)"),
    ("de-DE", "Deutsch (Deutschland)"),
    ("el-GR", "Ελληνικά (Ελλάδα)"),
    ("en-AU", "English (Australia)"),
    ("en-CA", "English (Canada)"),
    ("en-GB", "English (United Kingdom)"),
    ("en-IE", "English (Ireland)"),
    ("en-IN", "English (India)"),
    ("en-NZ", "English (New Zealand)"),
    ("en-US", "English (United States)"),
    ("en-ZA", "English (South Africa)"),
    ("es-ES", "Español (España)"),
    ("es-MX", "Español (México)"),
    ("et-EE", "Eesti (Eesti)"),
    ("fi-FI", "Suomi (Suomi)"),
    ("fr-BE", "Français (Belgique)"),
    ("fr-CA", "Français (Canada)"),
    ("fr-CH", "Français (Suisse)"),
    ("fr-FR", "Français (France)"),
    ("he-IL", "עברית (ישראל)"),
    ("hi-IN", "हिन्दी (भारत)"),
    ("hr-HR", "Hrvatski (Hrvatska)"),
    ("hu-HU", "Magyar (Magyarország)"),
    ("id-ID", "Indonesia (Indonesia)"),
    ("it-CH", "Italiano (Svizzera)"),
    ("it-IT", "Italiano (Italia)"),
    ("ja-JP", "日本語 (日本)"),
    ("ko-KR", "한국어 (대한민국)"),
    ("lt-LT", "Lietuvių (Lietuva)"),
    ("lv-LV", "Latviešu (Latvija)"),
    ("nb-NO", "Norsk bokmål (Norge)"),
    ("nl-BE", "Nederlands (België)"),
    ("nl-NL", "Nederlands (Nederland)"),
    ("pl-PL", "Polski (Polska)"),
    ("pt-BR", "Português (Brasil)"),
    ("pt-PT", "Português (Portugal)"),
    ("ro-RO", "Română (România)"),
    ("ru-RU", "Русский (Россия)"),
    ("sk-SK", "Slovenčina (Slovensko)"),
    ("sl-SI", "Slovenščina (Slovenija)"),
    ("sr-Latn-RS", "Srpski (Srbija)"),
    ("sv-SE", "Svenska (Sverige)"),
    ("th-TH", "ไทย (ไทย)"),
    ("tr-TR", "Türkçe (Türkiye)"),
    ("uk-UA", "Українська (Україна)"),
    ("vi-VN", "Tiếng Việt (Việt Nam)"),
    ("zh-CN", "中文 (中国)"),
    ("zh-TW", "中文 (台灣)"),
]


def either(label: Any, choices: list[Any], help_text: Any = "") -> forms.TypedChoiceField:
    """A setting with two words, stored as a boolean."""
    return forms.TypedChoiceField(
        label=label,
        choices=choices,
        coerce=lambda value: value == "True",
        initial=False,
        empty_value=False,  # type: ignore[arg-type]
        required=False,
        help_text=help_text,
    )


def one_of(label: Any, choices: Any, initial: Any, help_text: Any = "") -> forms.ChoiceField:
    """A setting with named values."""
    return forms.ChoiceField(label=label, choices=choices, initial=initial, help_text=help_text)


class ProfileForm(RefusedAtField, KitForm):
    """Every setting of a profile; those the chosen mode does not offer are dimmed, with the reason."""

    display_name = forms.CharField(label=_("Name"), max_length=200)
    description = forms.CharField(
        label=_("Description"), max_length=1500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    device_type = one_of(_("Create as"), DeploymentProfile.DeviceType.choices, "windowsPc")
    hardware_hash_extraction_enabled = either(
        _("Convert all targeted devices to Autopilot"),
        NO_YES,
        _("Registers corporate devices of the groups that are enrolled but not registered yet."),
    )
    device_usage_type = one_of(
        _("Deployment mode"),
        DeploymentProfile.DeviceUsage.choices,
        "singleUser",
        _("Self-deploying needs TPM 2.0 and gives the device no primary user."),
    )
    join_type = one_of(_("Join to Microsoft Entra ID as"), DeploymentProfile.JoinType.choices, "entra")
    skip_connectivity_check = either(_("Skip AD connectivity check"), NO_YES)
    eula_hidden = either(_("Microsoft Software License Terms"), SHOW_HIDE)
    privacy_settings_hidden = either(
        _("Privacy settings"), SHOW_HIDE, _("Hiding them switches location services off.")
    )
    escape_link_hidden = either(
        _("Hide change account options"), SHOW_HIDE, _("Hiding needs company branding.")
    )
    user_type = one_of(_("User account type"), DeploymentProfile.UserType.choices, "administrator")
    preprovisioning_allowed = either(_("Allow pre-provisioned deployment"), NO_YES)
    locale = one_of(_("Language (Region)"), LOCALES, "os-default")
    keyboard_selection_page_skipped = either(
        _("Automatically configure keyboard"), NO_YES, _("Over a wired network only.")
    )
    device_name_template = forms.CharField(
        label=_("Device name template"),
        max_length=60,
        required=False,
        help_text=_(
            "At most 15 characters: letters, digits, hyphens, %SERIAL% and %RAND:x% (x random digits). "
            "Empty: no template."
        ),
    )
    revision = RevisionField(required=False)

    MODES = ("device_type", "device_usage_type", "join_type", "locale")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        values = {name: self._chosen(name) for name in self.MODES}
        for each in profiles.dimmed(values):
            field = self.fields[each.field]
            field.disabled = True
            field.help_text = each.reason
            self.initial[each.field] = each.value

    def _chosen(self, name: str) -> Any:
        """What stands in a field; a bound field made here would keep the help text of before."""
        if self.is_bound and name in self.data:
            return self.data[name]
        return self.get_initial_for_field(self.fields[name], name)

    @classmethod
    def of(cls, profile: DeploymentProfile, data: Any = None) -> "ProfileForm":
        """The form of a stored profile, bound where data was sent."""
        return cls(data, initial={name: getattr(profile, name) for name in cls.base_fields})

    def values(self) -> dict[str, Any]:
        """The settings as the service takes them."""
        return {name: self.cleaned_data[name] for name in profiles.SETTINGS}


class AssignmentForm(KitForm):
    """All devices, or included and excluded groups."""

    target = forms.ChoiceField(
        label=_("Assign to"),
        choices=[("groups", _("Selected groups")), ("all", _("All devices"))],
        widget=forms.RadioSelect,
        help_text=_("All devices is the lowest priority: a profile assigned to a group of the device wins."),
    )
    include = forms.ModelMultipleChoiceField(
        label=_("Included groups"),
        queryset=Group.unscoped.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    exclude = forms.ModelMultipleChoiceField(
        label=_("Excluded groups"),
        queryset=Group.unscoped.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    revision = RevisionField()

    def __init__(self, data: Any = None, *, profile: DeploymentProfile) -> None:
        kinds = dict(profile.assignments.values_list("group", "kind"))
        included = [pk for pk, kind in kinds.items() if kind == ProfileAssignment.Kind.INCLUDE]
        initial = {
            "target": "all" if profile.is_for_all_devices else "groups",
            "include": included,
            "exclude": [pk for pk in kinds if pk not in included],
            "revision": profile.revision,
        }
        super().__init__(data, initial=initial)
        for name in ("include", "exclude"):
            self.fields[name].queryset = Group.objects.of(profile.tenant).order_by("name")  # type: ignore[attr-defined]

    def chosen(self) -> dict[str, Any]:
        """The assignments as the services take them."""
        return {
            "include": [group.pk for group in self.cleaned_data["include"]],
            "exclude": [group.pk for group in self.cleaned_data["exclude"]],
            "is_for_all_devices": self.cleaned_data["target"] == "all",
        }
