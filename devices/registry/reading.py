"""Show a tenant's live registrations in pages, as a sync reads them."""

from collections.abc import Sequence
from uuid import UUID

from devices.models import Registration
from devices.registry.records import RemoteDevice
from tenants.models import Tenant


def registrations(
    *,
    tenant: Tenant,
    after: UUID | None = None,
    ids: Sequence[UUID] | None = None,
    limit: int = 1000,
) -> list[RemoteDevice]:
    """Live registrations by ascending id: those after a key, or the given ones (at most limit)."""
    rows = Registration.objects.of(tenant).live().order_by("pk")
    if ids is not None:
        rows = rows.filter(pk__in=list(ids))
    if after is not None:
        rows = rows.filter(pk__gt=after)
    return [_remote(row) for row in rows[:limit]]


def _remote(row: Registration) -> RemoteDevice:
    return RemoteDevice(
        id=row.pk,
        serial_number=row.serial_number,
        manufacturer=row.manufacturer,
        model=row.model,
        product_key=row.product_key,
        sku_number=row.sku_number,
        system_family=row.system_family,
        group_tag=row.group_tag,
        purchase_order=row.purchase_order,
        display_name=row.display_name,
        user_principal_name=row.user_principal_name,
        addressable_user_name=row.addressable_user_name,
        registered_by=row.registered_by,
        registered_at=row.registered_at,
        partner_id=row.partner_id,
        is_attention_required=row.attention_required_at is not None,
    )
