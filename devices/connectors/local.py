"""The connector of a local tenant: calls Hangar's own registry."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from devices.connectors.base import Change, Claim, ClaimResult, ReleaseResult, RemoteDevice
from devices.hardware.identity import HardwareIdentity
from devices.hardware.match import Match
from devices.registry import claims as registry_claims
from devices.registry import edits, managed, reading, recaptures, releases
from tenants.models import Tenant


class LocalConnector:
    """Hangar is the registration service; every write is accepted and confirmed at once."""

    def register(
        self,
        *,
        tenant: Tenant,
        claims: Sequence[Claim],
        registered_by: str,
        channel: str,
        now: datetime,
    ) -> list[ClaimResult]:
        """Claim machines in the registry."""
        return registry_claims.claim(
            tenant=tenant, claims=claims, registered_by=registered_by, channel=channel, now=now
        )

    def update(self, *, tenant: Tenant, changes: Sequence[Change], now: datetime) -> list[UUID]:
        """Edit registrations and their Entra objects."""
        return edits.edit(tenant=tenant, changes=changes, now=now)

    def release(
        self, *, tenant: Tenant, device_ids: Sequence[UUID], reason: str, now: datetime
    ) -> list[ReleaseResult]:
        """End registrations and free their claims."""
        return releases.release(tenant=tenant, device_ids=device_ids, reason=reason, now=now)

    def refusals(self, *, tenant: Tenant, device_ids: Sequence[UUID]) -> dict[UUID, tuple[int, str]]:
        """Look the ids up in the registry."""
        return releases.refusals(tenant=tenant, device_ids=device_ids)

    def remove_managed(self, *, tenant: Tenant, managed_ids: Sequence[UUID], now: datetime) -> list[UUID]:
        """End Intune records."""
        return managed.remove(tenant=tenant, managed_ids=managed_ids, now=now)

    def managed(self, *, tenant: Tenant, managed_ids: Sequence[UUID]) -> list[UUID]:
        """Read Intune records."""
        return managed.enrolled(tenant=tenant, managed_ids=managed_ids)

    def registrations(
        self,
        *,
        tenant: Tenant,
        after: UUID | None = None,
        ids: Sequence[UUID] | None = None,
        limit: int = 1000,
    ) -> list[RemoteDevice]:
        """Read the registry."""
        return reading.registrations(tenant=tenant, after=after, ids=ids, limit=limit)

    def compare(self, *, tenant: Tenant, device_id: UUID, identity: HardwareIdentity) -> Match | None:
        """Compare with the held hash."""
        return recaptures.compare(tenant=tenant, device_id=device_id, identity=identity)

    def rebind(
        self, *, tenant: Tenant, device_id: UUID, identity: HardwareIdentity, blob: bytes, now: datetime
    ) -> ClaimResult:
        """Exchange keys and hash of a registration."""
        return recaptures.rebind(tenant=tenant, device_id=device_id, identity=identity, blob=blob, now=now)

    def require_attention(self, *, tenant: Tenant, device_id: UUID, now: datetime) -> None:
        """Mark the registration."""
        recaptures.require_attention(tenant=tenant, device_id=device_id, now=now)
