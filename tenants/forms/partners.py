"""Forms of partners: the partner itself, its people, its requests, and a customer's answer."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.ui.forms import KitForm, OneTimeKeyField, RevisionField
from tenants.models import AuthorizationRequest, Partner, Region, Tenant
from tenants.models.tenant import SLUG
from tenants.permissions import PARTNER_ROLES
from tenants.services.api_clients import LIFETIMES


class LinesField(forms.CharField):
    """A list of texts, one a line."""

    widget = forms.Textarea(attrs={"rows": 4})

    def prepare_value(self, value: Any) -> Any:
        """The lines of a list; what was typed as it is."""
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        """The lines."""
        return super().clean(value).splitlines()


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
    manufacturers = LinesField(
        label=_("Manufacturer names an OEM may report"),
        required=False,
        help_text=_(
            "One a line, exactly as SMBIOS spells them. Hashes of other manufacturers' machines are refused, "
            "so that no OEM makes another's names ambiguous."
        ),
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
    field_order = ("name", "slug", "kind", "sales_region", "provider_id", "manufacturers")


class PartnerInviteForm(KitForm):
    """Whom to invite, with which role."""

    email = forms.EmailField(label=_("Email"), max_length=254)
    roles = forms.ChoiceField(label=_("Role"), choices=list(PARTNER_ROLES.items()), widget=forms.RadioSelect)
    one_time_key = OneTimeKeyField(required=False)


class PartnerRoleForm(KitForm):
    """The role of a partner's person."""

    role = forms.ChoiceField(label=_("Role"), choices=list(PARTNER_ROLES.items()), widget=forms.RadioSelect)
    revision = RevisionField()


class RequestForm(KitForm):
    """A new authorization request."""

    note = forms.CharField(
        label=_("Customer"),
        max_length=200,
        required=False,
        help_text=_("For your own list; the customer does not see it."),
    )
    email = forms.EmailField(label=_("Email of a Global Administrator"), max_length=254, required=False)
    days = forms.TypedChoiceField(
        label=_("The link works for"),
        coerce=int,
        choices=[
            (each.days, _("%(days)d days") % {"days": each.days}) for each in AuthorizationRequest.LIFETIMES
        ],
        initial=AuthorizationRequest.LIFETIMES[1].days,
    )
    one_time_key = OneTimeKeyField(required=False)

    def values(self) -> dict[str, Any]:
        """The values as the service takes them."""
        values = self.cleaned_data
        lifetime = timedelta(days=values["days"])
        return {
            "note": values["note"],
            "email": values["email"],
            "lifetime": lifetime,
            "key": values["one_time_key"],
        }


class AnswerForm(KitForm):
    """A Global Administrator's answer: for which tenant, in which region, yes."""

    tenant = forms.ModelChoiceField(label=_("Tenant"), queryset=Tenant.objects.none(), empty_label=None)
    region = forms.ChoiceField(
        label=_("Region of the tenant"),
        choices=[("", _("Choose")), *Region.choices],
        required=False,
        help_text=_("Needed where the tenant's settings name none yet; a CSP serves only its own region."),
    )
    yes = forms.BooleanField(label=_("Yes, I authorize this partner for the tenant"), required=False)

    def __init__(self, *args: Any, tenants: list[Tenant], asks_region: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["tenant"].queryset = Tenant.objects.filter(  # type: ignore[attr-defined]
            pk__in=[each.pk for each in tenants]
        )
        if not asks_region:
            del self.fields["region"]

    def clean_yes(self) -> bool:
        """Acceptance needs the tick, as in Microsoft's form; declining does not."""
        is_accepted = self.data.get("answer") == "accept"
        if is_accepted and not self.cleaned_data["yes"]:
            raise forms.ValidationError(_("Tick Yes to accept."))
        return bool(self.cleaned_data["yes"])


class LifetimeForm(KitForm):
    """How long a client's secret works."""

    days = forms.TypedChoiceField(
        label=_("The secret works for"),
        coerce=int,
        choices=[(each.days, _("%(days)d days") % {"days": each.days}) for each in LIFETIMES],
        initial=LIFETIMES[1].days,
    )


class ClientForm(LifetimeForm):
    """A new API client."""

    name = forms.CharField(label=_("Name"), max_length=100, help_text=_("Such as the script that uses it."))
    one_time_key = OneTimeKeyField(required=False)
    field_order = ("name", "days", "one_time_key")
