"""Forms in which a person describes himself: set-up, invitation, profile."""

import zoneinfo
from functools import cache
from typing import Any

from django import forms
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from portal.ui.forms import KitForm
from tenants.models import User
from tenants.models.tenant import SLUG


class NewPasswordForm(KitForm):
    """Name and a new password, typed twice; `email` is what the password must not resemble."""

    name = forms.CharField(label=_("Your name"), max_length=150)
    password = forms.CharField(
        label=_("Password"),
        max_length=1024,
        strip=False,
        help_text=_("At least 10 characters."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    repeated = forms.CharField(
        label=_("Password again"),
        max_length=1024,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, email: str = "", **options: Any) -> None:
        super().__init__(*args, **options)
        self.invited_email = email

    def clean(self) -> dict[str, Any]:
        """Both passwords agree and are strong enough."""
        values = super().clean() or self.cleaned_data
        password = values.get("password")
        if not password:
            return values
        if values.get("repeated") != password:
            self.add_error("repeated", _("The two passwords differ."))
        person = User(email=values.get("email", self.invited_email), name=values.get("name", ""))
        try:
            password_validation.validate_password(password, person)
        except ValidationError as error:
            self.add_error("password", error)
        return values


class SetUpForm(NewPasswordForm):
    """The first administrator and the first tenant."""

    email = forms.EmailField(label=_("Email"), max_length=254)
    tenant_name = forms.CharField(label=_("Tenant name"), max_length=100)
    tenant_slug = forms.CharField(
        label=_("Tenant address"),
        max_length=50,
        validators=[SLUG],
        help_text=_("Part of every address, such as contoso in /t/contoso/. It cannot be changed later."),
    )
    field_order = ("name", "email", "password", "repeated", "tenant_name", "tenant_slug")

    @property
    def person_fields(self) -> list[forms.BoundField]:
        """The fields of the administrator."""
        return [self[name] for name in ("name", "email", "password", "repeated")]

    @property
    def tenant_fields(self) -> list[forms.BoundField]:
        """The fields of the tenant."""
        return [self[name] for name in ("tenant_name", "tenant_slug")]


@cache
def zones() -> list[tuple[str, str]]:
    """Every time zone the machine knows, by name."""
    return [(name, name.replace("_", " ")) for name in sorted(zoneinfo.available_timezones())]


class ProfileForm(KitForm):
    """Name, time zone and look."""

    name = forms.CharField(label=_("Name"), max_length=150)
    time_zone = forms.ChoiceField(
        label=_("Time zone"), choices=zones, help_text=_("Dates are shown and filtered in this zone.")
    )
    theme = forms.ChoiceField(label=_("Look"), choices=User.Theme.choices)
