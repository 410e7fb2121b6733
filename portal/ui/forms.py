"""Forms of the kit: hidden fields against double clicks and lost edits, accessible rendering."""

import uuid
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _


class OneTimeKeyField(forms.UUIDField):
    """A hidden key made when the form is shown; a job with the same key is made only once."""

    widget = forms.HiddenInput

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"initial": uuid.uuid4, **options})


class RevisionField(forms.IntegerField):
    """The hidden revision of the row the form was opened on."""

    widget = forms.HiddenInput

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"min_value": 0, **options})


class KitForm(forms.Form):
    """A plain form whose error list and labels follow the kit."""

    template_name = "ui/_form.html"
    required_css_class = "required"

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("label_suffix", "")
        super().__init__(*args, **options)


class TypedConfirmation(KitForm):
    """The person types a phrase; the server compares it, whatever the script did."""

    typed = forms.CharField(required=True, strip=True, label=_("Confirmation"))

    def __init__(self, *args: Any, phrase: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.phrase = phrase

    def clean_typed(self) -> str:
        """The phrase; raises ValidationError when it differs."""
        typed = str(self.cleaned_data["typed"])
        if typed != self.phrase:
            raise forms.ValidationError(_("Type %(phrase)s exactly.") % {"phrase": self.phrase})
        return typed


def one_time_key(request: HttpRequest) -> str:
    """The key a posted dialog carries on, else a new one."""
    sent = request.POST.get("one_time_key", "")
    try:
        return str(uuid.UUID(sent))
    except ValueError:
        return str(uuid.uuid4())


def described_by(field: forms.BoundField) -> str:
    """Ids of the help and error texts of a field, as aria-describedby wants them."""
    ids = []
    if field.help_text:
        ids.append(f"{field.auto_id}_help")
    if field.errors:
        ids.append(f"{field.auto_id}_error")
    return " ".join(ids)
