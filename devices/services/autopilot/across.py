"""Devices across the tenants one may see: the first of each by serial, merged."""

from collections.abc import Sequence
from uuid import UUID

from django.db import connection

from devices.models import AutopilotDevice
from tenants.models import Tenant

FIRST = """
SELECT d.id FROM unnest(%s::uuid[]) AS t(id)
CROSS JOIN LATERAL (
    SELECT a.id, a.serial_number FROM devices_autopilotdevice a
    WHERE a.tenant_id = t.id AND a.removed_at IS NULL {narrowed}
    ORDER BY a.serial_number, a.id LIMIT %s
) d ORDER BY d.serial_number, d.id LIMIT %s
"""
BEYOND = "AND (a.serial_number, a.id) > (%s, %s)"
PREFIX = "AND a.serial_number LIKE %s"
HOLDS = "AND a.search LIKE %s"
SHORTEST_SUBSTRING = 3


def first(
    *, tenants: Sequence[Tenant], text: str, after: tuple[str, UUID] | None, size: int
) -> list[AutopilotDevice]:
    """Up to `size` live devices by serial, beyond a place (serial, id), with their tenants."""
    clauses: list[str] = []
    values: list[str | UUID] = []
    if text:
        escaped = text.upper().replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
        is_long = len(text) >= SHORTEST_SUBSTRING
        clauses.append(HOLDS if is_long else PREFIX)
        values.append(f"%{escaped}%" if is_long else f"{escaped}%")
    if after:
        clauses.append(BEYOND)
        values += list(after)
    ids = [tenant.pk for tenant in tenants]
    with connection.cursor() as cursor:
        cursor.execute(FIRST.format(narrowed=" ".join(clauses)), [ids, *values, size, size])
        found = [row[0] for row in cursor]
    rows = AutopilotDevice.objects.across(tenants).select_related(
        "tenant", "assigned_profile", "deletion_job__approval"
    )
    by_id = rows.in_bulk(found)
    return [by_id[pk] for pk in found]
