"""The device facts: registry, the Autopilot list, profiles, directory, managed devices, imports, syncs."""

from devices.models.autopilot import AutopilotDevice, UndoKit
from devices.models.deregistration import Deregistration
from devices.models.device_actions import DeviceAction
from devices.models.directory import EntraDevice, Group, GroupMember, GroupRuleKey
from devices.models.enrollment_failures import EnrollmentFailure
from devices.models.imports import Import, ImportFile, ImportRow
from devices.models.managed import ManagedDevice
from devices.models.orphans import Orphan, OrphanCheck
from devices.models.partners import DeviceBatch, KnownMachine, Submission, SubmissionRow
from devices.models.profiles import DeploymentProfile, ProfileAssignment
from devices.models.registry import IdentityKey, Registration, RegistrationHash
from devices.models.syncs import SyncRun, SyncState

__all__ = [
    "AutopilotDevice",
    "DeploymentProfile",
    "Deregistration",
    "DeviceAction",
    "DeviceBatch",
    "EnrollmentFailure",
    "EntraDevice",
    "Group",
    "GroupMember",
    "GroupRuleKey",
    "IdentityKey",
    "Import",
    "ImportFile",
    "ImportRow",
    "KnownMachine",
    "ManagedDevice",
    "Orphan",
    "OrphanCheck",
    "ProfileAssignment",
    "Registration",
    "RegistrationHash",
    "Submission",
    "SubmissionRow",
    "SyncRun",
    "SyncState",
    "UndoKit",
]
