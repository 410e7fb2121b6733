"""The left navigation of a tenant and of a partner; apps are named by string (portal/ui/navigation.py)."""

from typing import Any

from django.utils.translation import gettext_lazy as _


def item(label: Any, url: str, icon: str, permission: str) -> dict[str, Any]:
    """One declared link."""
    return {"label": label, "url": url, "icon": icon, "permission": permission}


SECTIONS: list[dict[str, Any]] = [
    {"label": "", "items": [item(_("Overview"), "tenants:overview", "home", "tenant.read")]},
    {
        "label": _("Devices"),
        "items": [
            item(
                _("Windows devices"),
                "devices:windows_devices",
                "computer-desktop",
                "managed_devices.read",
            ),
            item(_("Microsoft Entra devices"), "devices:entra_devices", "cube", "entra_devices.read"),
            item(_("Orphans"), "devices:orphans", "link-slash", "devices.read"),
        ],
    },
    {
        "label": _("Enrollment"),
        "items": [
            item(
                _("Windows Autopilot devices"),
                "devices:autopilot_devices",
                "rocket-launch",
                "devices.read",
            ),
            item(_("Removed devices"), "devices:removed_devices", "archive-box-x-mark", "devices.read"),
            item(
                _("Deployment profiles"),
                "devices:deployment_profiles",
                "clipboard-document-list",
                "profiles.read",
            ),
            item(
                _("Enrollment failures"),
                "devices:enrollment_failures",
                "exclamation-triangle",
                "devices.read",
            ),
            item(_("Imports"), "devices:imports", "arrow-up-tray", "devices.read"),
            item(_("Syncs"), "devices:syncs", "arrow-path", "devices.read"),
        ],
    },
    {
        "label": _("Directory"),
        "items": [
            item(_("Groups"), "devices:groups", "user-group", "groups.read"),
            item(_("Users"), "tenants:users", "users", "users.read"),
        ],
    },
    {
        "label": _("Operations"),
        "items": [
            item(_("Jobs"), "tenants:jobs", "queue-list", "jobs.read"),
            item(_("Audit log"), "tenants:audit", "document-magnifying-glass", "audit.read"),
        ],
    },
    {"label": "", "items": [item(_("Settings"), "tenants:settings", "cog-6-tooth", "settings.read")]},
]

PARTNER_SECTIONS: list[dict[str, Any]] = [
    {"label": "", "items": [item(_("Overview"), "tenants:partner_overview", "home", "partner.read")]},
    {
        "label": _("Customers"),
        "items": [
            item(_("Customers"), "tenants:partner_customers", "building-office-2", "customers.read"),
            item(
                _("Authorization requests"),
                "tenants:partner_requests",
                "envelope",
                "authorizations.read",
            ),
        ],
    },
    {
        "label": _("Devices"),
        "items": [
            item(_("Batches"), "devices:partner_batches", "queue-list", "batches.read"),
            item(_("Devices"), "devices:partner_devices", "rocket-launch", "partner_devices.read"),
            item(_("Report hardware hashes"), "devices:partner_report", "finger-print", "hashes.report"),
        ],
    },
    {
        "label": _("Settings"),
        "items": [
            item(_("People"), "tenants:partner_people", "users", "partner_people.read"),
            item(_("API clients"), "tenants:partner_clients", "key", "partner_clients.read"),
        ],
    },
]
