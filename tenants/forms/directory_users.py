"""Forms of directory users."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.ui.forms import KitForm, RevisionField
from tenants.services.directory_users import LONGEST_UPN, BadUserPrincipalName, checked_upn


class DirectoryUserForm(KitForm):
    """One user."""

    user_principal_name = forms.CharField(label=_("User principal name"), max_length=LONGEST_UPN)
    display_name = forms.CharField(label=_("Display name"), max_length=256, required=False)
    is_licensed = forms.BooleanField(
        label=_("Licensed for Intune"),
        required=False,
        help_text=_("Only licensed users can enroll a device."),
    )

    def clean_user_principal_name(self) -> str:
        """A name in the form name@domain; raises ValidationError."""
        try:
            return checked_upn(self.cleaned_data["user_principal_name"])
        except BadUserPrincipalName as error:
            raise forms.ValidationError(str(error)) from error


class DirectoryUserEditForm(DirectoryUserForm):
    """One user, with the revision the form was opened on."""

    revision = RevisionField()


class UserFileForm(KitForm):
    """A CSV of users."""

    file = forms.FileField(label=_("CSV file"), max_length=255, allow_empty_file=True)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["file"].widget.attrs["accept"] = ".csv,text/csv"
