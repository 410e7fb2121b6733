"""What machines send, checked as forms are; names in JSON are the fields' in camel case."""

import re
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from devices.hardware.base64_text import MOST_CHARACTERS
from devices.models import ManagedDevice
from devices.services.device_side.enrolling import REGISTERED_MODES, UNREGISTERED_MODES
from devices.services.managed.actions import Acknowledged

MOST_ANSWERS = 20
OUTCOMES = {"done": True, "failed": False}


def camel(name: str) -> str:
    """The JSON name of a field: hardware_hash → hardwareHash."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def modes(*found: ManagedDevice.Mode) -> list[tuple[str, str]]:
    """Deployment modes as JSON words: user_driven → userDriven."""
    return [(camel(mode.value), str(mode.value)) for mode in found]


class MachineForm(forms.Form):
    """A request of a machine; every one shows the hash it has now."""

    hardware_hash = forms.CharField(max_length=MOST_CHARACTERS, strip=False)

    @classmethod
    def of(cls, body: dict[str, Any]) -> Any:
        """The form bound to a JSON object; what it does not know is passed over."""
        return cls({name: body.get(camel(name)) for name in cls.base_fields})

    def problems(self) -> dict[str, list[str]]:
        """The errors by JSON name."""
        return {camel(name): [str(each) for each in found] for name, found in self.errors.items()}


class ProfileRequest(MachineForm):
    """A machine in its set-up; profile_id is the one it kept from an earlier start."""

    profile_id = forms.UUIDField(required=False)


class OsVersionField(forms.CharField):
    """A version of Windows, such as 10.0.26100.4349."""

    default_error_messages = {"invalid": _("A version has digits and dots only.")}

    def __init__(self) -> None:
        super().__init__(max_length=40, required=False)

    def clean(self, value: Any) -> Any:
        """The version, empty where none is told."""
        text = super().clean(value)
        if text and not re.fullmatch(r"[0-9]+(\.[0-9]+){0,5}", text):
            raise forms.ValidationError(self.error_messages["invalid"])
        return text


class EnrollmentRequest(MachineForm):
    """Enrolment of a registered machine."""

    mode = forms.ChoiceField(choices=modes(*REGISTERED_MODES))
    user = forms.CharField(max_length=254, required=False)
    os_version = OsVersionField()

    def clean(self) -> dict[str, Any]:
        """Where somebody signs in, that user is named."""
        values = super().clean() or {}
        mode = values.get("mode")
        if mode:
            values["mode"] = ManagedDevice.Mode(dict(self.fields["mode"].choices)[mode])  # type: ignore[attr-defined]
        signs_in = values.get("mode") in (ManagedDevice.Mode.USER_DRIVEN, *UNREGISTERED_MODES)
        if signs_in and not values.get("user") and "user" not in self.errors:
            self.add_error("user", _("Name the user who signs in."))
        return values


class JoinRequest(EnrollmentRequest):
    """Joining without a profile."""

    mode = forms.ChoiceField(choices=modes(*UNREGISTERED_MODES))


class AnswersField(forms.JSONField):
    """A list of {"id": …, "outcome": "done" or "failed"}."""

    default_error_messages = {"answers": _("Give a list of objects with id and outcome (done or failed).")}

    def clean(self, value: Any) -> Any:
        """The answers."""
        try:
            found = [] if value is None else [self._answer(each) for each in value]
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise forms.ValidationError(self.error_messages["answers"]) from error
        if len(found) > MOST_ANSWERS:
            raise forms.ValidationError(self.error_messages["answers"])
        return found

    @staticmethod
    def _answer(each: dict[str, Any]) -> Acknowledged:
        return Acknowledged(UUID(each["id"]), OUTCOMES[each["outcome"]])


class CheckInRequest(MachineForm):
    """A check-in, with the answers to earlier actions."""

    os_version = OsVersionField()
    acknowledged = AnswersField(required=False)
