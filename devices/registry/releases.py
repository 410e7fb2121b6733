"""End registrations: free their claims, and remove Entra objects that never enrolled.

Sources: "Registration overview", deregister a device [D]: the Entra object goes with the registration
only if the device is not and never was enrolled; the device directory service's codes 807 and 811 [D].
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from devices.models import EntraDevice, IdentityKey, Registration
from devices.registry.records import ReleaseResult
from tenants.models import Tenant

NOT_REGISTERED = (807, "ZtdDeviceIsNotRegistered")
BY_OTHER_TENANT = (811, "ZtdDeviceRegisteredByOtherTenant")


def release(*, tenant: Tenant, device_ids: Sequence[UUID], reason: str, now: datetime) -> list[ReleaseResult]:
    """End the tenant's live registrations among the ids; the others answer as `refusals` says."""
    with transaction.atomic():
        rows = Registration.objects.of(tenant).live().filter(pk__in=device_ids)
        held = set(rows.select_for_update().order_by("pk").values_list("pk", flat=True))
        Registration.objects.of(tenant).filter(pk__in=held).update(
            ended_at=now, end_reason=reason, changed_at=now
        )
        IdentityKey.objects.filter(registration__in=held).update(is_live=False)
        objects, removed = _release_objects(tenant, held, now)
    refused = refusals(tenant=tenant, device_ids=[pk for pk in device_ids if pk not in held])
    return [_result(device_id, refused.get(device_id), objects, removed) for device_id in device_ids]


def refusals(*, tenant: Tenant, device_ids: Sequence[UUID]) -> dict[UUID, tuple[int, str]]:
    """Why the service would not release these: 811 where another tenant registered it, else 807."""
    rows = Registration.unscoped.live().filter(pk__in=device_ids, authority=tenant.authority)
    holders = dict(rows.values_list("pk", "tenant_id"))
    return {
        pk: BY_OTHER_TENANT if pk in holders else NOT_REGISTERED
        for pk in device_ids
        if holders.get(pk) != tenant.pk
    }


def _release_objects(tenant: Tenant, held: set[UUID], now: datetime) -> tuple[dict[UUID, UUID], set[UUID]]:
    """Entra object by registration, and the objects removed because they never enrolled."""
    rows = EntraDevice.objects.of(tenant).live().filter(ztdid__in=held)
    found = list(rows.values_list("ztdid", "pk", "has_enrolled"))
    unused = {pk for _ztdid, pk, has_enrolled in found if not has_enrolled}
    EntraDevice.objects.of(tenant).filter(pk__in=unused).update(deleted_at=now)
    kept = [pk for _ztdid, pk, has_enrolled in found if has_enrolled]
    EntraDevice.objects.of(tenant).filter(pk__in=kept).update(ztdid=None, physical_ids=[])
    return {ztdid: pk for ztdid, pk, _enrolled in found}, unused


def _result(
    device_id: UUID, refusal: tuple[int, str] | None, objects: dict[UUID, UUID], removed: set[UUID]
) -> ReleaseResult:
    if refusal is not None:
        code, name = refusal
        return ReleaseResult(device_id, is_released=False, code=code, name=name)
    entra_device = objects.get(device_id)
    return ReleaseResult(
        device_id,
        is_released=True,
        entra_device=entra_device,
        is_entra_device_removed=entra_device in removed,
    )
