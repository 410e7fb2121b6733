"""`POST /device/v1/profile`: a machine in its set-up presents its hash and gets its effective profile."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone

from devices.forms.device_side import ProfileRequest, camel
from devices.models import DeploymentProfile
from devices.services.device_side import machines, presenting
from devices.services.device_side.presenting import Presented
from devices.services.profiles import oobe
from devices.views.device_side.door import SECRET_HEADER, door
from tenants.models import Tenant, VerifiedDomain
from tenants.permissions import Actor

BUILT_IN = "Default (built-in)"


@door(ProfileRequest)
def profile(
    request: HttpRequest, tenant: Tenant, actor: Actor, hardware_hash: str, profile_id: UUID | None
) -> dict[str, Any]:
    """The profile as the client keeps it, the built-in default, or that the machine is not registered."""
    now = timezone.now()
    found = presenting.present(
        tenant=tenant,
        actor=actor,
        capture=machines.captured(hardware_hash),
        secret=request.headers.get(SECRET_HEADER, ""),
        held_profile=profile_id,
        now=now,
    )
    body: dict[str, Any] = {
        "registration": camel(found.standing),
        "contactedDateTime": now.isoformat(),
        "events": [{"id": each.number, "name": each.name, "message": each.sentence} for each in found.events],
    }
    return {**body, **_registered(tenant, found)} if found.has_profile else body


def _registered(tenant: Tenant, found: Presented) -> dict[str, Any]:
    device = found.device
    settings = oobe.settings_of(found.profile)
    domain = VerifiedDomain.objects.of(tenant).order_by("created_at", "pk").first()
    return {
        "tenantId": str(tenant.pk),
        "tenantDomain": domain.name if domain else None,
        "ztdid": str(found.ztdid),
        "deviceName": found.device_name or None,
        "user": {
            "userPrincipalName": device.user_principal_name if device else "",
            "addressableUserName": device.addressable_user_name if device else "",
        },
        "profile": _profile(found.profile, settings, found),
        "configuration": _configuration(tenant, domain, settings, found),
    }


def _profile(chosen: DeploymentProfile | None, settings: oobe.Settings, found: Presented) -> dict[str, Any]:
    """The settings in the words of Graph."""
    return {
        "id": str(chosen.pk) if chosen else None,
        "displayName": chosen.display_name if chosen else BUILT_IN,
        "isDefault": chosen is None,
        "reason": camel(found.device.profile_reason) if found.device else "default",
        "deviceUsageType": "shared" if settings.is_self_deploying else "singleUser",
        "joinType": "hybrid" if settings.is_hybrid else "entra",
        "hybridAzureADJoinSkipConnectivityCheck": settings.skip_connectivity_check,
        "eulaHidden": settings.eula_hidden,
        "privacySettingsHidden": settings.privacy_settings_hidden,
        "escapeLinkHidden": settings.escape_link_hidden,
        "userType": settings.user_type,
        "preprovisioningAllowed": settings.preprovisioning_allowed,
        "locale": settings.locale,
        "keyboardSelectionPageSkipped": settings.keyboard_selection_page_skipped,
    }


def _configuration(
    tenant: Tenant, domain: VerifiedDomain | None, settings: oobe.Settings, found: Presented
) -> dict[str, Any]:
    """The same as the client's own file of it names things."""
    chosen = found.profile
    entra = found.device.entra_device if found.device else None
    return {
        "CloudAssignedTenantId": str(tenant.pk),
        "CloudAssignedTenantDomain": domain.name if domain else None,
        "CloudAssignedOobeConfig": settings.configuration,
        "CloudAssignedDomainJoinMethod": 1 if settings.is_hybrid else 0,
        "CloudAssignedForcedEnrollment": 1 if chosen is not None else 0,
        "CloudAssignedDeviceName": found.device_name or None,
        "CloudAssignedLanguage": settings.locale,
        "DeploymentProfileName": chosen.display_name if chosen else BUILT_IN,
        "ZtdRegistrationId": str(found.ztdid),
        "AadDeviceId": str(entra.device_id) if entra else None,
    }
