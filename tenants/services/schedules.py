"""Schedules: rows that name what is due for a tenant; claiming one moves it on, so it starts once."""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from tenants.models import Tenant

AT_ONCE = 20


def claim_due(*, name: str, every: timedelta, now: datetime) -> list[Tenant]:
    """The local tenants for which `name` is due, at most AT_ONCE; each is due again after `every`.

    A tenant without such a schedule gets one whose first run is `every` from now. What is due is started
    in the same transaction: a tick that dies in between has claimed nothing.
    """
    authority = Tenant.Authority.LOCAL  # the authorities that have a connector
    parameters: list[Any] = [name, every, now + every, authority, name]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO tenants_schedule (id, name, tenant_id, every, next_run_at) "
            "SELECT gen_random_uuid(), %s, t.id, %s, %s FROM tenants_tenant t "
            "WHERE t.authority = %s AND NOT EXISTS "
            "(SELECT 1 FROM tenants_schedule s WHERE s.name = %s AND s.tenant_id = t.id) "
            "ON CONFLICT DO NOTHING",
            parameters,
        )
        cursor.execute(
            "UPDATE tenants_schedule SET next_run_at = %s + every WHERE id IN "
            "(SELECT id FROM tenants_schedule WHERE name = %s AND next_run_at <= %s "
            "ORDER BY next_run_at LIMIT %s FOR UPDATE SKIP LOCKED) "
            "RETURNING tenant_id",
            [now, name, now, AT_ONCE],
        )
        ids = [row[0] for row in cursor.fetchall()]
    return list(Tenant.objects.filter(pk__in=ids))
