"""The capture that a machine presents, and which device of the tenant it is."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from devices.hardware.base64_text import bytes_of
from devices.hardware.decode import HashFault, decode
from devices.hardware.identity import HardwareIdentity
from devices.models import AutopilotDevice, ManagedDevice
from devices.registry import recognition
from devices.registry.claims import listed_serial
from devices.registry.recognition import Kind, Place
from devices.services.syncs import mirroring
from portal.errors import Refused
from tenants.models import Tenant
from tenants.services.links import digest_of


class BadHash(Refused):
    """The presented text is not a sound hardware hash."""

    code = "bad_hardware_hash"


class UnknownSecret(Refused):
    """No enrolled device of the tenant has this secret."""

    code = "unknown_device_secret"
    status = 401


class NoLongerEnrolled(Refused):
    """The Intune record of the device was deleted."""

    code = "no_longer_enrolled"
    status = 410


@dataclass(frozen=True, slots=True)
class Capture:
    """A hash as presented: its bytes and what they say."""

    blob: bytes
    identity: HardwareIdentity

    @property
    def serial(self) -> str:
        """The serial number a device with this hash is listed by."""
        return listed_serial(self.identity)


def captured(text: str) -> Capture:
    """Read a presented hash; raises BadHash, whose sentence never holds the hash."""
    try:
        blob, _repairs = bytes_of(text, repair=True)
        return Capture(blob, decode(blob))
    except HashFault as fault:
        raise BadHash(fault.message, field="hardware_hash") from fault


def place_of(*, tenant: Tenant, capture: Capture) -> Place:
    """Where the machine stands among the live registrations, seen from the tenant."""
    return recognition.recognise(tenant=tenant, identities={1: capture.identity})[1]


def device_of(*, tenant: Tenant, place: Place, now: datetime, lists: bool = False) -> AutopilotDevice | None:
    """The listed device that a machine is; lists: bring one that no sync has brought yet into the list."""
    if place.kind != Kind.HERE or place.holder is None:
        return None
    found = _listed(tenant, place.holder.registration)
    if found is None and lists:
        mirroring.mirror(tenant=tenant, device_ids=[place.holder.registration], now=now)
        found = _listed(tenant, place.holder.registration)
    return found


def _listed(tenant: Tenant, pk: UUID) -> AutopilotDevice | None:
    rows = AutopilotDevice.objects.of(tenant).live().select_related("assigned_profile", "entra_device")
    found: AutopilotDevice | None = rows.filter(pk=pk).first()
    return found


def new_secret() -> tuple[str, str]:
    """A device's secret for its check-ins, and the digest that is kept of it."""
    secret = f"hangar-device-{secrets.token_urlsafe(32)}"
    return secret, digest_of(secret)


def enrolled_with(*, tenant: Tenant, secret: str) -> ManagedDevice:
    """The enrolled device with a secret, locked; raises UnknownSecret, NoLongerEnrolled."""
    rows = ManagedDevice.objects.of(tenant).select_for_update(of=("self",))
    found: ManagedDevice | None = rows.filter(secret_digest=digest_of(secret)).first() if secret else None
    if found is None:
        raise UnknownSecret(_("Give the secret that the device got when it enrolled."))
    if found.removed_at is not None:
        raise NoLongerEnrolled(_("This device was deleted from Windows devices; it is managed no longer."))
    return found
