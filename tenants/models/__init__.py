"""The facts about who: tenant, people, directory users, jobs, audit."""

from tenants.models.api_clients import ApiClient
from tenants.models.approvals import Approval
from tenants.models.audit import AuditEvent, AuditTarget
from tenants.models.consents import AuthorizationRequest, PartnerConsent, Scope
from tenants.models.device_side import DeviceSide, EnrollmentKey
from tenants.models.directory_users import DirectoryUser
from tenants.models.jobs import Job, JobItem, Schedule
from tenants.models.partners import Partner, PartnerManager, PartnerMembership, PartnerOwned
from tenants.models.people import BELONGING, Invitation, Membership, SetupLink, User
from tenants.models.tenant import Region, Tenant, TenantManager, TenantOwned, VerifiedDomain

__all__ = [
    "BELONGING",
    "ApiClient",
    "Approval",
    "AuditEvent",
    "AuditTarget",
    "AuthorizationRequest",
    "DeviceSide",
    "DirectoryUser",
    "EnrollmentKey",
    "Invitation",
    "Job",
    "JobItem",
    "Membership",
    "Partner",
    "PartnerConsent",
    "PartnerManager",
    "PartnerMembership",
    "PartnerOwned",
    "Region",
    "Schedule",
    "Scope",
    "SetupLink",
    "Tenant",
    "TenantManager",
    "TenantOwned",
    "User",
    "VerifiedDomain",
]
