"""`POST /device/v1/enrollments` and `/device/v1/joins`: a machine enrolls, with a profile or without."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone

from devices.forms.device_side import EnrollmentRequest, JoinRequest, camel
from devices.models import ManagedDevice
from devices.services.device_side import enrolling, machines
from devices.services.device_side.enrolling import Asked
from devices.views.device_side.door import door
from tenants.models import Tenant
from tenants.permissions import Actor


@door(EnrollmentRequest)
def enrollment(request: HttpRequest, tenant: Tenant, actor: Actor, **values: Any) -> dict[str, Any]:
    """Enroll a registered machine: userDriven, selfDeploying or preProvisioning."""
    return _enrolled(tenant, actor, **values)


@door(JoinRequest)
def join(request: HttpRequest, tenant: Tenant, actor: Actor, **values: Any) -> dict[str, Any]:
    """Join a machine without a profile: entraJoin, hybridJoin, workAccount or mdmOnly."""
    return _enrolled(tenant, actor, **values)


def _enrolled(
    tenant: Tenant, actor: Actor, hardware_hash: str, mode: ManagedDevice.Mode, user: str, os_version: str
) -> dict[str, Any]:
    asked = Asked(mode, machines.captured(hardware_hash), user, os_version)
    found = enrolling.enroll(tenant=tenant, actor=actor, asked=asked, now=timezone.now())
    registered = found.managed.autopilot_device_id
    return {**managed_device(found.managed, registered), "deviceSecret": found.secret}


def managed_device(managed: ManagedDevice, registered: UUID | None) -> dict[str, Any]:
    """An Intune record in the words of Graph; registered names its live registration."""
    entra = managed.entra_device
    return {
        "managedDeviceId": str(managed.pk),
        "azureADDeviceId": str(entra.device_id) if entra else None,
        "autopilotDeviceId": str(registered) if registered else None,
        "deviceName": managed.device_name,
        "enrollmentType": camel(managed.mode),
        "managedDeviceOwnerType": managed.ownership,
        "userPrincipalName": managed.user_principal_name or None,
        "joinType": entra.trust_type or None if entra else None,
    }
