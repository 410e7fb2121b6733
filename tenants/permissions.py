"""Role × action: the only place where roles mean anything.

Roles and their rights follow Intune's built-in roles (learn.microsoft.com, role-based access control,
"built-in roles"; category Enrollment programs [D]); where Intune has no dedicated permission (group
tag, user, name: domain rule [I]) the right goes with creating and deleting devices. Global
Administrator alone holds approvals, members, settings and partners (design ruling).
"""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from portal.errors import Forbidden
from tenants.models import ApiClient, Job, Membership, Partner, PartnerMembership, Tenant, User

PERMISSIONS = {
    "approvals.decide": _("Approvals / Approve and decline"),
    "audit.read": _("Audit data / Read"),
    "devices.read": _("Enrollment programs / Read device"),
    "devices.import": _("Enrollment programs / Create device"),
    "devices.update": _("Enrollment programs / Update device"),
    "devices.delete": _("Enrollment programs / Delete device"),
    "devices.sync": _("Enrollment programs / Sync device"),
    "devices.export_hash": _("Enrollment programs / Export hardware hash"),
    "devices.simulate": _("Enrollment programs / Simulate sign-in"),
    "entra_devices.read": _("Microsoft Entra devices / Read"),
    "entra_devices.delete": _("Microsoft Entra devices / Delete"),
    "entra_devices.override": _("Microsoft Entra devices / Delete a linked object"),
    "groups.read": _("Groups / Read"),
    "groups.manage": _("Groups / Create, update and delete"),
    "jobs.read": _("Jobs / Read"),
    "managed_devices.read": _("Managed devices / Read"),
    "managed_devices.delete": _("Managed devices / Delete"),
    "managed_devices.rename": _("Remote tasks / Rename device"),
    "managed_devices.wipe": _("Remote tasks / Wipe"),
    "members.read": _("Members / Read"),
    "members.manage": _("Members / Invite, change and remove"),
    "partners.read": _("Partner authorization / Read"),
    "partners.manage": _("Partner authorization / Accept, decline and revoke"),
    "profiles.read": _("Enrollment programs / Read profile"),
    "profiles.create": _("Enrollment programs / Create profile"),
    "profiles.update": _("Enrollment programs / Update profile"),
    "profiles.delete": _("Enrollment programs / Delete profile"),
    "profiles.assign": _("Enrollment programs / Assign profile"),
    "settings.read": _("Tenant settings / Read"),
    "settings.manage": _("Tenant settings / Update"),
    "tenant.read": _("Organization / Read"),
    "users.read": _("Users / Read"),
    "users.manage": _("Users / Create, update and delete"),
}

READ = frozenset(
    [
        "audit.read",
        "devices.read",
        "entra_devices.read",
        "groups.read",
        "jobs.read",
        "managed_devices.read",
        "members.read",
        "partners.read",
        "profiles.read",
        "settings.read",
        "tenant.read",
        "users.read",
    ]
)
PROFILES = frozenset(f"profiles.{verb}" for verb in ("create", "update", "delete", "assign"))
DEVICES = frozenset(["devices.update", "devices.delete", "devices.sync", "devices.simulate"])
REMOTE_TASKS = frozenset(["managed_devices.rename", "managed_devices.wipe"])
GLOBAL_ONLY = frozenset(["approvals.decide", "members.manage", "partners.manage", "settings.manage"])

GLOBAL_ADMINISTRATOR = "global_administrator"
INTUNE_ADMINISTRATOR = "intune_administrator"
POLICY_AND_PROFILE_MANAGER = "policy_and_profile_manager"
SCHOOL_ADMINISTRATOR = "school_administrator"
HELP_DESK_OPERATOR = "help_desk_operator"
READ_ONLY_OPERATOR = "read_only_operator"

ROLES = {
    GLOBAL_ADMINISTRATOR: _("Global Administrator"),
    INTUNE_ADMINISTRATOR: _("Intune Administrator"),
    POLICY_AND_PROFILE_MANAGER: _("Policy and Profile Manager"),
    SCHOOL_ADMINISTRATOR: _("School Administrator"),
    HELP_DESK_OPERATOR: _("Help Desk Operator"),
    READ_ONLY_OPERATOR: _("Read Only Operator"),
}

MEANINGS = {
    GLOBAL_ADMINISTRATOR: _("Everything, with members and tenant settings."),
    INTUNE_ADMINISTRATOR: _("Everything but members and tenant settings."),
    POLICY_AND_PROFILE_MANAGER: _("Imports and manages Autopilot devices, profiles and groups."),
    SCHOOL_ADMINISTRATOR: _("Manages devices, profiles, groups and users, but imports nothing."),
    HELP_DESK_OPERATOR: _("Reads everything, changes nothing."),
    READ_ONLY_OPERATOR: _("Reads everything, changes nothing."),
}

GRANTS: dict[str, frozenset[str]] = {
    GLOBAL_ADMINISTRATOR: frozenset(PERMISSIONS),
    INTUNE_ADMINISTRATOR: frozenset(PERMISSIONS) - GLOBAL_ONLY,
    POLICY_AND_PROFILE_MANAGER: (READ - {"managed_devices.read"})
    | PROFILES
    | DEVICES
    | {"devices.import", "devices.export_hash", "groups.manage"},
    SCHOOL_ADMINISTRATOR: READ
    | PROFILES
    | DEVICES
    | REMOTE_TASKS
    | {"managed_devices.delete", "groups.manage", "users.manage"},
    HELP_DESK_OPERATOR: READ,
    READ_ONLY_OPERATOR: READ,
}

PARTNER_PERMISSIONS = {
    "partner.read": _("Partner / Read"),
    "authorizations.read": _("Authorization requests / Read"),
    "authorizations.manage": _("Authorization requests / Create and withdraw"),
    "batches.read": _("Batches / Read"),
    "batches.upload": _("Batches / Upload"),
    "customers.read": _("Customers / Read"),
    "hashes.report": _("Hardware hashes / Report"),
    "partner_devices.read": _("Devices / Read"),
    "partner_devices.remove": _("Devices / Deregister"),
    "partner_clients.read": _("API clients / Read"),
    "partner_clients.manage": _("API clients / Create, renew and revoke"),
    "partner_people.read": _("People / Read"),
    "partner_people.manage": _("People / Invite, change and remove"),
}
PARTNER_ADMINISTRATOR = "partner_administrator"
PARTNER_AGENT = "partner_agent"
PARTNER_ROLES = {
    PARTNER_ADMINISTRATOR: _("Partner administrator"),
    PARTNER_AGENT: _("Partner agent"),
}
ADMINISTRATOR_ONLY = frozenset(["partner_clients.manage", "partner_people.manage"])
NOT_RESELLERS = frozenset(set(Partner.Kind) - {Partner.Kind.INDIRECT_RESELLER})
OF_KINDS: dict[str, frozenset[str]] = {
    "hashes.report": frozenset([Partner.Kind.OEM]),
    "partner_clients.read": NOT_RESELLERS,
    "partner_clients.manage": NOT_RESELLERS,
}
CLIENT_GRANTS = frozenset(
    ["batches.read", "batches.upload", "partner_devices.read", "partner_devices.remove"]
)
PARTNER_GRANTS: dict[str, frozenset[str]] = {
    PARTNER_ADMINISTRATOR: frozenset(PARTNER_PERMISSIONS),
    PARTNER_AGENT: frozenset(PARTNER_PERMISSIONS) - ADMINISTRATOR_ONLY,
}


def granted(roles: list[str]) -> frozenset[str]:
    """The permission words of a set of roles; unknown roles grant nothing."""
    return frozenset().union(*(GRANTS.get(role, frozenset()) for role in roles))


def permissions_of(*, user: User, tenant: Tenant) -> frozenset[str]:
    """What a person may do in a tenant; empty without an active membership."""
    if not user.is_active:
        return frozenset()
    membership = Membership.objects.of(tenant).filter(user=user, is_active=True).first()
    return granted(membership.roles) if membership else frozenset()


def granted_to_partner(role: str, partner: Partner) -> frozenset[str]:
    """The words of a role with a partner of its kind; an unknown role grants nothing."""
    words = PARTNER_GRANTS.get(role, frozenset())
    return frozenset(word for word in words if partner.kind in OF_KINDS.get(word, Partner.Kind.values))


def permissions_with(*, user: User, partner: Partner) -> frozenset[str]:
    """What a person may do for a partner; empty without an active membership of an active partner."""
    if not user.is_active or not partner.is_active:
        return frozenset()
    membership = PartnerMembership.objects.of(partner).filter(user=user, is_active=True).first()
    return granted_to_partner(membership.role, partner) if membership else frozenset()


def missing_with_partner(permission: str) -> Forbidden:
    """The refusal that names a partner's permission."""
    sentence = _("Your role with this partner, or its kind, does not include the permission “%(name)s”.")
    return Forbidden(sentence % {"name": PARTNER_PERMISSIONS[permission]}, permission=permission)


def missing(permission: str) -> Forbidden:
    """The refusal that names a permission in Intune's words."""
    sentence = _("Your roles in this tenant do not include the permission “%(name)s”.")
    return Forbidden(
        sentence % {"name": PERMISSIONS[permission]},
        permission=permission,
    )


def admit_job(job: Job) -> None:
    """Re-check a running job's actor: a right lost since it was accepted stops it."""
    if job.permission and not Actor.of_job(job).can(job.permission, tenant=job.tenant):
        raise _lost_by_partner(job, job.partner) if job.partner else missing(job.permission)


def _lost_by_partner(job: Job, partner: Partner) -> Forbidden:
    """Why a partner's job may not go on: who sent it is shut, or lacks the permission by now."""
    if not partner.is_active:
        sentence = _("%(name)s was deactivated in this installation.") % {"name": partner.name}
    elif job.client is not None and not job.client.is_live:
        sentence = _("The API client “%(name)s” was revoked or has expired.") % {"name": job.client}
    else:
        return missing_with_partner(job.permission)
    return Forbidden(sentence, permission=job.permission)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, through which door and from which address; every service takes one.

    user: the person, or None for the service itself; via: browser, command, api, device, partner or
    system; partner: for whom the person acts outside every tenant.
    """

    SYSTEM = "system"
    COMMAND = "command"
    PARTNER = "partner"
    DEVICE = "device"

    user: User | None
    via: str = "browser"
    address: str | None = None
    job_id: Any = None
    partner: Partner | None = None
    client: ApiClient | None = None

    @classmethod
    def system(cls) -> "Actor":
        """Hangar itself, for schedules and upkeep."""
        return cls(user=None, via=cls.SYSTEM)

    @classmethod
    def command(cls, user: User | None = None) -> "Actor":
        """The operator of the machine, through the command line."""
        return cls(user=user, via=cls.COMMAND)

    @classmethod
    def device(cls, address: str | None = None) -> "Actor":
        """A machine of the tenant, through its device side; holds no permission."""
        return cls(user=None, via=cls.DEVICE, address=address)

    @classmethod
    def of_job(cls, job: Job) -> "Actor":
        """The person who started the job, as they started it."""
        return cls(
            user=job.actor,
            via=job.via,
            address=job.address,
            job_id=job.pk,
            partner=job.partner,
            client=job.client,
        )

    @property
    def label(self) -> str:
        """The name an audit event keeps even when the person is removed."""
        if self.partner is not None:
            return f"{self.user.email if self.user else self.client or _('API client')} ({self.partner.name})"
        if self.user is not None:
            return self.user.email
        labels = {self.SYSTEM: "Hangar", self.DEVICE: "Device"}
        return labels.get(self.via, "Command line")

    def can(self, permission: str, *, tenant: Tenant) -> bool:
        """Whether the actor holds the permission; the service and the command line hold all.

        A partner's word counts for the partner alone; what it may do in a tenant follows from consent.
        """
        if self.partner is not None:
            return self.can_for_partner(permission)
        if self.user is None:
            return self.via in (self.SYSTEM, self.COMMAND)
        return permission in permissions_of(user=self.user, tenant=tenant)

    def can_for_partner(self, permission: str) -> bool:
        """Whether the actor holds a partner's word with the partner it acts for."""
        if self.partner is None:
            return False
        if self.client is not None:
            is_own = self.client.partner_id == self.partner.pk
            return is_own and self.client.is_live and permission in CLIENT_GRANTS
        if self.user is None:
            return False
        return permission in permissions_with(user=self.user, partner=self.partner)
