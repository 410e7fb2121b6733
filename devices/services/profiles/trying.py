"""Try a rule before it is saved: whom it takes, and why one device does or does not match."""

import contextlib
from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet

from devices.models import EntraDevice, Group
from devices.services.profiles import membership
from devices.services.profiles.rules import attributes, parser, sql, verdicts
from devices.services.profiles.rules.verdicts import Verdict
from tenants.models import Tenant

FIRST = 10
MOST_TRIED = 5

HITS = """
    WITH hits AS MATERIALIZED (
        SELECT e.id FROM ({objects}) e WHERE e.deleted_at IS NULL AND {condition}),
    held AS MATERIALIZED (
        SELECT e.id FROM devices_groupmember m JOIN devices_entradevice e ON e.id = m.device_id
        WHERE m.group_id = %s AND e.deleted_at IS NULL)
    SELECT (SELECT count(*) FROM hits),
        (SELECT count(*) FROM hits WHERE id NOT IN (SELECT id FROM held)),
        (SELECT count(*) FROM held WHERE id NOT IN (SELECT id FROM hits)),
        ARRAY(SELECT h.id FROM hits h JOIN devices_entradevice e USING (id)
              ORDER BY e.display_name, e.id LIMIT %s)
"""


@dataclass(frozen=True, slots=True)
class Taken:
    """How many objects a rule takes, how many enter or leave the group, and the first by name."""

    count: int
    entering: int
    leaving: int
    first: list[EntraDevice]


@dataclass(frozen=True, slots=True)
class Tried:
    """One object and the verdict on it."""

    entra: EntraDevice
    verdict: Verdict


def take(*, tenant: Tenant, text: str, group: Group | None = None) -> Taken:
    """Whom a rule takes in the tenant, against the members of the group now; raises BadRule."""
    condition = sql.compiled(parser.parse(text))
    objects = membership.objects_of(tenant)
    statement = HITS.format(objects=objects.sql, condition=condition.sql)
    pk = group.pk if group is not None else None
    with connection.cursor() as cursor:
        cursor.execute(statement, [*objects.parameters, *condition.parameters, pk, FIRST])
        count, entering, leaving, first = cursor.fetchone()
    found = EntraDevice.objects.of(tenant).in_bulk(first)
    return Taken(count, entering, leaving, [found[each] for each in first])


def why(*, tenant: Tenant, text: str, name: str) -> list[Tried]:
    """The verdict, clause by clause, on the objects whose name, serial number or id this is.

    At most MOST_TRIED, by name. Raises BadRule.
    """
    tree = parser.parse(text)
    rows = _named(tenant, name.strip())[:MOST_TRIED]
    return [Tried(row, verdicts.judge(tree, attributes.facts_of(row))) for row in rows]


def _named(tenant: Tenant, name: str) -> QuerySet[EntraDevice]:
    """Objects of exactly this name, serial number or id; else those whose name begins with it."""
    rows: QuerySet[EntraDevice] = EntraDevice.objects.of(tenant).live().order_by("display_name", "pk")
    if not name:
        return rows.none()
    exact = Q(display_name__in={name, name.upper()}) | Q(serial_number__in={name, name.upper()})
    with contextlib.suppress(ValueError):
        exact |= Q(pk=UUID(name)) | Q(device_id=UUID(name)) | Q(ztdid=UUID(name))
    found = rows.filter(exact)
    return found if found.exists() else rows.filter(search__startswith=name.upper())
