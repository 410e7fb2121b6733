"""Automatic registration: an enrolled device that nobody registered, at its check-in.

Rules: "Automatic registration" [D]: corporate devices targeted by a profile that converts; personal ones
are skipped, hybrid ones registered but not converted, and nothing is deregistered when the setting goes.
A machine that was registered after it had enrolled becomes corporate and is associated [D, O].
"""

from datetime import datetime
from uuid import UUID

from django.db.models import F

from devices.connectors import connector_for
from devices.connectors.base import Claim
from devices.models import AutopilotDevice, EntraDevice, ManagedDevice, Registration
from devices.registry.recognition import Kind
from devices.services.device_side import machines
from devices.services.device_side.machines import Capture
from devices.services.profiles import assignment
from devices.services.profiles.converting import converting_profile
from devices.services.syncs import mirroring
from tenants.models import AuditEvent, Tenant
from tenants.permissions import Actor
from tenants.services import audit

REGISTERED_BY = "Automatic registration"
CHANNEL = Registration.Channel.AUTOMATIC.value
Ownership = ManagedDevice.Ownership


def consider(
    *, tenant: Tenant, actor: Actor, managed: ManagedDevice, capture: Capture, now: datetime
) -> AutopilotDevice | None:
    """Associate an unregistered device with its registration, or make one; the registered device."""
    place = machines.place_of(tenant=tenant, capture=capture)
    device = machines.device_of(tenant=tenant, place=place, now=now)
    if device is not None:
        _associate(tenant, actor, managed, device, now, "device.associated")
        return device
    if place.kind != Kind.FREE or not _is_targeted(tenant, managed):
        return None
    pk = _register(tenant, actor, managed, capture, now)
    if pk is None:
        return None
    device = AutopilotDevice.objects.of(tenant).get(pk=pk)
    _associate(tenant, actor, managed, device, now, "device.registered_automatically")
    return device


def _is_targeted(tenant: Tenant, managed: ManagedDevice) -> bool:
    if managed.ownership != Ownership.COMPANY or managed.entra_device_id is None:
        return False
    return converting_profile(tenant=tenant, entra_device_id=managed.entra_device_id) is not None


def _register(
    tenant: Tenant, actor: Actor, managed: ManagedDevice, capture: Capture, now: datetime
) -> UUID | None:
    """Register the machine under the object it has; a hybrid one gets the object of its own registration."""
    is_hybrid = (
        managed.entra_device is not None and managed.entra_device.trust_type == EntraDevice.TrustType.HYBRID
    )
    adopted = None if is_hybrid else managed.entra_device_id
    claim = Claim(1, capture.identity, capture.blob, entra_device=adopted)
    [answer] = connector_for(tenant).register(
        tenant=tenant, claims=[claim], registered_by=REGISTERED_BY, channel=CHANNEL, now=now
    )
    if answer.device_id is None:
        _refused(tenant, actor, managed, f"{answer.code} {answer.name}")
        return None
    mirroring.mirror(tenant=tenant, device_ids=[answer.device_id], now=now)
    if is_hybrid:
        made = EntraDevice.objects.of(tenant).live().filter(ztdid=answer.device_id).first()
        EntraDevice.objects.of(tenant).filter(pk=managed.entra_device_id).update(twin_of=made)
    return answer.device_id


def _associate(
    tenant: Tenant,
    actor: Actor,
    managed: ManagedDevice,
    device: AutopilotDevice,
    now: datetime,
    activity: str,
) -> None:
    """Both records name each other; a registered device is the company's."""
    taken = ManagedDevice.objects.of(tenant).live().filter(autopilot_device=device).exclude(pk=managed.pk)
    taken.update(removed_at=now, secret_digest=None, revision=F("revision") + 1)
    managed.autopilot_device, managed.ownership = device, Ownership.COMPANY
    managed.revision += 1
    managed.save(update_fields=["autopilot_device", "ownership", "revision"])
    EntraDevice.objects.of(tenant).filter(pk=managed.entra_device_id).update(is_company_owned=True)
    AutopilotDevice.objects.of(tenant).filter(pk=device.pk).update(
        enrollment_state=AutopilotDevice.EnrollmentState.ENROLLED,
        last_contacted_at=now,
        revision=F("revision") + 1,
    )
    assignment.refresh(tenant=tenant, device_ids=[device.pk], now=now)
    targets = [
        audit.Target("autopilot_device", device.serial_number, device.pk),
        audit.Target("managed_device", managed.device_name, managed.pk),
    ]
    audit.record(tenant=tenant, actor=actor, activity=activity, targets=targets)


def _refused(tenant: Tenant, actor: Actor, managed: ManagedDevice, code: str) -> None:
    """Said once for a device, not at every check-in."""
    activity = "device.automatic_registration_refused"
    said = AuditEvent.objects.filter(tenant=tenant, activity=activity, targets__object_id=managed.pk)
    if said.exists():
        return
    target = audit.Target("managed_device", managed.device_name, managed.pk, after={"code": code})
    audit.record(
        tenant=tenant, actor=actor, activity=activity, targets=[target], result=AuditEvent.Result.FAILURE
    )
