"""Why an enrolment fails, in the words of the documentation, with what Windows shows and what to do.

Codes: "Troubleshooting FAQ" and "Known issues" [D] (0x80180014, 0x801C03F3, 0x80180005, 807, 808, 908);
0x80180013 and 0x80180018 are Windows' own names for device cap and user license [D].
"""

from typing import Any

from django.utils.translation import gettext_lazy as _

from portal.errors import Refused


class EnrollmentRefused(Refused):
    """Parent of all; error_code is empty where none is documented."""

    status = 403
    error_code = ""
    next_step: Any = ""


class NotRegistered(EnrollmentRefused):
    """The machine is not registered in this tenant."""

    code = "not_registered"
    status = 404
    error_code = "807"
    next_step = _("Import the machine's hardware hash, or let it join without Autopilot.")


class UnknownUser(EnrollmentRefused):
    """Nobody in the tenant's directory has this user principal name."""

    code = "unknown_user"
    status = 400
    next_step = _("Add the user under Users, or sign in as somebody else.")


class WrongTenant(EnrollmentRefused):
    """The user name belongs to another organization than the one the device is registered with."""

    code = "wrong_tenant"
    next_step = _("Sign in with a user of this organization, or move the registration to the other tenant.")


class RegisteredElsewhere(WrongTenant):
    """The machine is registered with another tenant."""

    error_code = "808"
    next_step = _("The organization that registered the machine has to deregister it first.")


class UnlicensedUser(EnrollmentRefused):
    """Only a user with an Intune license can enroll a device."""

    code = "unlicensed_user"
    status = 400
    error_code = "0x80180018"
    next_step = _("Assign the user an Intune license under Users, then let the device try again.")


class DeviceLimitReached(EnrollmentRefused):
    """The user has as many devices as the tenant allows."""

    code = "device_limit_reached"
    error_code = "0x80180013"
    next_step = _("Delete Windows devices the user no longer has, or raise the limit in the settings.")


class AlreadyEnrolled(EnrollmentRefused):
    """The device has a live Intune record."""

    code = "already_enrolled"
    status = 409
    next_step = _("Wipe the device, or delete it from Windows devices first.")


class BeingDeleted(EnrollmentRefused):
    """The device's deletion was requested."""

    code = "being_deleted"
    status = 409
    next_step = _("Wait until the device has left the list, then import it again if it is still yours.")


class EntraDeviceMissing(EnrollmentRefused):
    """The registration lost its Entra object: self-deploying and pre-provisioning cannot join."""

    code = "entra_device_missing"
    status = 409
    error_code = "0x801C03F3"
    next_step = _(
        "Fix it on the page Orphans, or delete the registration and import the device again: "
        "either makes a new object."
    )


class EntraDeviceDisabled(EnrollmentRefused):
    """Nobody can sign in on a device whose Entra object is disabled."""

    code = "entra_device_disabled"
    next_step = _("Enable the object: Orphans lists it with a fix.")


class OnlyLocal(EnrollmentRefused):
    """Sign-ins can be simulated only where Hangar itself is the registration service."""

    code = "only_local"
    status = 409


class TpmMissing(EnrollmentRefused):
    """Without an endorsement key a device cannot prove what it is, and nobody signs in for it."""

    code = "tpm_missing"
    next_step = _("Switch the TPM 2.0 on in the firmware, or assign a user-driven profile.")


class ModeNotAllowed(EnrollmentRefused):
    """The device's profile is for another deployment mode."""

    code = "mode_not_allowed"
    next_step = _("Assign the device a profile of this deployment mode, then reset it.")


class PreProvisioningNotAllowed(EnrollmentRefused):
    """The profile does not allow pre-provisioned deployment."""

    code = "pre_provisioning_not_allowed"
    error_code = "0x80180005"
    next_step = _("Set “Allow pre-provisioned deployment” to Yes in the device's profile.")


class UserlessBlocked(EnrollmentRefused):
    """A device that enrolled without a user may do so once."""

    code = "userless_blocked"
    error_code = "0x80180014"
    next_step = _("Press “Unblock device”, or delete the device from Windows devices, then let it try again.")


class PersonalBlocked(EnrollmentRefused):
    """The tenant does not let personally owned devices enroll."""

    code = "personal_blocked"
    error_code = "0x80180014"
    next_step = _("Register the device as corporate, or allow personally owned devices in the settings.")


class HardwareMismatch(EnrollmentRefused):
    """The machine is known by its hardware, but a number it gives differs from the registered one."""

    code = "hardware_mismatch"
    status = 409
    error_code = "908"
    next_step = _("Deregister the device, capture its hash on the machine and import it again.")


class AttentionRequired(EnrollmentRefused):
    """The hardware changed and could not be registered: no profile until that is done by hand."""

    code = "attention_required"
    status = 409
    next_step = _("Reset the device, deregister it, capture its hash again and import it.")


class NotUnique(EnrollmentRefused):
    """Two registrations answer to this machine."""

    code = "not_unique"
    status = 409
    error_code = "813"
    next_step = _("Deregister both devices, capture their hashes on the machines and import them again.")
