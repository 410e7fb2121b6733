"""What a device's flyout shows beside its own row: decoded hardware, linked records, history, undo kit."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import TextChoices
from django.utils.functional import Promise

from devices.hardware.decode import HashFault, decode
from devices.hardware.identity import HardwareIdentity
from devices.models import (
    AutopilotDevice,
    Deregistration,
    ManagedDevice,
    Orphan,
    RegistrationHash,
    UndoKit,
)
from devices.services.autopilot.deregistration.evidence import Part, story
from tenants.models import AuditEvent, AuditTarget, Tenant
from tenants.services import kept_values

LAST_ACTS = 50
CODES: dict[str, type[TextChoices]] = {
    "defect": Orphan.Defect,
    "mode": ManagedDevice.Mode,
    "remediation_state": AutopilotDevice.RemediationState,
    "userless_enrollment": AutopilotDevice.UserlessEnrollment,
}
LAST_DEREGISTRATIONS = 5


@dataclass(frozen=True, slots=True)
class Change:
    """One value of an act; without `is_changed` it is only what was there."""

    label: str
    before: Any
    after: Any
    is_changed: bool


@dataclass(frozen=True, slots=True)
class Act:
    """One audit event as one device saw it."""

    event: AuditEvent
    changes: list[Change]


def hardware_of(*, tenant: Tenant, device_id: UUID) -> HardwareIdentity | None:
    """The decoded hash held for a device; None where none is held or it cannot be read."""
    rows = RegistrationHash.objects.filter(registration=device_id, registration__tenant=tenant)
    held = rows.first()
    if held is None:
        return None
    try:
        return decode(bytes(held.blob))
    except HashFault:
        return None


def managed_of(*, tenant: Tenant, device: AutopilotDevice) -> ManagedDevice | None:
    """The live Intune record linked to a device, by id."""
    rows = ManagedDevice.objects.of(tenant).live().select_related("user", "entra_device")
    return rows.filter(autopilot_device=device).first()


def history_of(*, tenant: Tenant, device_id: UUID) -> list[Act]:
    """The last acts that touched a device, newest first."""
    rows = AuditTarget.objects.filter(object_id=device_id, event__tenant=tenant)
    found = rows.select_related("event").order_by("-event__at", "-pk")[:LAST_ACTS]
    return [Act(row.event, _changes(row.before or {}, row.after or {})) for row in found]


def _changes(before: dict[str, Any], after: dict[str, Any]) -> list[Change]:
    kept = kept_values.told(before, after)
    return [
        Change(_label(name), _word(name, old), _word(name, new), name in after) for name, old, new in kept
    ]


def _word(name: str, value: Any) -> Any:
    """A kept value; a code reads as its label."""
    return str(dict(CODES[name].choices).get(value, value)) if name in CODES and value else value


def _label(name: str) -> str:
    """A value's visible word, the list's where it has one."""
    words = {field.name: field.verbose_name for field in AutopilotDevice._meta.fields}
    word = words.get(name)
    return str(word) if isinstance(word, Promise) else kept_values.label_of(name)


def deregistrations_of(*, tenant: Tenant, device_id: UUID) -> list[tuple[Deregistration, list[Part]]]:
    """A device's last deregistrations with their steps, newest first."""
    rows = Deregistration.objects.of(tenant).filter(device_id=device_id)
    rows = rows.select_related("job", "job__approval", "tried_again").order_by("-created_at", "-pk")
    return [(row, story(row)) for row in rows[:LAST_DEREGISTRATIONS]]


def kit_of(*, tenant: Tenant, device_id: UUID) -> UndoKit | None:
    """The newest undo kit of a removed device, without its hash."""
    rows = UndoKit.objects.of(tenant).filter(device_id=device_id).defer("blob")
    return rows.select_related("direct_profile").order_by("-created_at").first()


def is_hash_kept(*, tenant: Tenant, kit: UndoKit) -> bool:
    """Whether an undo kit holds a hash."""
    return UndoKit.objects.of(tenant).filter(pk=kit.pk, blob__isnull=False).exists()
