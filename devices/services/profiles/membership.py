"""Members of dynamic groups: kept right for the objects that changed, in few statements.

A rule that only asks for physical ids is not evaluated at all: its groups are looked up by the ids of
the objects. A rule that asks for one of some ids and for more is evaluated only where an object has one
of them, or is a member. Every other rule is compiled to SQL and evaluated over the changed objects.
A deleted object leaves every group.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from devices.models import Group, GroupRuleKey
from devices.models.directory import LONGEST_PHYSICAL_ID
from devices.services.profiles.rules import keys, parser, sql
from tenants.models import Tenant

RULES_A_STATEMENT = 100

LOOKED_UP = """
    SELECT DISTINCT k.group_id, e.id AS device_id
    FROM objects e CROSS JOIN LATERAL unnest(e.devicephysicalids) AS p(value)
    JOIN devices_grouprulekey k ON k.value = p.value COLLATE "C"
    JOIN asked a ON a.id = k.group_id
    WHERE k.tenant_id = %s AND e.deleted_at IS NULL
"""
# Rule by rule, not object by object: PostgreSQL keeps no more than 32 patterns prepared.
EVALUATED = """
    SELECT %s::uuid AS group_id, e.id AS device_id FROM objects e WHERE e.deleted_at IS NULL AND {rule}
"""
NOTHING = "SELECT NULL::uuid AS group_id, NULL::uuid AS device_id WHERE false"

ALSO_ASKED = """
    WITH objects AS MATERIALIZED ({objects})
    SELECT g.id, g.rule_text FROM devices_group g
    WHERE g.tenant_id = %s AND (g.evaluation = 'every' OR (g.evaluation = 'narrowed' AND g.id IN (
        SELECT k.group_id FROM objects e CROSS JOIN LATERAL unnest(e.devicephysicalids) AS p(value)
        JOIN devices_grouprulekey k ON k.value = p.value COLLATE "C" WHERE k.tenant_id = %s
        UNION ALL SELECT m.group_id FROM objects e JOIN devices_groupmember m ON m.device_id = e.id)))
    ORDER BY g.id
"""

# The group's row is only marked: whoever holds it meanwhile marks it himself, and nobody waits.
WRITE = """
    WITH objects AS MATERIALIZED ({objects}),
    asked AS MATERIALIZED (SELECT id FROM devices_group g WHERE g.tenant_id = %s AND {groups}),
    wanted AS MATERIALIZED ({wanted}),
    gone AS (
        DELETE FROM devices_groupmember m USING objects e WHERE m.device_id = e.id
        AND (e.deleted_at IS NOT NULL OR (m.group_id IN (SELECT id FROM asked) AND NOT EXISTS (
            SELECT FROM wanted w WHERE w.group_id = m.group_id AND w.device_id = m.device_id)))
        RETURNING m.group_id, m.device_id),
    come AS (
        INSERT INTO devices_groupmember (group_id, device_id, added_at)
        SELECT w.group_id, w.device_id, now() FROM wanted w ORDER BY w.group_id, w.device_id
        ON CONFLICT (group_id, device_id) DO NOTHING RETURNING group_id, device_id),
    changed AS (SELECT * FROM gone UNION ALL SELECT * FROM come),
    marked AS (
        UPDATE devices_group SET members_changed_at = now() WHERE id IN (
            SELECT id FROM devices_group WHERE id IN (SELECT group_id FROM changed)
            FOR NO KEY UPDATE SKIP LOCKED))
    SELECT device_id FROM changed
"""


@dataclass(frozen=True, slots=True)
class Objects:
    """Entra objects to look at: a table expression with their columns, and its parameters."""

    source: str
    parameters: tuple[Any, ...]

    @property
    def sql(self) -> str:
        """The objects as rules see them."""
        return sql.OBJECTS.format(source=self.source)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Who belongs to some groups: a condition on the groups g, and the pairs, each with parameters."""

    groups: str
    groups_parameters: tuple[Any, ...]
    pairs: str
    pairs_parameters: tuple[Any, ...]


def keep_rule(group: Group, text: str) -> None:
    """Store a rule on a group, and the physical ids it asks for; raises BadRule.

    An id longer than any object's is never found, so it is left out.
    """
    found = keys.keys_of(parser.parse(text))
    group.rule_text = text
    group.evaluation = Group.Evaluation.EVERY
    if found is not None:
        narrowed, lookup = Group.Evaluation.NARROWED, Group.Evaluation.LOOKUP
        group.evaluation = lookup if found.is_all_it_asks else narrowed
    group.save(update_fields=["rule_text", "evaluation"])
    group.rule_keys.all().delete()
    values = sorted(value for value in found.values if len(value) <= LONGEST_PHYSICAL_ID) if found else []
    rows = [GroupRuleKey(tenant=group.tenant, group=group, value=value) for value in values]
    GroupRuleKey.objects.bulk_create(rows)


def objects_of(
    tenant: Tenant,
    *,
    device_ids: Sequence[UUID] | None = None,
    entra_device_ids: Sequence[UUID] | None = None,
) -> Objects:
    """These objects, or those of these Autopilot devices, or all of the tenant."""
    rows = "SELECT * FROM devices_entradevice WHERE tenant_id = %s"
    if entra_device_ids is not None:
        return Objects(f"({rows} AND id = ANY(%s))", (tenant.pk, list(entra_device_ids)))
    if device_ids is None:
        return Objects(f"({rows})", (tenant.pk,))
    of = "SELECT d.entra_device_id FROM devices_autopilotdevice d WHERE d.id = ANY(%s)"
    return Objects(f"({rows} AND id IN ({of}))", (tenant.pk, list(device_ids)))


def refresh_members(
    *,
    tenant: Tenant,
    device_ids: Sequence[UUID] | None = None,
    entra_device_ids: Sequence[UUID] | None = None,
) -> int:
    """Bring dynamic groups in line with these objects, or those of these Autopilot devices, or all.

    Returns the number of memberships added and removed.
    """
    objects = objects_of(tenant, device_ids=device_ids, entra_device_ids=entra_device_ids)
    wanted = [looked_up(tenant), *evaluated(also_asked(tenant, objects))]
    return sum(len(write(tenant, objects, each)) for each in wanted)


def looked_up(tenant: Tenant, condition: str = "true", *parameters: Any) -> Wanted:
    """The groups whose rules ask for physical ids only."""
    return Wanted(f"g.evaluation = 'lookup' AND {condition}", parameters, LOOKED_UP, (tenant.pk,))


def also_asked(tenant: Tenant, objects: Objects) -> list[tuple[UUID, str]]:
    """The other groups that these objects may enter or leave, with their rules."""
    with connection.cursor() as cursor:
        cursor.execute(ALSO_ASKED.format(objects=objects.sql), [*objects.parameters, tenant.pk, tenant.pk])
        return list(cursor.fetchall())


def evaluated(rules: Sequence[tuple[UUID, str]]) -> list[Wanted]:
    """Groups by the evaluation of their rules, some a statement."""
    parts = [rules[start : start + RULES_A_STATEMENT] for start in range(0, len(rules), RULES_A_STATEMENT)]
    return [_evaluated(part) for part in parts]


def _evaluated(rules: Sequence[tuple[UUID, str]]) -> Wanted:
    conditions = [(pk, sql.condition(text)) for pk, text in rules]
    pairs = " UNION ALL ".join(EVALUATED.format(rule=condition.sql) for _pk, condition in conditions)
    parameters = [value for pk, condition in conditions for value in (pk, *condition.parameters)]
    ids = [pk for pk, _condition in conditions]
    return Wanted("g.id = ANY(%s)", (ids,), pairs, tuple(parameters))


def of_group(group: Group) -> Wanted:
    """The members of one dynamic group."""
    if group.evaluation == Group.Evaluation.LOOKUP:
        return looked_up(group.tenant, "g.id = %s", group.pk)
    return _evaluated([(group.pk, group.rule_text)])


def write(tenant: Tenant, objects: Objects, wanted: Wanted) -> list[UUID]:
    """Add and remove memberships of the objects in the wanted groups; the objects of those that changed."""
    statement = WRITE.format(objects=objects.sql, groups=wanted.groups, wanted=wanted.pairs)
    parameters = [*objects.parameters, tenant.pk, *wanted.groups_parameters, *wanted.pairs_parameters]
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return [row[0] for row in cursor.fetchall()]
