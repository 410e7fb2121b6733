"""Forms of *Groups*; the rules themselves live in the services."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from devices.models import Group
from portal.errors import Refused
from portal.ui.forms import KitForm, RevisionField
from tenants.models import Tenant

RULES = [
    ("", _("Assigned: members are added by hand")),
    ("all_autopilot", _("Dynamic: all Autopilot devices")),
    ("order_id", _("Dynamic: group tag ([OrderID]) equals")),
    ("purchase_order", _("Dynamic: purchase order equals")),
]


class RefusedAtField:
    """Shows a service's refusal at the field it is about."""

    def refuse(self: Any, refusal: Refused) -> None:
        """Add the sentence to the field of its context, else to the form."""
        field = refusal.context.get("field")
        self.add_error(field if field in self.fields else None, str(refusal))


class GroupForm(RefusedAtField, KitForm):
    """A new group."""

    name = forms.CharField(label=_("Name"), max_length=256)
    description = forms.CharField(label=_("Description"), max_length=1024, required=False)
    rule = forms.ChoiceField(label=_("Membership"), choices=RULES, required=False, widget=forms.RadioSelect)
    rule_value = forms.CharField(
        label=_("Value"),
        max_length=512,
        required=False,
        help_text=_("The group tag or purchase order of the dynamic rule. Case is ignored, as in Entra."),
    )


class GroupEditForm(RefusedAtField, KitForm):
    """Name and description; the rule of a group stays."""

    name = forms.CharField(label=_("Name"), max_length=256)
    description = forms.CharField(label=_("Description"), max_length=1024, required=False)
    revision = RevisionField()


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
