"""The values that cross into the registration service and back."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from devices.hardware.identity import HardwareIdentity

EDITABLE = (
    "group_tag",
    "purchase_order",
    "display_name",
    "user_principal_name",
    "addressable_user_name",
)


@dataclass(frozen=True, slots=True)
class Claim:
    """One machine to register; `reference` is the caller's own number and comes back in the result.

    entra_device: the object the machine joined before, which then carries the registration's ids.
    """

    reference: int
    identity: HardwareIdentity
    blob: bytes
    group_tag: str = ""
    purchase_order: str = ""
    display_name: str = ""
    user_principal_name: str = ""
    addressable_user_name: str = ""
    product_key: str = ""
    partner_id: UUID | None = None
    replaces: UUID | None = None
    entra_device: UUID | None = None


@dataclass(frozen=True, slots=True)
class ClaimResult:
    """What came of a claim: device_id when registered; else the service's code, name and holder.

    existing is the registration that already holds the machine; existing_tenant its tenant.
    """

    reference: int
    device_id: UUID | None = None
    code: int | None = None
    name: str = ""
    existing: UUID | None = None
    existing_tenant: UUID | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """New values of a device; keys from EDITABLE, an empty text clears."""

    device_id: UUID
    fields: dict[str, str]


@dataclass(frozen=True, slots=True)
class ReleaseResult:
    """What came of a release; code 807 when the device is not registered in this tenant."""

    device_id: UUID
    is_released: bool
    code: int | None = None
    name: str = ""
    entra_device: UUID | None = None
    is_entra_device_removed: bool = False


@dataclass(frozen=True, slots=True)
class RemoteDevice:
    """A registration as the service shows it (Graph windowsAutopilotDeviceIdentity)."""

    id: UUID
    serial_number: str
    manufacturer: str
    model: str
    product_key: str
    sku_number: str
    system_family: str
    group_tag: str
    purchase_order: str
    display_name: str
    user_principal_name: str
    addressable_user_name: str
    registered_by: str
    registered_at: datetime
    partner_id: UUID | None = None
    is_attention_required: bool = False
