"""Change the values of registrations, and with them the physical ids of their Entra objects."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from devices.registry import physical_ids
from devices.registry.records import EDITABLE, Change
from devices.registry.rows import ids_of
from tenants.models import Tenant

ON_THE_ENTRA_OBJECT = {"group_tag", "purchase_order"}


def edit(*, tenant: Tenant, changes: Sequence[Change], now: datetime) -> list[UUID]:
    """Write the values that differ; returns the ids that are live registrations of the tenant."""
    alike: dict[tuple[str, ...], list[Change]] = defaultdict(list)
    for change in changes:
        alike[tuple(sorted(change.fields))].append(change)
    with transaction.atomic():
        for names, group in alike.items():
            _write(tenant, names, group, now)
        return ids_of(tenant, [change.device_id for change in changes])


def _write(tenant: Tenant, names: tuple[str, ...], changes: Sequence[Change], now: datetime) -> None:
    """One UPDATE for changes of the same fields; rows that already hold the values stay untouched."""
    unknown = set(names) - set(EDITABLE)
    if unknown:
        raise ValueError(f"not editable: {', '.join(sorted(unknown))}")
    if not names:
        return
    columns = ", ".join(names)
    assignments = ", ".join(f"{name} = v.{name}" for name in names)
    arrays = ", ".join("%s::text[]" for _ in names)
    mine, new = (", ".join(f"{alias}.{name}" for name in names) for alias in ("r", "v"))
    values = [[change.fields[name] for change in changes] for name in names]
    ids = [change.device_id for change in changes]
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE devices_registration r SET {assignments}, changed_at = %s "
            f"FROM unnest(%s::uuid[], {arrays}) AS v(id, {columns}) "
            f"WHERE r.id = v.id AND r.tenant_id = %s AND r.ended_at IS NULL "
            f"AND ROW({mine}) IS DISTINCT FROM ROW({new})",
            [now, ids, *values, tenant.pk],
        )
    if ON_THE_ENTRA_OBJECT & set(names):
        refresh_physical_ids(tenant=tenant, device_ids=ids)


def refresh_physical_ids(*, tenant: Tenant, device_ids: Sequence[UUID]) -> int:
    """Write tag and purchase order on the Entra objects; returns the number of objects changed.

    The ids are named for both tables: right after a large import the planner has no statistics yet, and
    paired every object of the tenant with every id.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE devices_entradevice e SET physical_ids = {physical_ids.SQL} "
            "FROM devices_registration r "
            "WHERE e.ztdid = r.id AND e.ztdid = ANY(%s) AND e.deleted_at IS NULL "
            "AND r.tenant_id = %s AND r.id = ANY(%s) "
            f"AND e.tenant_id = r.tenant_id AND e.physical_ids IS DISTINCT FROM {physical_ids.SQL}",
            [list(device_ids), tenant.pk, list(device_ids)],
        )
        return cursor.rowcount
