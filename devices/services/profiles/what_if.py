"""What if: the devices whose profile a change would move, asked of rows that are not stored.

The same SQL that keeps groups and profiles right reads the tags, the rule or the assignments as they
would be: nothing is written or locked, and what is shown is what then happens.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from devices.models import DeploymentProfile, EntraDevice, Group
from devices.registry.physical_ids import ORDER_ID
from devices.services.profiles import membership
from devices.services.profiles.effective import LIVE, effective
from devices.services.profiles.membership import Objects
from devices.services.profiles.rules import parser
from tenants.models import Tenant

MOVED = """
    SELECT d.id, d.serial_number, d.group_tag, d.assigned_profile_id AS old, n.profile_id AS new
    FROM devices_autopilotdevice d JOIN ({effective}) n ON n.id = d.id
    WHERE d.assigned_profile_id IS DISTINCT FROM n.profile_id
"""

RETAGGED = """(
    SELECT {columns}, array_remove(ARRAY(
            SELECT p.value FROM unnest(e.physical_ids) AS p(value) WHERE NOT starts_with(lower(p.value), %s)
        )::text[] || CASE WHEN t.tag <> '' THEN %s || t.tag END, NULL) AS physical_ids
    FROM devices_entradevice e
    JOIN devices_autopilotdevice d ON d.entra_device_id = e.id
    JOIN ({tags}) AS t(id, tag) ON t.id = d.id
    WHERE e.tenant_id = %s)"""
UNCHANGED = ", ".join(
    f"e.{name.column}" for name in EntraDevice._meta.concrete_fields if name.column != "physical_ids"
)

BY_TAG = """
    WITH tags AS MATERIALIZED (SELECT t.id FROM ({tags}) AS t(id, tag)),
    objects AS MATERIALIZED ({objects}),
    asked AS MATERIALIZED (SELECT id FROM devices_group g WHERE g.tenant_id = %s AND g.evaluation = 'lookup'),
    members AS MATERIALIZED (
        SELECT m.group_id, m.device_id FROM objects e
        JOIN devices_groupmember m ON m.device_id = e.id
        JOIN devices_group g ON g.id = m.group_id
        WHERE e.deleted_at IS NULL AND g.membership = 'assigned'
        UNION ALL {wanted})
"""
BY_RULE = """
    WITH objects AS MATERIALIZED ({objects}),
    wanted AS MATERIALIZED ({wanted}),
    held AS MATERIALIZED (SELECT device_id FROM devices_groupmember WHERE group_id = %s),
    moving AS MATERIALIZED (
        SELECT device_id FROM wanted WHERE device_id NOT IN (SELECT device_id FROM held)
        UNION ALL SELECT device_id FROM held WHERE device_id NOT IN (SELECT device_id FROM wanted)),
    members AS MATERIALIZED (
        SELECT m.group_id, m.device_id FROM moving JOIN devices_groupmember m USING (device_id)
        WHERE m.group_id <> %s
        UNION ALL SELECT w.group_id, w.device_id FROM moving JOIN wanted w USING (device_id))
"""
BY_ASSIGNMENTS = """
    WITH assignments AS MATERIALIZED (
        SELECT i.profile_id, i.group_id, i.kind FROM devices_profileassignment i
        JOIN devices_deploymentprofile p ON p.id = i.profile_id
        WHERE p.tenant_id = %s AND i.profile_id <> %s
        UNION ALL SELECT %s::uuid, unnest(%s::uuid[]), 'include'
        UNION ALL SELECT %s::uuid, unnest(%s::uuid[]), 'exclude'),
    profiles AS MATERIALIZED (
        SELECT id, tenant_id, created_at,
            CASE WHEN id = %s THEN %s ELSE is_for_all_devices END AS is_for_all_devices
        FROM devices_deploymentprofile WHERE tenant_id = %s),
    whole AS MATERIALIZED (SELECT id, tenant_id, is_for_all_devices FROM profiles WHERE is_for_all_devices)
"""


@dataclass(frozen=True, slots=True)
class Pair:
    """So many devices would go from one profile to another; None is the built-in default."""

    old: str | None
    new: str | None
    count: int


@dataclass(frozen=True, slots=True)
class Move:
    """A device whose profile would change."""

    device_id: UUID
    serial_number: str
    group_tag: str
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True)
class WhatIf:
    """The devices that would move, not fetched yet."""

    tenant: Tenant
    head: str
    moved: str
    parameters: tuple[Any, ...]

    def pairs(self) -> list[Pair]:
        """How many devices would go from which profile to which, the most first."""
        rows = self._fetch("SELECT old, new, count(*) FROM moved GROUP BY old, new ORDER BY 3 DESC, 1, 2")
        names = self._names()
        return [Pair(names.get(old), names.get(new), count) for old, new, count in rows]

    def moves(self, limit: int | None = None) -> Iterator[Move]:
        """The devices by serial number."""
        sql = "SELECT id, serial_number, group_tag, old, new FROM moved ORDER BY serial_number, id LIMIT %s"
        rows, names = self._fetch(sql, limit), self._names()
        for pk, serial, tag, old, new in rows:
            yield Move(pk, serial, tag, names.get(old), names.get(new))

    def _fetch(self, sql: str, *parameters: Any) -> list[Any]:
        with connection.cursor() as cursor:
            statement = f"{self.head}, moved AS MATERIALIZED ({self.moved}) {sql}"
            cursor.execute(statement, [*self.parameters, *parameters])
            return list(cursor.fetchall())

    def _names(self) -> dict[UUID | None, str]:
        return dict(DeploymentProfile.objects.of(self.tenant).values_list("pk", "display_name"))


def pairs_of(moves: Iterable[Move]) -> list[Pair]:
    """The pairs of moves that were fetched already, the most first."""
    counts = Counter((move.old, move.new) for move in moves)
    found = [Pair(old, new, count) for (old, new), count in counts.items()]
    return sorted(found, key=lambda pair: (-pair.count, pair.old or "", pair.new or ""))


def of_tags(*, tenant: Tenant, tags: QuerySet[Any]) -> WhatIf:
    """The devices would get other group tags; tags: the live ones that change, as (id, new tag)."""
    sql, values = tags.order_by().query.sql_with_params()
    order_id = ORDER_ID.lower()
    source = RETAGGED.format(columns=UNCHANGED, tags=sql)
    objects = Objects(source, (order_id, ORDER_ID, *values, tenant.pk))
    wanted = membership.evaluated(membership.also_asked(tenant, objects))
    pairs = [membership.looked_up(tenant), *wanted]
    head = BY_TAG.format(
        tags=sql, objects=objects.sql, wanted=" UNION ALL ".join(each.pairs for each in pairs)
    )
    wanted_values = [value for each in pairs for value in each.pairs_parameters]
    scope = f"{LIVE} AND d.id IN (SELECT id FROM tags)"
    moved = MOVED.format(effective=effective(scope, members="members"))
    parameters = (*values, *objects.parameters, tenant.pk, *wanted_values, tenant.pk, tenant.pk)
    return WhatIf(tenant, head, moved, parameters)


def of_rule(*, group: Group, text: str) -> WhatIf:
    """A dynamic group would have another rule; raises BadRule."""
    parser.parse(text)
    tenant: Tenant = group.tenant
    objects = membership.objects_of(tenant)
    wanted = membership.evaluated([(group.pk, text)])[0]
    head = BY_RULE.format(objects=objects.sql, wanted=wanted.pairs)
    scope = f"{LIVE} AND d.entra_device_id IN (SELECT device_id FROM moving)"
    moved = MOVED.format(effective=effective(scope, members="members"))
    parameters = (*objects.parameters, *wanted.pairs_parameters, group.pk, group.pk, tenant.pk, tenant.pk)
    return WhatIf(tenant, head, moved, parameters)


def of_assignments(
    *, profile: DeploymentProfile, include: Sequence[UUID], exclude: Sequence[UUID], is_for_all_devices: bool
) -> WhatIf:
    """A profile would have these assignments, and no others."""
    tenant: Tenant = profile.tenant
    pk = profile.pk
    parameters = (tenant.pk, pk, pk, list(include), pk, list(exclude), pk, is_for_all_devices, tenant.pk)
    moved = MOVED.format(
        effective=effective(LIVE, assignments="assignments", profiles="profiles", whole="whole")
    )
    return WhatIf(tenant, BY_ASSIGNMENTS, moved, (*parameters, tenant.pk, tenant.pk))
