"""The registration service's result codes, their names and what to do about each.

Source: device directory service error codes, and "Add devices", troubleshooting registration [D].
"""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

INVALID_BODY = "InvalidZtdRequestBody"
INVALID_HASH = "InvalidZtdHardwareHash"
MISSING_SERIAL = "MissingZtdSerialNumberAndProductKey"
ALREADY_ASSIGNED = "ZtdDeviceAlreadyAssigned"
OTHER_TENANT = "ZtdDeviceAssignedToOtherTenant"
NOT_UNIQUE = "ZtdDeviceIsNotUnique"
ALREADY_REGISTERED = "ZtdDeviceAlreadyAadRegistered"
DUPLICATED = "ZtdDeviceDuplicated"
STORAGE = "StorageError"

CODES: dict[str, int] = {
    INVALID_BODY: 801,
    INVALID_HASH: 802,
    MISSING_SERIAL: 803,
    ALREADY_ASSIGNED: 806,
    OTHER_TENANT: 808,
    NOT_UNIQUE: 813,
    ALREADY_REGISTERED: 814,
}

REASONS: dict[str, Any] = {
    ALREADY_ASSIGNED: _("This machine is already registered in this tenant."),
    OTHER_TENANT: _("This machine is registered in another tenant."),
    NOT_UNIQUE: _(
        "This machine cannot be told apart from devices that are registered already: more than one of "
        "them matches, or one shares its TPM key or SMBIOS UUID without being the same machine."
    ),
    ALREADY_REGISTERED: _(
        "This machine joined Microsoft Entra without a registration; the object it has stands where the "
        "registration would make its own."
    ),
    STORAGE: _("Something went wrong in the service before it had done this row."),
}

CAPTURE_AGAIN = _(
    "On the machine, press Shift+F10 during setup (or open PowerShell as administrator) and run "
    "Get-WindowsAutopilotInfo -OutputFile; then upload the new file."
)

NEXT_STEPS: dict[str, Any] = {
    INVALID_BODY: _("Shorten the value in the file and upload it again."),
    INVALID_HASH: CAPTURE_AGAIN,
    MISSING_SERIAL: CAPTURE_AGAIN,
    ALREADY_ASSIGNED: _("Nothing to do on the machine."),
    OTHER_TENANT: _(
        "Have the other owner, or the reseller or manufacturer who registered it, deregister the machine. "
        "Resetting or reinstalling it does not help."
    ),
    NOT_UNIQUE: _(
        "Capture a new hash on each of these machines, deregister all of them, and register them again."
    ),
    ALREADY_REGISTERED: _(
        "Let a profile with “Convert all targeted devices to Autopilot” register it at its next check-in: "
        "the machine keeps its object. Or remove the object from Microsoft Entra, upload the failed rows "
        "again, and reset the machine."
    ),
    DUPLICATED: _("Nothing to do on the machine: the first row of it is used."),
    STORAGE: _("Upload the failed rows again later. If they fail again, ask whoever runs this server."),
}

DECISION_STEPS: dict[str, Any] = {
    "serial_differs": _(
        "Compare the serial number on the machine's label with both. Tick the row to register what the "
        "hash says."
    ),
    "shifted": _(
        "Correct the order of the serial numbers in the file and upload it again. If only the serial "
        "column slipped, tick the rows: what the hash says is registered."
    ),
    "replaced_board": _(
        "If the mainboard or TPM was replaced, tick the row: the machine is registered anew and the old "
        "device is marked Attention required, to be deregistered. If not, capture the hash again."
    ),
    "unusable_value": _("Tick the row to import the device without this value, or correct the file."),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """A verdict on a row with the service's code and name (None and empty where it has none)."""

    verdict: str
    name: str = ""
    reason: str = ""
    next_step: str = ""

    @property
    def code(self) -> int | None:
        """The service's number for the name."""
        return CODES.get(self.name)


def finding(verdict: str, name: str, reason: Any = None) -> Finding:
    """A verdict in the service's words; reason defaults to the name's own sentence."""
    words = REASONS[name] if reason is None else reason
    return Finding(verdict, name, str(words), str(NEXT_STEPS.get(name, "")))
