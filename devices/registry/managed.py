"""The Intune records of local tenants: which are enrolled, and their end."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import F

from devices.models import ManagedDevice
from tenants.models import Tenant


def remove(*, tenant: Tenant, managed_ids: Sequence[UUID], now: datetime) -> list[UUID]:
    """End these records; returns the ids that were still enrolled."""
    rows = ManagedDevice.objects.of(tenant).live().filter(pk__in=managed_ids)
    held = list(rows.select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True))
    ManagedDevice.objects.of(tenant).filter(pk__in=held).update(removed_at=now, revision=F("revision") + 1)
    return held


def enrolled(*, tenant: Tenant, managed_ids: Sequence[UUID]) -> list[UUID]:
    """Which of these records are still there."""
    rows = ManagedDevice.objects.of(tenant).live().filter(pk__in=managed_ids)
    return list(rows.values_list("pk", flat=True))
