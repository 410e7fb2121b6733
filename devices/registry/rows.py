"""Which of some ids are live registrations of a tenant."""

from collections.abc import Sequence
from uuid import UUID

from devices.models import Registration
from tenants.models import Tenant


def ids_of(tenant: Tenant, device_ids: Sequence[UUID]) -> list[UUID]:
    """The live ones, in the order asked for."""
    rows = Registration.objects.of(tenant).live().filter(pk__in=device_ids)
    live = set(rows.values_list("pk", flat=True))
    return [device_id for device_id in device_ids if device_id in live]
