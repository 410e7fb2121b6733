"""What self-deploying and pre-provisioning share: the device proves itself by its TPM, and only once.

Rule: a second enrolment without a user fails with 0x80180014 until the device is unblocked or its Intune
record is deleted ("Troubleshooting FAQ", What's new 2310 [D]); no TPM, no attestation ("Device
guidelines" [D]).
"""

from django.utils.translation import gettext as _

from devices.models import AutopilotDevice
from devices.services.autopilot.enrolment.candidates import Candidate, require_object
from devices.services.autopilot.enrolment.machines import Machine
from devices.services.autopilot.enrolment.refusals import TpmMissing, UserlessBlocked

Userless = AutopilotDevice.UserlessEnrollment


def admit(candidate: Candidate, machine: Machine) -> None:
    """Raises EntraDeviceMissing, TpmMissing or UserlessBlocked."""
    require_object(candidate)
    if not machine.has_tpm:
        raise TpmMissing(_("This machine shows no TPM endorsement key, so it cannot attest itself."))
    if candidate.device.userless_enrollment == Userless.BLOCKED:
        raise UserlessBlocked(
            _("This device enrolled without a user before; it may do so only once until it is unblocked.")
        )
