"""Enrolment of registered devices, by deployment mode.

user_driven.py       a licensed user signs in
self_deploying.py    the TPM alone
pre_provisioning.py  a technician first, the user later
userless.py          what the last two share
unregistered.py      joining and work accounts on machines that are not registered
candidates.py        the device and its records, locked
people.py            who may sign in: licensed, of this organization, below the device limit
machines.py          what the machine brings
joining.py           the Entra object: joined, renamed, or a second one
recording.py         the Intune record and the audit event
refusals.py          every documented failure, with its code and what to do
failures.py          the failure an administrator sees
"""

from devices.services.autopilot.enrolment.people import find_user
from devices.services.autopilot.enrolment.refusals import (
    AlreadyEnrolled,
    BeingDeleted,
    EnrollmentRefused,
    EntraDeviceMissing,
    ModeNotAllowed,
    NotRegistered,
    OnlyLocal,
    UnknownUser,
    UnlicensedUser,
)
from devices.services.autopilot.enrolment.simulating import enroll

__all__ = [
    "AlreadyEnrolled",
    "BeingDeleted",
    "EnrollmentRefused",
    "EntraDeviceMissing",
    "ModeNotAllowed",
    "NotRegistered",
    "OnlyLocal",
    "UnknownUser",
    "UnlicensedUser",
    "enroll",
    "find_user",
]
