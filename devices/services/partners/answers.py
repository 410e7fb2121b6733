"""The service's answers to partners: code, name, reason and next step.

Source: device directory service error codes [D]; words for the codes an import knows are the import's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from devices.services.imports import verdicts

NOT_REGISTERED = "ZtdDeviceIsNotRegistered"
BY_OTHER = "ZtdDeviceRegisteredByOtherTenant"
NOT_FOUND = "ZtdDeviceNotFound"
NOT_ENOUGH = verdicts.MISSING_SERIAL
SHOWN = 5  # manufacturer names in a sentence

CODES = {**verdicts.CODES, NOT_REGISTERED: 807, BY_OTHER: 811, NOT_FOUND: 812}

REASONS: dict[str, Any] = {
    **verdicts.REASONS,
    verdicts.ALREADY_ASSIGNED: _("This machine is registered with this customer already."),
    verdicts.OTHER_TENANT: _("This machine is registered with another customer."),
    verdicts.ALREADY_REGISTERED: _(
        "The customer's directory holds a personal (Microsoft Entra registered) record of this machine."
    ),
    verdicts.DUPLICATED: _("The same machine as an earlier row, which is used."),
    NOT_ENOUGH: _(
        "Name the machine by its hardware hash, by manufacturer, model and serial number, or by its "
        "Windows product ID."
    ),
    NOT_FOUND: _("No manufacturer has reported a machine of this name."),
    NOT_REGISTERED: _("No such machine is registered with this customer."),
    BY_OTHER: _("Somebody else registered this machine; whoever registered it has to deregister it."),
}
NEXT_STEPS: dict[str, Any] = {
    **verdicts.NEXT_STEPS,
    NOT_ENOUGH: _("Complete the row and upload it again."),
    NOT_FOUND: _(
        "Check the exact spelling and case as SMBIOS has them, or capture the hardware hash on the machine."
    ),
    verdicts.ALREADY_REGISTERED: _(
        "The customer removes that record from Intune and from Microsoft Entra first; then upload again."
    ),
    NOT_REGISTERED: _("Check the name of the machine and the customer."),
    BY_OTHER: _("Ask the customer to remove the device."),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What the service says to one device; an empty name is no refusal."""

    name: str = ""
    reason: str = ""
    next_step: str = ""

    @property
    def code(self) -> int | None:
        """The service's number for the name."""
        return CODES.get(self.name)


def answer(name: str, reason: Any = None) -> Answer:
    """The answer of a name; the reason defaults to the name's own sentence."""
    words = REASONS.get(name, "") if reason is None else reason
    return Answer(name, str(words), str(NEXT_STEPS.get(name, "")))


def twin_of(row: int) -> Answer:
    """The answer to a row that names the machine of an earlier one."""
    return answer(verdicts.DUPLICATED, _("The same machine as row %(row)d, which is used.") % {"row": row})


def key_of_other(key: str) -> Answer:
    """The answer to an OEM's hash under a product ID that another OEM reported before; has no number."""
    reason = _("Another manufacturer reported another machine under the Windows product ID %(key)s.")
    step = _(
        "Check the product ID in the machine's firmware: each is given to one machine only. If it is right, "
        "ask whoever operates this installation."
    )
    return Answer(reason=reason % {"key": key}, next_step=str(step))


def other_manufacturer(name: str, own: Sequence[str]) -> Answer:
    """The answer to an OEM's hash of a machine whose manufacturer is not recorded for it; has no number."""
    shown = ", ".join(own[:SHOWN]) + (", …" if len(own) > SHOWN else "")
    reason = (
        _("This hash is of manufacturer “%(name)s”; this partner reports machines of %(own)s alone.")
        if own
        else _("This hash is of manufacturer “%(name)s”; no manufacturer name is recorded for this partner.")
    )
    step = _(
        "Leave the machine to its own manufacturer, or ask whoever operates this installation to record the "
        "name for you, in exactly this spelling."
    )
    return Answer(reason=reason % {"name": name, "own": shown}, next_step=str(step))
