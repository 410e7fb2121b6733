"""Who may do what: Intune's built-in roles over the whole list of rights, row by row."""

import pytest

from tenants.permissions import GRANTS, PERMISSIONS, ROLES, granted

# Columns: Global Administrator, Intune Administrator, Policy and Profile Manager, School Administrator,
# Help Desk Operator, Read Only Operator. Sources: Intune's "built-in roles" [D]: the managers of profiles
# have no right on managed devices, School Administrators cannot create devices, operators read. What only
# a Global Administrator holds is a ruling of ours, and so are the hash, the simulation and the override.
TABLE = """
approvals.decide        x - - - - -
audit.read              x x x x x x
devices.delete          x x x x - -
devices.export_hash     x x x - - -
devices.import          x x x - - -
devices.read            x x x x x x
devices.simulate        x x x x - -
devices.sync            x x x x - -
devices.update          x x x x - -
entra_devices.delete    x x - - - -
entra_devices.override  x x - - - -
entra_devices.read      x x x x x x
groups.manage           x x x x - -
groups.read             x x x x x x
jobs.read               x x x x x x
managed_devices.delete  x x - x - -
managed_devices.read    x x - x x x
managed_devices.rename  x x - x - -
managed_devices.wipe    x x - x - -
members.manage          x - - - - -
members.read            x x x x x x
partners.manage         x - - - - -
partners.read           x x x x x x
profiles.assign         x x x x - -
profiles.create         x x x x - -
profiles.delete         x x x x - -
profiles.read           x x x x x x
profiles.update         x x x x - -
settings.manage         x - - - - -
settings.read           x x x x x x
tenant.read             x x x x x x
users.manage            x x - x - -
users.read              x x x x x x
"""
ROWS = [line.split() for line in TABLE.strip().splitlines()]


def test_the_table_has_every_right_and_every_role() -> None:
    assert [row[0] for row in ROWS] == sorted(PERMISSIONS)
    assert list(GRANTS) == list(ROLES)


@pytest.mark.parametrize(("word", "marks"), [(row[0], row[1:]) for row in ROWS], ids=[row[0] for row in ROWS])
def test_exactly_these_roles_have_the_right(word: str, marks: list[str]) -> None:
    assert ["x" if word in granted([role]) else "-" for role in ROLES] == marks


def test_several_roles_add_up_and_unknown_ones_give_nothing() -> None:
    both = granted(["policy_and_profile_manager", "school_administrator"])
    assert {"devices.import", "managed_devices.delete"} <= both
    assert granted(["emperor"]) == frozenset()
