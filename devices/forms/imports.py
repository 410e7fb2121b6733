"""Forms of an import: the files, the options of its plan, and its commit."""

from typing import Any

from django import forms
from django.core.files.base import File
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from devices.models import Import
from devices.services.imports import uploading
from devices.services.imports.uploading import Options
from portal.ui.forms import KitForm


class ManyFilesInput(forms.ClearableFileInput):
    """A file input that takes several files."""

    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """The files that were sent, in order; an empty list where there are none."""

    widget = ManyFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[File]:
        """Each file by itself is looked at by the service."""
        return [file for file in (data or []) if file]


class UploadForm(KitForm):
    """The files of an import, picked or dropped, or rows that were pasted."""

    files = ManyFilesField(label=_("Files"), required=False)  # type: ignore[assignment]
    pasted = forms.CharField(
        label=_("Or paste rows"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "autocomplete": "off"}),
    )

    is_too_large = False

    @classmethod
    def of(cls, request: HttpRequest) -> "UploadForm":
        """The form as it was sent, or empty."""
        if request.method != "POST":
            return cls()
        form = cls(request.POST, request.FILES)
        form.is_too_large = getattr(request, "upload_is_too_large", False)
        return form

    def clean(self) -> dict[str, Any]:
        """An upload beyond the limit was never stored: see UploadLimit."""
        if self.is_too_large:
            self.add_error("files", str(uploading.too_large()))
        return self.cleaned_data

    def sources(self) -> list[File]:
        """Everything that was sent, as files."""
        found: list[File] = list(self.cleaned_data["files"])
        text = self.cleaned_data["pasted"]
        return [*found, uploading.pasted(text)] if text.strip() else found


class OptionsForm(KitForm):
    """What an import does beside registering."""

    default_group_tag = forms.CharField(
        label=_("Group tag for rows without one"),
        required=False,
        max_length=512,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    updates_group_tag = forms.BooleanField(
        label=_("Update group tag of devices already registered here"), required=False
    )
    updates_user = forms.BooleanField(
        label=_("Update user of devices already registered here"), required=False
    )

    @classmethod
    def of(cls, import_: Import, data: Any = None) -> "OptionsForm":
        """The options of an import, bound where data was sent."""
        return cls(data, initial={name: getattr(import_, name) for name in cls.base_fields})

    def options(self) -> Options:
        """The values as the service takes them."""
        return Options(**self.cleaned_data)


class TicksForm(forms.Form):
    """One row to tick or untick, or all of them."""

    row = forms.IntegerField(required=False, min_value=1, max_value=2_000_000_000)
    ticked = forms.BooleanField(required=False)

    def numbers(self) -> list[int] | None:
        """The row meant, None for all."""
        number = self.cleaned_data["row"]
        return None if number is None else [number]
