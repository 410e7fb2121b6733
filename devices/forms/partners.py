"""Forms of a partner: devices to register or to deregister, and an OEM's hashes."""

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from devices.forms.imports import UploadForm
from devices.services.partners.submitting import LIMITS
from tenants.models import Partner, Tenant
from tenants.services.partners import consents


class CustomerUploadForm(UploadForm):
    """A file, or pasted rows, of devices of one customer."""

    customer = forms.ModelChoiceField(
        label=_("Customer"), queryset=Tenant.objects.none(), empty_label=_("Choose")
    )
    field_order = ("customer", "batch", "files", "pasted", "purchase_order", "group_tag")

    @classmethod
    def of_partner(cls, request: HttpRequest, partner: Partner) -> "CustomerUploadForm":
        """The form as it was sent, or empty, with the customers the partner may serve now.

        One that revoked meanwhile is let through: the service says why nothing may be done there.
        """
        form = cls.of(request)
        customer: Any = form.fields["customer"]
        customer.queryset = consents.known(partner)
        customer.choices = [("", _("Choose")), *((each.pk, each.name) for each in consents.served(partner))]
        return form  # type: ignore[return-value]


class RegisterForm(CustomerUploadForm):
    """Devices to register, with purchase order and group tag of the batch."""

    batch = forms.CharField(
        label=_("Batch name"),
        max_length=LIMITS["batch"],
        required=False,
        help_text=_("A batch that exists takes the devices as well."),
    )
    purchase_order = forms.CharField(
        label=_("Purchase order"), max_length=LIMITS["purchase_order"], required=False
    )
    group_tag = forms.CharField(
        label=_("Group tag"),
        max_length=LIMITS["group_tag"],
        required=False,
        help_text=_("For every device of this upload."),
    )

    def options(self) -> dict[str, Any]:
        """What the service takes beside the devices."""
        return {name: self.cleaned_data[name] for name in ("batch", "purchase_order", "group_tag")}


class RemoveForm(CustomerUploadForm):
    """Devices to deregister."""

    def options(self) -> dict[str, Any]:
        """What the service takes beside the devices."""
        return {"kind": "remove"}
