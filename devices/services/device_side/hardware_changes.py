"""Changed hardware of an enrolled device: Fix pending at one check-in, its outcome at the next.

Rules: "Motherboard replacement", "Troubleshooting FAQ" [D]: the service tries to register the new
hardware by itself while the operating system is intact and the tenant the same; otherwise the device
needs attention and gets no profile until it was reset and registered again. Another disk is no change.
"""

from datetime import datetime
from typing import Any

from django.db.models import F

from devices.connectors import connector_for
from devices.hardware.match import Verdict
from devices.models import AutopilotDevice
from devices.services.device_side.machines import Capture
from devices.services.syncs import mirroring
from tenants.models import AuditEvent, Tenant
from tenants.permissions import Actor
from tenants.services import audit

Remediation = AutopilotDevice.RemediationState


def look(*, tenant: Tenant, actor: Actor, device: AutopilotDevice, capture: Capture, now: datetime) -> str:
    """Compare a check-in's capture with the registration; the device's remediation state after it."""
    state = device.remediation_state
    if state == Remediation.ATTENTION_REQUIRED:
        return state
    found = connector_for(tenant).compare(tenant=tenant, device_id=device.pk, identity=capture.identity)
    if found is None:
        return state
    if found.verdict == Verdict.SAME:
        if state != Remediation.NONE:
            _turn(tenant, actor, device, Remediation.NONE, now, "device.hardware_unchanged")
        return Remediation.NONE
    if state != Remediation.FIX_PENDING:
        reasons = "; ".join(each.text for each in found.reasons if each.agrees is False)
        _turn(tenant, actor, device, Remediation.FIX_PENDING, now, "device.hardware_changed", reasons=reasons)
        return Remediation.FIX_PENDING
    return _register(tenant, actor, device, capture, now)


def _register(tenant: Tenant, actor: Actor, device: AutopilotDevice, capture: Capture, now: datetime) -> str:
    connector = connector_for(tenant)
    answer = connector.rebind(
        tenant=tenant, device_id=device.pk, identity=capture.identity, blob=capture.blob, now=now
    )
    if answer.device_id is not None:
        _turn(tenant, actor, device, Remediation.NONE, now, "device.hardware_registered")
        return Remediation.NONE
    connector.require_attention(tenant=tenant, device_id=device.pk, now=now)
    code = f"{answer.code} {answer.name}"
    activity = "device.hardware_refused"
    _turn(tenant, actor, device, Remediation.ATTENTION_REQUIRED, now, activity, code=code)
    return Remediation.ATTENTION_REQUIRED


def _turn(
    tenant: Tenant,
    actor: Actor,
    device: AutopilotDevice,
    state: str,
    now: datetime,
    activity: str,
    **facts: Any,
) -> None:
    """The new state with its time, in the list and in the history; the registry's facts follow."""
    AutopilotDevice.objects.of(tenant).live().filter(pk=device.pk).update(
        remediation_state=state, remediation_changed_at=now, revision=F("revision") + 1
    )
    mirroring.mirror(tenant=tenant, device_ids=[device.pk], now=now)
    target = audit.Target(
        "autopilot_device",
        device.serial_number,
        device.pk,
        before={"remediation_state": device.remediation_state},
        after={"remediation_state": state, **facts},
    )
    is_refused = state == Remediation.ATTENTION_REQUIRED
    result = AuditEvent.Result.FAILURE if is_refused else AuditEvent.Result.SUCCESS
    audit.record(tenant=tenant, actor=actor, activity=activity, targets=[target], result=result)
