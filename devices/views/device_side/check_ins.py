"""`POST /device/v1/check-ins` and `/device/v1/resets`: an enrolled device, known by its secret."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from devices.forms.device_side import CheckInRequest, camel
from devices.services.device_side import check_ins, machines
from devices.services.managed.actions import Acknowledged
from devices.views.device_side.door import SECRET_HEADER, door
from devices.views.device_side.enrolments import managed_device
from tenants.models import Tenant
from tenants.permissions import Actor

REMEDIATION = {
    "none": "noRemediationRequired",
    "fix_pending": "automaticRemediationRequired",
    "attention_required": "manualRemediationRequired",
    "unknown": "unknown",
}


@door(CheckInRequest)
def check_in(
    request: HttpRequest,
    tenant: Tenant,
    actor: Actor,
    hardware_hash: str,
    os_version: str,
    acknowledged: list[Acknowledged],
) -> dict[str, Any]:
    """Take a report, and hand out what waits; each action comes again until it was acknowledged."""
    found = check_ins.check_in(
        tenant=tenant,
        actor=actor,
        secret=request.headers.get(SECRET_HEADER, ""),
        capture=machines.captured(hardware_hash),
        os_version=os_version,
        answers=acknowledged,
        now=timezone.now(),
    )
    actions = [
        {"id": str(each.pk), "kind": each.kind, **({"newName": each.new_name} if each.new_name else {})}
        for each in found.actions
    ]
    return {
        **managed_device(found.managed, found.device.pk if found.device else None),
        "state": camel(found.managed.state),
        "remediationState": REMEDIATION[found.remediation],
        "actions": actions,
    }


@door(None)
def reset(request: HttpRequest, tenant: Tenant, actor: Actor) -> dict[str, Any]:
    """The device resets itself and will come back to its set-up; its secret ends here."""
    managed = check_ins.report_reset(
        tenant=tenant, actor=actor, secret=request.headers.get(SECRET_HEADER, ""), now=timezone.now()
    )
    return {"managedDeviceId": str(managed.pk), "state": camel(managed.state)}
