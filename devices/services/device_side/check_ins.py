"""A check-in of an enrolled device: facts, changed hardware, automatic registration, remote actions."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from devices.models import AutopilotDevice, DeviceAction, EntraDevice, ManagedDevice
from devices.services.device_side import automatic_registration, hardware_changes, machines
from devices.services.device_side.machines import Capture
from devices.services.managed import actions, resetting
from devices.services.managed.actions import Acknowledged
from devices.services.profiles import assignment
from tenants.models import Tenant
from tenants.permissions import Actor


@dataclass(slots=True)
class CheckedIn:
    """What the device is told; is_reset: it has just been wiped and enrolls anew."""

    managed: ManagedDevice
    device: AutopilotDevice | None = None
    remediation: str = AutopilotDevice.RemediationState.NONE
    actions: list[DeviceAction] = field(default_factory=list)
    is_reset: bool = False


def check_in(
    *,
    tenant: Tenant,
    actor: Actor,
    secret: str,
    capture: Capture,
    os_version: str,
    answers: Sequence[Acknowledged],
    now: datetime,
) -> CheckedIn:
    """Take a device's report and its answers, and hand out what waits for it.

    Raises UnknownSecret, NoLongerEnrolled.
    """
    with transaction.atomic():
        managed = machines.enrolled_with(tenant=tenant, secret=secret)
        if actions.acknowledge(managed, actor=actor, answers=answers, now=now):
            return CheckedIn(managed, is_reset=True)
        _write(managed, os_version, now)
        device = _registered(tenant, managed)
        if device is None:
            device = automatic_registration.consider(
                tenant=tenant, actor=actor, managed=managed, capture=capture, now=now
            )
            remediation = str(AutopilotDevice.RemediationState.NONE)
        else:
            AutopilotDevice.objects.of(tenant).filter(pk=device.pk).update(last_contacted_at=now)
            remediation = hardware_changes.look(
                tenant=tenant, actor=actor, device=device, capture=capture, now=now
            )
        return CheckedIn(managed, device, remediation, actions.deliver(managed, now=now))


def report_reset(*, tenant: Tenant, actor: Actor, secret: str, now: datetime) -> ManagedDevice:
    """A device says that it resets itself; raises UnknownSecret, NoLongerEnrolled."""
    with transaction.atomic():
        managed = machines.enrolled_with(tenant=tenant, secret=secret)
        resetting.note(actor=actor, managed=managed, now=now)
    return managed


def _registered(tenant: Tenant, managed: ManagedDevice) -> AutopilotDevice | None:
    rows = AutopilotDevice.objects.of(tenant).live().select_for_update(of=("self",))
    found: AutopilotDevice | None = rows.filter(pk=managed.autopilot_device_id).first()
    return found


def _write(managed: ManagedDevice, os_version: str, now: datetime) -> None:
    """The time of the check-in; another version of Windows reaches the Entra object and its groups."""
    managed.last_check_in_at = now
    if not os_version or os_version == managed.os_version:
        managed.save(update_fields=["last_check_in_at"])
        return
    managed.os_version = os_version
    managed.save(update_fields=["last_check_in_at", "os_version"])
    entra = EntraDevice.objects.of(managed.tenant).live().filter(pk=managed.entra_device_id).first()
    if entra is not None:
        EntraDevice.objects.of(managed.tenant).filter(pk=entra.pk).update(os_version=os_version)
        assignment.refresh_objects(tenant=managed.tenant, entra_device_ids=[entra.pk], now=now)
