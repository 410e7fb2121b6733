"""The life of a registered device as a line of moments: what happened when, and what is still to come.

Steps: registration, Entra object, profile, first start, enrollment, check-ins ("Registration overview" [D]).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from devices.models import AutopilotDevice, EnrollmentFailure, ManagedDevice

Remediation, State = AutopilotDevice.RemediationState, ManagedDevice.State
WARNINGS = {Remediation.FIX_PENDING: "warning", Remediation.ATTENTION_REQUIRED: "danger"}


@dataclass(frozen=True, slots=True)
class Moment:
    """One step; at is None while it is to come. tone: success, warning, danger or neutral."""

    label: str
    at: datetime | None
    detail: Any = ""
    tone: str = "success"


def life_of(
    device: AutopilotDevice,
    managed: ManagedDevice | None,
    failure: EnrollmentFailure | None,
    *,
    tells_managed: bool = True,
) -> list[Moment]:
    """The device's steps in their order; managed is its live Intune record, failure its last one.

    tells_managed: whether the record's own facts are told, or only that the device enrolled.
    """
    found = [
        Moment(_("Registered"), device.registered_at, device.registered_by),
        _object(device),
        _profile(device),
        _step(_("Contacted the service"), device.last_contacted_at, _("Never")),
    ]
    if failure is not None:
        found.append(Moment(_("Enrollment failed"), failure.at, failure.sentence, "danger"))
    if managed is not None and not tells_managed:
        found.append(Moment(_("Enrolled"), managed.enrolled_at))
    else:
        found += _enrollment(managed)
    if device.remediation_changed_at:
        tone = WARNINGS.get(Remediation(device.remediation_state), "success")
        label = _("Hardware change")
        found.append(
            Moment(label, device.remediation_changed_at, device.get_remediation_state_display(), tone)
        )
    return found


def _step(label: str, at: datetime | None, missing: str, detail: Any = "") -> Moment:
    return Moment(label, at, detail) if at else Moment(label, None, missing, "neutral")


def _object(device: AutopilotDevice) -> Moment:
    entra = device.entra_device
    label = _("Microsoft Entra object created")
    if entra is None or entra.deleted_at is not None:
        return Moment(label, None, _("It was deleted."), "danger")
    return Moment(label, entra.registered_at, entra.display_name)


def _profile(device: AutopilotDevice) -> Moment:
    label = _("Profile assigned")
    if device.assigned_profile is None:
        return Moment(label, None, _("Default (built-in)"), "neutral")
    name = device.assigned_profile.display_name
    return _step(label, device.profile_assigned_at, name, detail=name)


def _enrollment(managed: ManagedDevice | None) -> list[Moment]:
    if managed is None:
        return [Moment(_("Enrolled"), None, _("Not yet"), "neutral")]
    detail = " · ".join(filter(None, [managed.get_mode_display(), managed.user_principal_name]))
    found = [Moment(_("Enrolled"), managed.enrolled_at, detail)]
    if managed.last_check_in_at > managed.enrolled_at:
        found.append(Moment(_("Last check-in"), managed.last_check_in_at, managed.os_version))
    if managed.state != State.MANAGED:
        found.append(Moment(managed.get_state_display(), managed.state_changed_at, "", "warning"))
    return found
