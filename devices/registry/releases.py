"""End registrations: free their claims, and remove Entra objects that never enrolled.

Source: "Registration overview", deregister a device [D]: the Entra object goes with the registration
only if the device is not and never was enrolled.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from devices.models import EntraDevice, IdentityKey, Registration
from devices.registry.records import ReleaseResult
from tenants.models import Tenant

NOT_REGISTERED = (807, "ZtdDeviceIsNotRegistered")


def release(*, tenant: Tenant, device_ids: Sequence[UUID], reason: str, now: datetime) -> list[ReleaseResult]:
    """End the tenant's live registrations among the ids; the others answer 807."""
    with transaction.atomic():
        rows = Registration.objects.of(tenant).live().filter(pk__in=device_ids)
        held = set(rows.select_for_update().order_by("pk").values_list("pk", flat=True))
        Registration.objects.of(tenant).filter(pk__in=held).update(
            ended_at=now, end_reason=reason, changed_at=now
        )
        IdentityKey.objects.filter(registration__in=held).update(is_live=False)
        objects, removed = _release_objects(tenant, held, now)
    return [_result(device_id, held, objects, removed) for device_id in device_ids]


def _release_objects(tenant: Tenant, held: set[UUID], now: datetime) -> tuple[dict[UUID, UUID], set[UUID]]:
    """Entra object by registration, and the objects removed because they never enrolled."""
    rows = EntraDevice.objects.of(tenant).live().filter(ztdid__in=held)
    found = list(rows.values_list("ztdid", "pk", "has_enrolled"))
    unused = {pk for _ztdid, pk, has_enrolled in found if not has_enrolled}
    EntraDevice.objects.of(tenant).filter(pk__in=unused).update(deleted_at=now)
    kept = [pk for _ztdid, pk, has_enrolled in found if has_enrolled]
    EntraDevice.objects.of(tenant).filter(pk__in=kept).update(ztdid=None, physical_ids=[])
    return {ztdid: pk for ztdid, pk, _enrolled in found}, unused


def _result(device_id: UUID, held: set[UUID], objects: dict[UUID, UUID], removed: set[UUID]) -> ReleaseResult:
    if device_id not in held:
        code, name = NOT_REGISTERED
        return ReleaseResult(device_id, is_released=False, code=code, name=name)
    entra_device = objects.get(device_id)
    return ReleaseResult(
        device_id,
        is_released=True,
        entra_device=entra_device,
        is_entra_device_removed=entra_device in removed,
    )
