"""What every connector offers; the values that cross it are the registry's records."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from devices.hardware.identity import HardwareIdentity
from devices.hardware.match import Match
from devices.registry.records import (
    EDITABLE,
    Change,
    Claim,
    ClaimResult,
    ReleaseResult,
    RemoteDevice,
)
from portal.errors import Refused
from tenants.models import Tenant

__all__ = [
    "EDITABLE",
    "Change",
    "Claim",
    "ClaimResult",
    "Connector",
    "ReleaseResult",
    "RemoteDevice",
    "ServiceBusy",
]


class ServiceBusy(Refused):
    """The service cannot take this call now (throttled, unreachable); the same call later may succeed."""

    code = "service_busy"
    status = 503


class Connector(Protocol):
    """A tenant's way to its registration service; any call may raise ServiceBusy.

    A write that returns was accepted; it is confirmed once reading shows it.
    """

    def register(
        self,
        *,
        tenant: Tenant,
        claims: Sequence[Claim],
        registered_by: str,
        channel: str,
        now: datetime,
    ) -> list[ClaimResult]:
        """Register machines with the tenant; one result a claim, in the claims' order."""
        ...

    def update(self, *, tenant: Tenant, changes: Sequence[Change], now: datetime) -> list[UUID]:
        """Write new values; the ids whose values were accepted."""
        ...

    def release(
        self, *, tenant: Tenant, device_ids: Sequence[UUID], reason: str, now: datetime
    ) -> list[ReleaseResult]:
        """End registrations; one result an id, in the ids' order."""
        ...

    def refusals(self, *, tenant: Tenant, device_ids: Sequence[UUID]) -> dict[UUID, tuple[int, str]]:
        """Code and name for the ids that `release` would refuse."""
        ...

    def remove_managed(self, *, tenant: Tenant, managed_ids: Sequence[UUID], now: datetime) -> list[UUID]:
        """Delete Intune records; the ids that were there and are accepted."""
        ...

    def managed(self, *, tenant: Tenant, managed_ids: Sequence[UUID]) -> list[UUID]:
        """Which of these Intune records are there."""
        ...

    def registrations(
        self,
        *,
        tenant: Tenant,
        after: UUID | None = None,
        ids: Sequence[UUID] | None = None,
        limit: int = 1000,
    ) -> list[RemoteDevice]:
        """Live registrations by ascending id: those after a key, or the given ones."""
        ...

    def compare(self, *, tenant: Tenant, device_id: UUID, identity: HardwareIdentity) -> Match | None:
        """A capture against the registered hardware; None where the service holds no hash to compare."""
        ...

    def rebind(
        self, *, tenant: Tenant, device_id: UUID, identity: HardwareIdentity, blob: bytes, now: datetime
    ) -> ClaimResult:
        """Give a registration the hardware its machine has now; the service's code where it refuses."""
        ...

    def require_attention(self, *, tenant: Tenant, device_id: UUID, now: datetime) -> None:
        """Mark a registration whose new hardware could not be registered by itself."""
        ...
