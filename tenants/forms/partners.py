"""Forms of partners: the partner itself, its people."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.ui.forms import KitForm, OneTimeKeyField, RevisionField
from tenants.models import Partner, Region
from tenants.models.tenant import SLUG
from tenants.permissions import PARTNER_ROLES


class PartnerForm(KitForm):
    """What may change of a partner."""

    name = forms.CharField(label=_("Name"), max_length=100)
    kind = forms.ChoiceField(label=_("Kind"), choices=Partner.Kind.choices)
    sales_region = forms.ChoiceField(
        label=_("Sales region"),
        choices=[("", _("None")), *Region.choices],
        required=False,
        help_text=_("A CSP may only serve tenants of its own region; an OEM has none."),
    )
    provider_id = forms.ModelChoiceField(
        label=_("Provider of an indirect reseller"),
        queryset=Partner.objects.filter(kind=Partner.Kind.INDIRECT_PROVIDER),
        required=False,
        empty_label=_("None"),
    )
    revision = RevisionField()

    def values(self) -> dict[str, Any]:
        """The values as the service takes them."""
        provider = self.cleaned_data["provider_id"]
        return {**self.cleaned_data, "provider_id": provider.pk if provider else None}


class NewPartnerForm(PartnerForm):
    """A new partner and its address."""

    slug = forms.CharField(
        label=_("Address"),
        max_length=50,
        validators=[SLUG],
        help_text=_("Part of every address, such as tailwind in /p/tailwind/. It cannot be changed later."),
    )
    revision = None  # type: ignore[assignment]
    field_order = ("name", "slug", "kind", "sales_region", "provider_id")


class PartnerInviteForm(KitForm):
    """Whom to invite, with which role."""

    email = forms.EmailField(label=_("E-mail"), max_length=254)
    roles = forms.ChoiceField(label=_("Role"), choices=list(PARTNER_ROLES.items()), widget=forms.RadioSelect)
    one_time_key = OneTimeKeyField(required=False)


class PartnerRoleForm(KitForm):
    """The role of a partner's person."""

    role = forms.ChoiceField(label=_("Role"), choices=list(PARTNER_ROLES.items()), widget=forms.RadioSelect)
    revision = RevisionField()
