"""The table of every door (URL) of the site. A new URL needs one line here, or test_doors fails.

    Door("app:url_name", reads="permission.word", posts="permission.word", of=builder)

reads: what GET needs; posts: what POST needs; leave one out where the method is not answered (405).
Both are permission words of tenants/permissions.py, or PUBLIC (anyone), SIGNED_IN, OPERATOR (the
installation's superuser). of: how to make the object of the address in a given tenant: a function
of tests/door_objects.py that returns the address' arguments; the walk asks for the same
object through another tenant's address and expects 404. PartnerDoor is the same below /p/<partner>/,
with the permission words of partners. DeviceDoor is for machines: its posts need DEVICE_KEY, a tenant's
enrolment key, and nobody's session opens it. ProgramDoor is for API clients, with secret or token.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests import door_objects as an

PUBLIC, SIGNED_IN, OPERATOR = "public", "signed in", "operator"
DEVICE_KEY = "device key"


@dataclass(frozen=True)
class Door:
    """One URL, by name."""

    name: str
    reads: str = ""
    posts: str = ""
    of: Callable[[Any], dict[str, Any]] | None = None

    @property
    def needs(self) -> dict[str, str]:
        """HTTP method → what it needs."""
        return {"get": self.reads, "post": self.posts}

    @property
    def is_of_tenant(self) -> bool:
        """Whether the address lies below /t/<tenant>/."""
        return not {self.reads or self.posts, self.posts or self.reads} & {PUBLIC, SIGNED_IN, OPERATOR}

    def scope(self, place: Any) -> dict[str, str]:
        """The arguments by which the address names its tenant."""
        return {"tenant_slug": place.slug} if self.is_of_tenant else {}


@dataclass(frozen=True)
class PartnerDoor(Door):
    """One URL below /p/<partner>/; oem: only an OEM's people get in."""

    oem: bool = False

    @property
    def is_of_tenant(self) -> bool:
        """Never."""
        return False

    def scope(self, place: Any) -> dict[str, str]:
        """The arguments by which the address names its partner."""
        return {"partner_slug": place.slug}


@dataclass(frozen=True)
class ProgramDoor(Door):
    """One URL of API clients; methods: those that it answers."""

    methods: tuple[str, ...] = ("get", "post")

    @property
    def is_of_tenant(self) -> bool:
        """Never."""
        return False


@dataclass(frozen=True)
class DeviceDoor(Door):
    """One URL of the device side; the tenant is the key's."""

    posts: str = DEVICE_KEY

    @property
    def is_of_tenant(self) -> bool:
        """Never."""
        return False


SHELL = [
    Door("healthz", reads=PUBLIC),
    Door("readyz", reads=PUBLIC),
    Door("theme", posts=PUBLIC),
]

ACCOUNTS = [
    Door("account_login", reads=PUBLIC, posts=PUBLIC),
    Door("account_logout", reads=PUBLIC, posts=PUBLIC),
    Door("account_inactive", reads=PUBLIC),
    Door("account_reauthenticate", reads=SIGNED_IN, posts=SIGNED_IN),
    Door("account_change_password", reads=SIGNED_IN, posts=SIGNED_IN),
    Door("account_reset_password", reads=PUBLIC, posts=PUBLIC),
    Door("account_reset_password_done", reads=PUBLIC),
    Door("account_reset_password_from_key", reads=PUBLIC, posts=PUBLIC, of=an.reset_key),
    Door("account_reset_password_from_key_done", reads=PUBLIC),
    Door("account_profile", reads=SIGNED_IN, posts=SIGNED_IN),
]

PEOPLE = [
    Door("tenants:home", reads=SIGNED_IN),
    Door("tenants:terms", reads=SIGNED_IN),
    Door("tenants:instance", reads=OPERATOR),
    Door("tenants:instance_create", reads=OPERATOR, posts=OPERATOR),
    Door("tenants:instance_join", posts=OPERATOR, of=an.tenant_key),
    Door("tenants:instance_partners", reads=OPERATOR),
    Door("tenants:instance_partner_create", reads=OPERATOR, posts=OPERATOR),
    Door("tenants:instance_partner_edit", reads=OPERATOR, posts=OPERATOR, of=an.partner_key),
    Door("tenants:instance_partner_switch", reads=OPERATOR, posts=OPERATOR, of=an.partner_key),
    Door("tenants:instance_partner_invite", reads=OPERATOR, posts=OPERATOR, of=an.partner_key),
    Door("tenants:set_up", reads=PUBLIC, posts=PUBLIC),
    Door("tenants:set_up_link", reads=PUBLIC, of=an.token),
    Door("tenants:invitation", reads=PUBLIC, posts=PUBLIC),
    Door("tenants:invitation_link", reads=PUBLIC, of=an.token),
    Door("tenants:authorization", reads=PUBLIC, posts=PUBLIC),
    Door("tenants:authorization_link", reads=PUBLIC, of=an.token),
    Door("tenants:overview", reads="tenant.read"),
    Door("tenants:guide", reads="settings.manage", posts="settings.manage"),
    Door("tenants:users", reads="users.read"),
    Door("tenants:users_export", reads="users.read"),
    Door("tenants:user_add", reads="users.manage", posts="users.manage"),
    Door("tenants:user_import", reads="users.manage", posts="users.manage"),
    Door("tenants:user_options", reads="users.read"),
    Door("tenants:users_license", posts="users.manage"),
    Door("tenants:users_unlicense", posts="users.manage"),
    Door("tenants:users_delete", posts="users.manage"),
    Door("tenants:user", reads="users.read", posts="users.manage", of=an.directory_user),
    Door("tenants:settings", reads="settings.read"),
    Door("tenants:general", reads="settings.read", posts="settings.manage"),
    Door("tenants:tenant_delete", reads="settings.manage", posts="settings.manage"),
    Door("tenants:deletion", reads="settings.read", posts="settings.manage"),
    Door("tenants:device_side", reads="settings.read", posts="settings.manage"),
    Door("tenants:device_side_key", reads="settings.manage", posts="settings.manage"),
    Door("tenants:domains", reads="settings.read", posts="settings.manage"),
    Door("tenants:domain_remove", reads="settings.manage", posts="settings.manage", of=an.domain),
    Door("tenants:members", reads="members.read"),
    Door("tenants:member_invite", reads="members.manage", posts="members.manage"),
    Door("tenants:member_roles", reads="members.manage", posts="members.manage", of=an.member),
    Door("tenants:member_activate", reads="members.manage", posts="members.manage", of=an.member),
    Door("tenants:member_deactivate", reads="members.manage", posts="members.manage", of=an.member),
    Door("tenants:member_remove", reads="members.manage", posts="members.manage", of=an.member),
    Door("tenants:invitation_send", reads="members.manage", posts="members.manage", of=an.invitation),
    Door("tenants:invitation_withdraw", reads="members.manage", posts="members.manage", of=an.invitation),
    Door("tenants:partners", reads="partners.read"),
    Door("tenants:partner_revoke", reads="partners.manage", posts="partners.manage", of=an.consent),
    Door("tenants:audit", reads="audit.read"),
    Door("tenants:audit_export", reads="audit.read"),
    Door("tenants:audit_event", reads="audit.read", of=an.audit_event),
    Door("tenants:jobs", reads="jobs.read"),
    Door("tenants:job", reads="jobs.read", of=an.job),
    Door("tenants:job_progress", reads="jobs.read", of=an.job),
    Door("tenants:job_cancel", posts="devices.update", of=an.job),
    Door("tenants:job_approve", reads="approvals.decide", posts="approvals.decide", of=an.held_job),
    Door("tenants:job_decline", reads="approvals.decide", posts="approvals.decide", of=an.held_job),
    Door("tenants:job_failed", reads="jobs.read", of=an.job),
]

IMPORTS = [
    Door("devices:imports", reads="devices.read"),
    Door("devices:import_new", reads="devices.import", posts="devices.import"),
    Door("devices:import_template", reads="devices.read"),
    Door("devices:import_detail", reads="devices.read", of=an.device_import),
    Door("devices:import_progress", reads="devices.read", of=an.device_import),
    Door("devices:import_options", posts="devices.import", of=an.device_import),
    Door("devices:import_ticks", posts="devices.import", of=an.device_import),
    Door("devices:import_commit", posts="devices.import", of=an.device_import),
    Door("devices:import_cancel", posts="devices.import", of=an.device_import),
    Door("devices:import_replace", reads="devices.import", posts="devices.import", of=an.board_row),
    Door("devices:import_failed", reads="devices.import", of=an.device_import),
    Door("devices:import_old_values", reads="devices.read", of=an.device_import),
    Door("devices:import_for_intune", reads="devices.export_hash", of=an.device_import),
]

AUTOPILOT = [
    Door("devices:all_autopilot_devices", reads=SIGNED_IN),
    Door("devices:autopilot_devices", reads="devices.read"),
    Door("devices:autopilot_devices_export", reads="devices.read"),
    Door("devices:autopilot_assign_user", posts="devices.update"),
    Door("devices:autopilot_unassign_user", posts="devices.update"),
    Door("devices:autopilot_edit_group_tag", posts="devices.update"),
    Door("devices:autopilot_edit_group_tag_what_if", posts="devices.update"),
    Door("devices:autopilot_assign_profile", posts="profiles.assign"),
    Door("devices:autopilot_unassign_profile", posts="profiles.assign"),
    Door("devices:autopilot_unblock", posts="devices.update"),
    Door("devices:autopilot_move", reads="devices.delete", posts="devices.delete"),
    Door("devices:autopilot_delete", posts="devices.delete"),
    Door("devices:autopilot_compare", reads="devices.read", posts="devices.read"),
    Door(
        "devices:autopilot_replace",
        reads="devices.import",
        posts="devices.import",
        of=an.autopilot_device,
    ),
    Door("devices:add_to_group", posts="groups.manage"),
    Door(
        "devices:simulate_sign_in",
        reads="devices.simulate",
        posts="devices.simulate",
        of=an.autopilot_device,
    ),
    Door("devices:autopilot_device", reads="devices.read", posts="devices.update", of=an.autopilot_device),
    Door("devices:autopilot_register_again", posts="devices.import", of=an.removed_device),
    Door("devices:removed_devices", reads="devices.read"),
    Door("devices:removed_devices_export", reads="devices.read"),
    Door("devices:removed_device", reads="devices.read", of=an.undo_kit),
    Door("devices:removed_register_again", posts="devices.import"),
    Door("devices:undo_kits_delete", posts="devices.delete"),
    Door("devices:deregistrations", reads="devices.read", of=an.deregistered_job),
    Door("devices:deregistrations_export", reads="devices.read", of=an.deregistered_job),
    Door("devices:deregistration", reads="devices.read", of=an.deregistration),
    Door("devices:deregistration_retry", posts="devices.delete", of=an.deregistered_job),
    Door("devices:deregistration_by_hand", posts="devices.delete", of=an.deregistered_job),
    Door(
        "devices:autopilot_register_job_again",
        reads="devices.import",
        posts="devices.import",
        of=an.deletion_job,
    ),
]

GROUPS = [
    Door("devices:groups", reads="groups.read"),
    Door("devices:groups_export", reads="groups.read"),
    Door("devices:group_new", reads="groups.manage", posts="groups.manage"),
    Door("devices:group_detail", reads="groups.read", of=an.group),
    Door("devices:group_detail_export", reads="groups.read", of=an.group),
    Door("devices:group_profiles", reads="groups.read", of=an.group),
    Door("devices:group_edit", reads="groups.manage", posts="groups.manage", of=an.group),
    Door("devices:group_delete", reads="groups.manage", posts="groups.manage", of=an.group),
    Door("devices:group_add", reads="groups.manage", posts="groups.manage", of=an.group),
    Door("devices:group_remove", posts="groups.manage", of=an.group),
]

PROFILES = [
    Door("devices:deployment_profiles", reads="profiles.read"),
    Door("devices:deployment_profiles_export", reads="profiles.read"),
    Door("devices:profile_new", reads="profiles.create", posts="profiles.create"),
    Door("devices:profile_settings", posts="profiles.read"),
    Door("devices:profile_name_preview", posts="profiles.read"),
    Door("devices:profile_detail", reads="profiles.read", posts="profiles.update", of=an.profile),
    Door("devices:profile_assignments", reads="profiles.read", posts="profiles.assign", of=an.profile),
    Door("devices:profile_devices", reads="profiles.read", of=an.profile),
    Door("devices:profile_devices_export", reads="profiles.read", of=an.profile),
    Door("devices:profile_delete", reads="profiles.delete", posts="profiles.delete", of=an.profile),
]

DIRECTORY = [
    Door("devices:entra_devices", reads="entra_devices.read"),
    Door("devices:entra_devices_export", reads="entra_devices.read"),
    Door("devices:entra_device", reads="entra_devices.read", of=an.entra_device),
    Door(
        "devices:entra_device_delete",
        reads="entra_devices.delete",
        posts="entra_devices.delete",
        of=an.entra_device,
    ),
    Door("devices:windows_devices", reads="managed_devices.read"),
    Door("devices:windows_devices_export", reads="managed_devices.read"),
    Door("devices:windows_devices_delete", posts="managed_devices.delete"),
    Door("devices:windows_device", reads="managed_devices.read", of=an.managed_device),
    Door("devices:windows_devices_wipe", posts="managed_devices.wipe"),
    Door(
        "devices:windows_device_rename",
        reads="managed_devices.rename",
        posts="managed_devices.rename",
        of=an.managed_device,
    ),
    Door("devices:enrollment_failures", reads="devices.read"),
    Door("devices:enrollment_failures_export", reads="devices.read"),
    Door("devices:enrollment_failure", reads="devices.read", of=an.enrollment_failure),
]

ORPHANS = [
    Door("devices:orphans", reads="devices.read"),
    Door("devices:orphans_export", reads="devices.read"),
    Door("devices:orphans_check", posts="devices.sync"),
    Door("devices:orphans_progress", reads="devices.read"),
    Door("devices:orphans_fix", posts="devices.read"),
    Door("devices:orphan", reads="devices.read", of=an.orphan),
]

SYNCS = [
    Door("devices:syncs", reads="devices.read"),
    Door("devices:syncs_export", reads="devices.read"),
    Door("devices:sync_start", reads="devices.sync", posts="devices.sync"),
    Door("devices:sync_progress", reads="devices.read", of=an.sync),
    Door("devices:sync_confirm", posts="devices.sync", of=an.sync),
    Door("devices:sync_cancel", posts="devices.sync", of=an.sync),
]

DEVICE_SIDE = [
    DeviceDoor("devices:device_profile"),
    DeviceDoor("devices:device_enrollment"),
    DeviceDoor("devices:device_join"),
    DeviceDoor("devices:device_check_in"),
    DeviceDoor("devices:device_reset"),
    DeviceDoor("devices:device_no_such_address"),
]

PROGRAMS = [
    ProgramDoor("tenants:token", methods=("post",), of=an.place),
    ProgramDoor("devices:device_batches", of=an.customer),
    ProgramDoor("devices:batch_devices", of=an.customers_batch),
    ProgramDoor("devices:batch_device", methods=("delete",), of=an.customers_device),
    ProgramDoor("devices:batch_job_status", methods=("get",), of=an.tracked),
    ProgramDoor("devices:no_such_address", methods=("get", "post", "delete")),
]

PARTNER_PEOPLE = "partner_people.manage"
CLIENTS = "partner_clients.manage"
UPLOAD, REMOVE = "batches.upload", "partner_devices.remove"
PARTNERS = [
    PartnerDoor("devices:partner_batches", reads="batches.read"),
    PartnerDoor("devices:partner_batches_export", reads="batches.read"),
    PartnerDoor("devices:partner_batch_template", reads="batches.read"),
    PartnerDoor("devices:partner_register", reads=UPLOAD, posts=UPLOAD),
    PartnerDoor("devices:partner_remove", reads=REMOVE, posts=REMOVE),
    PartnerDoor("devices:partner_batch", reads="batches.read", of=an.submission),
    PartnerDoor("devices:partner_batch_progress", reads="batches.read", of=an.submission),
    PartnerDoor("devices:partner_batch_failed", reads="batches.read", of=an.submission),
    PartnerDoor("devices:partner_devices", reads="partner_devices.read"),
    PartnerDoor("devices:partner_devices_export", reads="partner_devices.read"),
    PartnerDoor("devices:partner_devices_remove", posts=REMOVE),
    PartnerDoor("devices:partner_report", reads="hashes.report", posts="hashes.report", oem=True),
    PartnerDoor("tenants:partner_overview", reads="partner.read"),
    PartnerDoor("tenants:partner_customers", reads="customers.read"),
    PartnerDoor("tenants:partner_customers_export", reads="customers.read"),
    PartnerDoor("tenants:partner_requests", reads="authorizations.read"),
    PartnerDoor("tenants:partner_request_new", reads="authorizations.manage", posts="authorizations.manage"),
    PartnerDoor("tenants:partner_request", reads="authorizations.read", of=an.authorization_request),
    PartnerDoor(
        "tenants:partner_request_withdraw",
        reads="authorizations.manage",
        posts="authorizations.manage",
        of=an.authorization_request,
    ),
    PartnerDoor("tenants:partner_clients", reads="partner_clients.read"),
    PartnerDoor("tenants:partner_client_new", reads=CLIENTS, posts=CLIENTS),
    PartnerDoor("tenants:partner_client_renew", reads=CLIENTS, posts=CLIENTS, of=an.api_client),
    PartnerDoor("tenants:partner_client_revoke", reads=CLIENTS, posts=CLIENTS, of=an.api_client),
    PartnerDoor("tenants:partner_people", reads="partner_people.read"),
    PartnerDoor("tenants:partner_person_invite", reads=PARTNER_PEOPLE, posts=PARTNER_PEOPLE),
    *(
        PartnerDoor(f"tenants:partner_{name}", reads=PARTNER_PEOPLE, posts=PARTNER_PEOPLE, of=made)
        for name, made in {
            "person_role": an.partner_person,
            "person_switch": an.partner_person,
            "person_remove": an.partner_person,
            "invitation_send": an.partner_invitation,
            "invitation_withdraw": an.partner_invitation,
        }.items()
    ),
]

DOORS = [
    *SHELL,
    *ACCOUNTS,
    *PEOPLE,
    *IMPORTS,
    *AUTOPILOT,
    *GROUPS,
    *PROFILES,
    *DIRECTORY,
    *ORPHANS,
    *SYNCS,
    *DEVICE_SIDE,
    *PARTNERS,
    *PROGRAMS,
]
