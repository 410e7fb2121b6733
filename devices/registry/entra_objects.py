"""The Entra objects that registration makes, or marks where the device had joined before."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import F

from devices.models import EntraDevice, Registration
from devices.registry import physical_ids
from tenants.models import Tenant


def make(
    *, tenant: Tenant, rows: Sequence[Registration], adopted: Mapping[UUID, UUID], now: datetime
) -> None:
    """One object a registration: a new one, or by registration id the one that carries the ZTDID from now."""
    taken = {row.pk for row in rows if row.pk in adopted and _adopt(tenant, row, adopted[row.pk])}
    EntraDevice.objects.bulk_create(_new(tenant, row, now) for row in rows if row.pk not in taken)


def _adopt(tenant: Tenant, row: Registration, pk: UUID) -> bool:
    """Mark an object that carries no ZTDID yet; False where it is gone or another registration's."""
    found = EntraDevice.objects.of(tenant).live().filter(pk=pk, ztdid=None)
    return bool(found.update(ztdid=row.pk, physical_ids=_ids(row), revision=F("revision") + 1))


def _new(tenant: Tenant, row: Registration, now: datetime) -> EntraDevice:
    return EntraDevice(
        tenant=tenant,
        display_name=row.serial_number,
        serial_number=row.serial_number,
        manufacturer=row.manufacturer,
        model=row.model,
        ztdid=row.pk,
        physical_ids=_ids(row),
        registered_at=now,
    )


def _ids(row: Registration) -> list[str]:
    return physical_ids.compose(ztdid=row.pk, group_tag=row.group_tag, purchase_order=row.purchase_order)
