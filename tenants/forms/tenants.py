"""Forms of a tenant: its name, its domains, its members."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.ui.forms import KitForm, OneTimeKeyField, RevisionField
from tenants.models.tenant import SLUG, Region
from tenants.permissions import MEANINGS, ROLES


class RoleBoxes(forms.CheckboxSelectMultiple):
    """A box for each role; the kit prints an option's meaning below its label."""

    def create_option(self, *args: Any, **options: Any) -> dict[str, Any]:
        """The option with what the role may do."""
        option = super().create_option(*args, **options)
        return {**option, "meaning": MEANINGS[option["value"]]}


class RolesField(forms.MultipleChoiceField):
    """One or several roles."""

    widget = RoleBoxes

    def __init__(self, **options: Any) -> None:
        super().__init__(label=_("Roles"), choices=list(ROLES.items()), **options)


class TenantForm(KitForm):
    """A new tenant; Hangar is its registration service."""

    name = forms.CharField(label=_("Name"), max_length=100)
    slug = forms.CharField(
        label=_("Address"),
        max_length=50,
        validators=[SLUG],
        help_text=_("Part of every address, such as contoso in /t/contoso/. It cannot be changed later."),
    )


class GeneralForm(KitForm):
    """What may change later."""

    name = forms.CharField(label=_("Name"), max_length=100)
    region = forms.ChoiceField(
        label=_("Region"),
        choices=[("", _("Not set")), *Region.choices],
        required=False,
        help_text=_("A reseller may only register devices for tenants of the region it sells in."),
    )
    revision = RevisionField()


class DeletionRulesForm(KitForm):
    """What holds a deletion of devices back; both are off where left empty."""

    approval_above = forms.IntegerField(
        label=_("A second administrator approves deletions of more than … devices"),
        required=False,
        min_value=0,
        max_value=1_000_000,
        help_text=_(
            "All that one person asks to delete, deregister, move or replace within 24 hours counts "
            "together. 0 means every deletion. Leave empty to switch this off."
        ),
    )
    cooling_off_hours = forms.IntegerField(
        label=_("Cooling-off time in hours"),
        required=False,
        min_value=0,
        max_value=720,
        help_text=_(
            "A deletion begins only this long after it was asked for or approved, and can be cancelled "
            "until then. 0 or empty switches this off."
        ),
    )
    revision = RevisionField()

    def clean_cooling_off_hours(self) -> int:
        """Empty is none."""
        return self.cleaned_data["cooling_off_hours"] or 0


class DecisionForm(KitForm):
    """Why an approval is given or refused."""

    reason = forms.CharField(label=_("Reason"), required=False, max_length=500)


class DomainForm(KitForm):
    """One verified domain."""

    name = forms.CharField(label=_("Domain"), max_length=253, help_text=_("Such as contoso.com."))


class RolesForm(KitForm):
    """The roles of a member."""

    roles = RolesField()
    revision = RevisionField()


class InviteForm(KitForm):
    """Whom to invite, with which roles."""

    email = forms.EmailField(label=_("Email"), max_length=254)
    roles = RolesField()
    one_time_key = OneTimeKeyField(required=False)
