"""The words of what audit events, evidence and jobs keep under names: values and counters."""

from datetime import datetime
from typing import Any

from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

LABELS: dict[str, Any] = {
    "active": gettext_lazy("Active"),
    "address": gettext_lazy("Address"),
    "all_devices": gettext_lazy("All devices"),
    "allows_personal": gettext_lazy("Allows personal devices"),
    "approval_above": gettext_lazy("Approval above"),
    "authority": gettext_lazy("Authority"),
    "code": gettext_lazy("Code"),
    "computer": gettext_lazy("Computer"),
    "cooling_off_hours": gettext_lazy("Cooling-off hours"),
    "defect": gettext_lazy("Defect"),
    "deleted_at": gettext_lazy("Deleted at"),
    "description": gettext_lazy("Description"),
    "device_id": gettext_lazy("Device ID"),
    "device_limit": gettext_lazy("Device limit"),
    "device_name": gettext_lazy("Device name"),
    "device_name_template": gettext_lazy("Device name template"),
    "device_type": gettext_lazy("Create as"),
    "device_usage_type": gettext_lazy("Deployment mode"),
    "devices": gettext_lazy("Devices"),
    "direct_profile": gettext_lazy("Profile assigned by hand"),
    "display_name": gettext_lazy("Display name"),
    "earlier": gettext_lazy("Asked for earlier"),
    "escape_link_hidden": gettext_lazy("Hide change account options"),
    "eula_hidden": gettext_lazy("Hide Microsoft Software License Terms"),
    "excluded": gettext_lazy("Excluded groups"),
    "exists": gettext_lazy("Still there"),
    "expires": gettext_lazy("Expires"),
    "for_one_run": gettext_lazy("For one run"),
    "group": gettext_lazy("Group"),
    "group_tag": gettext_lazy("Group tag"),
    "groups": gettext_lazy("Groups"),
    "hardware_hash_extraction_enabled": gettext_lazy("Convert all targeted devices to Autopilot"),
    "has_enrolled": gettext_lazy("Has enrolled"),
    "has_hash": gettext_lazy("Hash held"),
    "included": gettext_lazy("Included groups"),
    "is_licensed": gettext_lazy("Licensed for Intune"),
    "is_on": gettext_lazy("Switched on"),
    "join_type": gettext_lazy("Join to Microsoft Entra ID as"),
    "key": gettext_lazy("Key"),
    "keyboard_selection_page_skipped": gettext_lazy("Automatically configure keyboard"),
    "kind": gettext_lazy("Kind"),
    "locale": gettext_lazy("Language (Region)"),
    "manufacturers": gettext_lazy("Manufacturer names"),
    "members": gettext_lazy("Members"),
    "mode": gettext_lazy("Enrollment type"),
    "name": gettext_lazy("Name"),
    "override": gettext_lazy("Override"),
    "physical_ids": gettext_lazy("Physical IDs"),
    "preprovisioning_allowed": gettext_lazy("Allow pre-provisioned deployment"),
    "privacy_settings_hidden": gettext_lazy("Hide privacy settings"),
    "provider": gettext_lazy("Indirect provider"),
    "purchase_order": gettext_lazy("Purchase order"),
    "reason": gettext_lazy("Reason"),
    "region": gettext_lazy("Region"),
    "registered_by": gettext_lazy("Registered by"),
    "remediation_state": gettext_lazy("Remediation state"),
    "removed_at": gettext_lazy("Removed at"),
    "replaced_by": gettext_lazy("Replaced by"),
    "replaces": gettext_lazy("Replaces"),
    "roles": gettext_lazy("Roles"),
    "rule": gettext_lazy("Rule"),
    "sales_region": gettext_lazy("Sales region"),
    "scope": gettext_lazy("Scope"),
    "sent_to": gettext_lazy("Sent to"),
    "simulated": gettext_lazy("Simulated"),
    "skip_connectivity_check": gettext_lazy("Skip AD connectivity check"),
    "user": gettext_lazy("User"),
    "user_principal_name": gettext_lazy("User principal name"),
    "user_type": gettext_lazy("User account type"),
    "userless_enrollment": gettext_lazy("Userless enrollment"),
    "would_remove": gettext_lazy("Would remove"),
    "ztdid": gettext_lazy("ZTDID"),
}


COUNTERS: dict[str, Any] = {
    "changed": gettext_lazy("Changed"),
    "disabled": gettext_lazy("Disabled object"),
    "done": gettext_lazy("Done"),
    "failed": gettext_lazy("Failed"),
    "no_entra_device": gettext_lazy("No Microsoft Entra object"),
    "not_registered": gettext_lazy("Enrolled, not registered"),
    "stale_twin": gettext_lazy("Stale twin object"),
    "tag_differs": gettext_lazy("Group tag differs from OrderID"),
    "unchanged": gettext_lazy("Unchanged"),
    "user_gone": gettext_lazy("User is gone"),
    "ztdid_without_registration": gettext_lazy("ZTDID without registration"),
}


def label_of(name: str) -> str:
    """A kept value's visible word; a name that no act of today keeps reads as it is spelled."""
    return str(LABELS.get(name) or name.replace("_", " ").capitalize())


def counter_of(name: str) -> str:
    """The visible word of a job's counter."""
    return str(COUNTERS.get(name) or label_of(name))


def said(name: str, value: Any) -> Any:
    """A kept value as a person reads it; None where it was not kept."""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if name.endswith("_at") and value:
        return f"{localtime(datetime.fromisoformat(value)):%Y-%m-%d %H:%M}"
    return value


def told(before: dict[str, Any] | None, after: dict[str, Any] | None) -> list[tuple[str, Any, Any]]:
    """Name, value before and value after of everything kept, in the order it was kept."""
    old, new = before or {}, after or {}
    names = dict.fromkeys([*old, *new])
    return [(name, said(name, old.get(name)), said(name, new.get(name))) for name in names]
