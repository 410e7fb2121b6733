"""The overview's tiles about devices: a few counts, each leading to the list it counts."""

from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from devices.models import AutopilotDevice, Import, ManagedDevice, SyncState
from tenants.models import Tenant

TONES = {"failed": "danger", "attention_required": "danger", "fix_pending": "warning", "assigning": "info"}
ALWAYS = ("assigned", "not_assigned", "assigning")


def tiles(request: HttpRequest) -> list[dict[str, Any]]:
    """Sections (title, url, tiles, moments) the person may see; five queries at most."""
    tenant, may = request.tenant, request.permissions  # type: ignore[attr-defined]
    sections = []
    if "devices.read" in may:
        section = _autopilot(tenant)
        registered = section["tiles"][0]["value"]
        sections.append(section if registered else {**section, "start": _start(tenant, may)})
    if "managed_devices.read" in may:
        sections.append(_managed(tenant))
    return sections


def _autopilot(tenant: Tenant) -> dict[str, Any]:
    rows = AutopilotDevice.objects.of(tenant).live()
    by_status = dict(rows.order_by().values_list("profile_status").annotate(n=Count("pk")))
    words = dict(AutopilotDevice.PROFILE_STATUSES)
    url = _address("devices:autopilot_devices", tenant)
    found = [_tile(_("Registered devices"), sum(by_status.values()), url)]
    for status, label in words.items():
        count = by_status.get(status, 0)
        if count or status in ALWAYS:
            tone = TONES.get(status, "") if count else ""
            found.append(_tile(_("Profile: %(status)s") % {"status": label}, count, url, tone, status))
    unassigned = rows.aggregate(n=Count("pk", filter=Q(user=None)))["n"]
    found.append(_tile(_("Without a user"), unassigned, f"{url}?user_assigned=no" if url else ""))
    return {
        "title": _("Windows Autopilot devices"),
        "url": url,
        "tiles": found,
        "moments": [_last_sync(tenant), _last_import(tenant)],
    }


def _start(tenant: Tenant, may: frozenset[str]) -> dict[str, Any]:
    """What a tenant without devices shows instead of zeros: the next steps the person may take."""
    steps = []
    if "devices.import" in may:
        steps.append((_("Import"), _address("devices:import_new", tenant), "dialog"))
    if "settings.manage" in may:
        steps.append((_("Set up this tenant"), _address("tenants:guide", tenant), ""))
    return {
        "title": _("No devices are registered yet"),
        "text": _("Import a CSV of hardware hashes; domains and users can be added before or after."),
        "steps": steps,
    }


def _managed(tenant: Tenant) -> dict[str, Any]:
    count = ManagedDevice.objects.of(tenant).live().count()
    url = _address("devices:windows_devices", tenant)
    return {"title": _("Windows devices"), "url": url, "tiles": [_tile(_("Enrolled devices"), count, url)]}


def _tile(label: str, value: int, url: str, tone: str = "", status: str = "") -> dict[str, Any]:
    target = f"{url}?profile_status={status}" if url and status else url
    return {"label": label, "value": value, "url": target, "tone": tone}


def _last_sync(tenant: Tenant) -> tuple[str, Any, str]:
    clock = SyncState.objects.filter(tenant=tenant).first()
    url = _address("devices:syncs", tenant)
    return (_("Last successful sync"), clock.last_succeeded_at if clock else None, url)


def _last_import(tenant: Tenant) -> tuple[str, Any, str]:
    moment = Import.objects.of(tenant).order_by("-created_at").values_list("created_at", flat=True).first()
    return (_("Last import"), moment, _address("devices:imports", tenant))


def _address(name: str, tenant: Tenant) -> str:
    """A list's address; empty while nothing answers there."""
    try:
        return reverse(name, kwargs={"tenant_slug": tenant.slug})
    except NoReverseMatch:
        return ""
