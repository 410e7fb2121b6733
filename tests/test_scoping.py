"""Rows of tenants are reached by tenant; every place that looks across tenants is listed here."""

from pathlib import Path

from portal.env import CLONE

LOOKS_ACROSS = {
    "devices/forms/groups.py": "an empty queryset until the form knows its tenant",
    "devices/forms/profiles.py": "empty querysets until the form knows its tenant",
    "devices/management/commands/bench.py": "the benchmark's own membership",
    "devices/management/following.py": "one job by its key",
    "devices/models/autopilot.py": "the managed device of an outer row",
    "devices/registry/candidates.py": "the registry is one for all local tenants",
    "devices/services/autopilot/enrolment/failures.py": "upkeep of all tenants",
    "devices/registry/releases.py": "who registered an id is the registry's to say",
    "devices/services/autopilot/impact.py": "the managed device of an outer row",
    "devices/services/autopilot/purging.py": "upkeep of all tenants",
    "devices/services/imports/checking/foreign.py": "the person's own memberships",
    "devices/services/imports/retention.py": "upkeep of all tenants",
    "devices/services/partners/listing.py": "a partner's devices with every customer",
    "devices/services/partners/working.py": "an upload by the tenant of its job",
    "devices/services/profiles/assignment.py": "upkeep of all tenants",
    "devices/services/profiles/direct.py": "filtered by tenant in the same call",
    "devices/views/group_members.py": "the Autopilot device of an outer row of the same tenant",
    "devices/views/profiles.py": "the devices of an outer row",
    "tenants/access.py": "the person's own memberships",
    "tenants/services/device_side.py": "a key is known by its digest only",
    "tenants/services/invitations.py": "a link is known by its digest only",
    "tenants/services/partners/accounts.py": "a partner's consents in every tenant",
    "tenants/services/partners/consents.py": "a partner's customers",
    "tenants/services/partners/requests.py": "a link is known by its digest only",
    "tenants/services/tenants.py": "the requests that a deleted tenant answered",
    "tenants/services/user_csv.py": "rows that were read by tenant",
    "tenants/views/instance.py": "the operator's list of tenants",
    "tenants/views/partners/instance.py": "the operator's list of partners",
}


def looking_across() -> set[str]:
    """The files that use the unscoped manager."""
    files = [path for app in ("portal", "tenants", "devices") for path in (CLONE / app).rglob("*.py")]
    return {str(path.relative_to(CLONE)) for path in files if uses_unscoped(path)}


def uses_unscoped(path: Path) -> bool:
    """Whether a file looks across tenants (declaring the manager is no use of it)."""
    return "migrations" not in path.parts and ".unscoped" in path.read_text()


def test_every_look_across_tenants_is_listed() -> None:
    assert looking_across() == set(LOOKS_ACROSS)
