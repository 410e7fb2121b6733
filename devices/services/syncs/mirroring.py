"""Mirror registrations into the tenant's list of Autopilot devices; unchanged rows are not written."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction

from devices.connectors import connector_for
from devices.connectors.base import Connector, RemoteDevice
from devices.models import AutopilotDevice
from devices.services.autopilot import undo_kits
from devices.services.profiles import assignment
from tenants.models import Tenant
from tenants.permissions import Actor

SLICE = 1000
NOT_IN_SERVICE = "not_in_service"

FACTS = [
    "serial_number",
    "manufacturer",
    "model",
    "product_key",
    "sku_number",
    "system_family",
    "group_tag",
    "purchase_order",
    "display_name",
    "user_principal_name",
    "addressable_user_name",
    "registered_by",
    "registered_at",
    "partner_id",
]
DERIVED = ["user_id", "entra_device_id", "remediation_state", "removed_at"]
TYPES = {"registered_at": "timestamptz", "partner_id": "uuid"}

SOURCE = """
    SELECT v.id, {facts}, u.id AS user_id, e.id AS entra_device_id, NULL::timestamptz AS removed_at,
        CASE WHEN v.is_attention_required THEN 'attention_required'
             WHEN o.remediation_state IS NULL OR o.remediation_state = 'attention_required' THEN 'none'
             ELSE o.remediation_state END AS remediation_state
    FROM jsonb_to_recordset(%s::jsonb) AS v(id uuid, is_attention_required boolean, {types})
    LEFT JOIN devices_autopilotdevice o ON o.id = v.id
    LEFT JOIN tenants_directoryuser u ON v.user_principal_name <> '' AND u.tenant_id = %s
        AND lower(u.user_principal_name) = lower(v.user_principal_name)
    LEFT JOIN LATERAL (
        SELECT x.id FROM devices_entradevice x
        WHERE x.ztdid = v.id AND x.tenant_id = %s AND x.deleted_at IS NULL ORDER BY x.id LIMIT 1
    ) e ON true
"""

UPSERT = """
    INSERT INTO devices_autopilotdevice AS t (id, tenant_id, {columns}, assignment_status, profile_reason,
        enrollment_state, userless_enrollment, removal_reason, revision, synced_at)
    SELECT s.id, %s, {mine}, 'not_assigned', '', 'not_contacted', 'unknown', '', 1, %s
    FROM ({source}) s ORDER BY s.id
    ON CONFLICT (id) DO UPDATE SET {assignments}, removal_reason = '', revision = t.revision + 1,
        remediation_changed_at = CASE WHEN t.remediation_state <> excluded.remediation_state
            THEN excluded.synced_at ELSE t.remediation_changed_at END,
        synced_at = excluded.synced_at
    WHERE t.tenant_id = excluded.tenant_id AND ROW({old}) IS DISTINCT FROM ROW({new})
    RETURNING t.id, (xmax = 0)
"""


@dataclass(slots=True)
class Counters:
    """What a mirroring came to, in devices."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    removed: int = 0

    def add(self, other: "Counters") -> None:
        """Add another part's counts to these."""
        self.created += other.created
        self.updated += other.updated
        self.unchanged += other.unchanged
        self.removed += other.removed


@dataclass(frozen=True, slots=True)
class Page:
    """One slice of a whole reading: its counts, the next cursor (None: the end), the rows not there."""

    counters: Counters
    after: UUID | None
    missing: list[UUID] = field(default_factory=list)


def mirror(*, tenant: Tenant, device_ids: Sequence[UUID] | None = None, now: datetime) -> Counters:
    """Bring the list in line with the registration service, for these devices or for all.

    Devices the service no longer has are taken from the list; the caller answers for how many.
    """
    total = Counters()
    if device_ids is not None:
        for ids in _slices(device_ids):
            total.add(_mirror_these(tenant, ids, now))
        return total
    after: UUID | None = None
    while True:
        page = mirror_page(tenant=tenant, after=after, now=now)
        total.add(page.counters)
        total.removed += remove_missing(tenant=tenant, device_ids=page.missing, now=now)
        if page.after is None:
            return total
        after = page.after


def mirror_page(*, tenant: Tenant, after: UUID | None, now: datetime) -> Page:
    """Mirror the next slice of registrations by ascending id; removes nothing, only names what is missing."""
    remote = connector_for(tenant).registrations(tenant=tenant, after=after, limit=SLICE)
    last = remote[-1].id if len(remote) == SLICE else None
    with transaction.atomic():
        counters = _write(tenant, remote, now)
        listed = AutopilotDevice.objects.of(tenant).live().exclude(pk__in=[row.id for row in remote])
        if after is not None:
            listed = listed.filter(pk__gt=after)
        if last is not None:
            listed = listed.filter(pk__lte=last)
        missing = list(listed.order_by("pk").values_list("pk", flat=True))
    return Page(counters, last, missing)


def remove_missing(*, tenant: Tenant, device_ids: Sequence[UUID], now: datetime) -> int:
    """Take from the list those of the devices that the service still does not have; returns how many."""
    removed = 0
    connector = connector_for(tenant)
    for ids in _slices(device_ids):
        removed += _remove(tenant, _gone(connector, tenant, ids), now)
    return removed


def _mirror_these(tenant: Tenant, ids: list[UUID], now: datetime) -> Counters:
    remote = connector_for(tenant).registrations(tenant=tenant, ids=ids, limit=len(ids))
    with transaction.atomic():
        counters = _write(tenant, remote, now)
        counters.removed = _remove(tenant, sorted(set(ids) - {row.id for row in remote}), now)
    return counters


def _gone(connector: Connector, tenant: Tenant, ids: list[UUID]) -> list[UUID]:
    found = {row.id for row in connector.registrations(tenant=tenant, ids=ids, limit=len(ids))}
    return [device_id for device_id in ids if device_id not in found]


def _write(tenant: Tenant, remote: Sequence[RemoteDevice], now: datetime) -> Counters:
    """Upsert one slice, then re-evaluate the profiles of what changed."""
    if not remote:
        return Counters()
    rows = json.dumps([asdict(row) for row in remote], cls=DjangoJSONEncoder)
    with connection.cursor() as cursor:
        cursor.execute(_upsert(), [tenant.pk, now, rows, tenant.pk, tenant.pk])
        written = cursor.fetchall()
    if written:
        assignment.refresh(tenant=tenant, device_ids=[row[0] for row in written], now=now)
    created = sum(1 for _id, is_new in written if is_new)
    return Counters(created, len(written) - created, len(remote) - len(written))


def _upsert() -> str:
    columns = [*FACTS, *DERIVED]
    source = SOURCE.format(
        facts=_listed("v", FACTS),
        types=", ".join(f"{name} {TYPES.get(name, 'text')}" for name in FACTS),
    )
    return UPSERT.format(
        source=source,
        columns=", ".join(columns),
        mine=_listed("s", columns),
        assignments=", ".join(f"{name} = excluded.{name}" for name in columns),
        old=_listed("t", columns),
        new=_listed("excluded", columns),
    )


def _listed(alias: str, names: Sequence[str]) -> str:
    return ", ".join(f"{alias}.{name}" for name in names)


def _remove(tenant: Tenant, ids: Sequence[UUID], now: datetime) -> int:
    if not ids:
        return 0
    undo_kits.pack(tenant=tenant, actor=Actor.system(), device_ids=ids, reason=NOT_IN_SERVICE, now=now)
    rows: Any = AutopilotDevice.objects.of(tenant).live().filter(pk__in=ids)
    removed: int = rows.update(removed_at=now, removal_reason=NOT_IN_SERVICE, synced_at=now)
    assignment.refresh(tenant=tenant, device_ids=ids, now=now)
    return removed


def _slices(ids: Sequence[UUID]) -> Iterator[list[UUID]]:
    """The ids in ascending order, at most SLICE at a time."""
    rest = iter(sorted(set(ids)))
    while part := list(islice(rest, SLICE)):
        yield part
