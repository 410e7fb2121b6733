"""Forms of *Groups*; the rules themselves live in the services."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from devices.models import Group
from portal.errors import Refused
from portal.ui.forms import KitForm, RevisionField
from tenants.models import Tenant


def lines(text: str) -> str:
    """Text with single line breaks; browsers send two characters for each."""
    return text.replace("\r\n", "\n")


class RefusedAtField:
    """Shows a service's refusal at the field it is about."""

    def refuse(self: Any, refusal: Refused) -> None:
        """Add the sentence to the field of its context, else to the form."""
        field = refusal.context.get("field")
        self.add_error(field if field in self.fields else None, str(refusal))


class RuleForm(RefusedAtField, KitForm):
    """What every group has, and the rule of a dynamic one with a device to try it on."""

    name = forms.CharField(label=_("Name"), max_length=256)
    description = forms.CharField(label=_("Description"), max_length=1024, required=False)
    rule_text = forms.CharField(
        label=_("Rule"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false", "class": "mono"}),
        help_text=_("At most 3,072 characters. Case is ignored, as in Microsoft Entra."),
    )
    device = forms.CharField(
        label=_("Try a device"),
        required=False,
        max_length=255,
        help_text=_("Its name, serial number or ID: see why the rule takes it, or does not."),
    )

    def clean_rule_text(self) -> str:
        """The rule with its lines as they were typed."""
        return lines(self.cleaned_data["rule_text"])

    def values(self) -> dict[str, Any]:
        """What the service takes."""
        names = ("name", "description", "rule_text")
        return {name: self.cleaned_data[name] for name in names if name in self.cleaned_data}


class GroupForm(RuleForm):
    """A new group."""

    membership = forms.ChoiceField(
        label=_("Membership type"),
        choices=Group.Membership,
        initial=Group.Membership.ASSIGNED,
        widget=forms.RadioSelect,
    )
    field_order = ("name", "description", "membership", "rule_text", "device")

    def clean(self) -> dict[str, Any]:
        """Only a dynamic group has a rule, and it needs one."""
        cleaned = super().clean() or {}
        if cleaned.get("membership") == Group.Membership.ASSIGNED:
            cleaned["rule_text"] = ""
        elif "rule_text" in cleaned and not cleaned["rule_text"].strip():
            self.add_error("rule_text", _("Write a rule, or choose one of the ready ones."))
        return cleaned


class GroupEditForm(RuleForm):
    """A group's name, description and rule; how members come stays."""

    revision = RevisionField()

    def __init__(self, data: Any = None, *, group: Group, typed: dict[str, Any]) -> None:
        names = ("name", "description", "rule_text", "revision")
        super().__init__(data, initial={**{name: getattr(group, name) for name in names}, **typed})
        if group.membership == Group.Membership.ASSIGNED:
            del self.fields["rule_text"], self.fields["device"]
        else:
            self.fields["rule_text"].required = True


class SerialsForm(KitForm):
    """Pasted serial numbers."""

    serials = forms.CharField(
        label=_("Serial numbers"),
        max_length=400_000,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "class": "mono"}),
        help_text=_("One a line, or divided by commas, semicolons or tabs. At most 5,000."),
    )


class PickGroupForm(KitForm):
    """One assigned group of the tenant."""

    group = forms.ModelChoiceField(label=_("Group"), queryset=Group.unscoped.none())

    def __init__(self, *args: Any, tenant: Tenant, **options: Any) -> None:
        super().__init__(*args, **options)
        rows = Group.objects.of(tenant).filter(membership=Group.Membership.ASSIGNED).order_by("name")
        self.fields["group"].queryset = rows  # type: ignore[attr-defined]
