"""The sections of an Autopilot device's flyout, and what each shows beside the device's own row."""

from typing import Any

from django.utils.translation import gettext_lazy

from devices.models import AutopilotDevice
from devices.services.autopilot import facts, life
from devices.services.autopilot.enrolment import failures
from devices.services.profiles import explaining
from tenants.models import Tenant

TABS = {
    "properties": gettext_lazy("Properties"),
    "hardware": gettext_lazy("Hardware"),
    "records": gettext_lazy("Linked records"),
    "profile": gettext_lazy("Profile"),
    "history": gettext_lazy("History"),
}


def tab_context(tenant: Tenant, device: AutopilotDevice, tab: str, *, tells_managed: bool) -> dict[str, Any]:
    """The context of the chosen section; tells_managed: what the Intune record says, beside its name."""
    if tab == "hardware":
        return {"hardware": facts.hardware_of(tenant=tenant, device_id=device.pk)}
    if tab == "records":
        return _records(tenant, device, tells_managed)
    if tab == "profile":
        return {"explanation": explaining.explain(device)}
    if tab == "history":
        return _history(tenant, device)
    if tab == "removed":
        return _removed(tenant, device)
    managed = facts.managed_of(tenant=tenant, device=device)
    return {"managed": managed, "failure": failures.last_of(device)}


def _records(tenant: Tenant, device: AutopilotDevice, tells_managed: bool) -> dict[str, Any]:
    """The three records, and the device's life across them."""
    managed = facts.managed_of(tenant=tenant, device=device)
    moments = life.life_of(device, managed, failures.last_of(device), tells_managed=tells_managed)
    return {"managed": managed, "life": moments}


def _removed(tenant: Tenant, device: AutopilotDevice) -> dict[str, Any]:
    kit = facts.kit_of(tenant=tenant, device_id=device.pk)
    return {
        "kit": kit,
        "is_hash_kept": kit is not None and facts.is_hash_kept(tenant=tenant, kit=kit),
        **_history(tenant, device),
    }


def _history(tenant: Tenant, device: AutopilotDevice) -> dict[str, Any]:
    return {
        "history": facts.history_of(tenant=tenant, device_id=device.pk),
        "deregistrations": facts.deregistrations_of(tenant=tenant, device_id=device.pk),
    }
