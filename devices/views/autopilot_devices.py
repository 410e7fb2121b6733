"""*Windows Autopilot devices*: the list and its export."""

from functools import cached_property
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from devices.filters.autopilot_devices import AutopilotDeviceFilters
from devices.models import AutopilotDevice
from devices.services.autopilot import exporting
from devices.services.syncs import syncing
from devices.tables.autopilot_devices import (
    AutopilotDeviceTable,
)
from portal.ui.commands import Command, Placed, placed
from portal.ui.exports import csv_download
from portal.ui.list_blade import ListBlade
from portal.ui.selection import BadSelection
from tenants.access import actor_of, needs, tenants_of

MOVE = "devices:autopilot_move"


class AutopilotDevices(ListBlade):
    """Every registered device of the tenant."""

    permission = "devices.read"
    title = gettext_lazy("Windows Autopilot devices")
    breadcrumb = (
        gettext_lazy("Devices"),
        gettext_lazy("Enrollment"),
        gettext_lazy("Windows"),
        gettext_lazy("Windows Autopilot"),
        (gettext_lazy("Devices"), "devices:autopilot_devices"),
    )
    noun = (gettext_lazy("device"), gettext_lazy("devices"))
    url_name = "devices:autopilot_devices"
    object_url_name = "devices:autopilot_device"
    table_class = AutopilotDeviceTable
    filterset_class = AutopilotDeviceFilters
    search_column, search_prefix = "search", "serial_number"
    search_placeholder = gettext_lazy("Search by serial number, model, tag, user …")
    default_sort = "serial_number"
    commands = (
        Command(
            gettext_lazy("Sync"),
            "devices:sync_start",
            icon="arrow-path-rounded-square",
            permission="devices.sync",
            stays=True,
        ),
        "filter",
        Command(
            gettext_lazy("Import"),
            "devices:import_new",
            icon="arrow-up-tray",
            permission="devices.import",
            stays=True,
        ),
        "export",
        Command(
            gettext_lazy("Assign user"),
            "devices:autopilot_assign_user",
            icon="user-plus",
            permission="devices.update",
            selection="many",
            stays=True,
        ),
        "refresh",
        Command(
            gettext_lazy("Delete"),
            "devices:autopilot_delete",
            icon="trash",
            permission="devices.delete",
            selection="many",
            stays=True,
        ),
        Command(
            gettext_lazy("Unblock device"),
            "devices:autopilot_unblock",
            icon="lock-open",
            permission="devices.update",
            selection="many",
            stays=True,
        ),
        Command(
            gettext_lazy("Edit group tag"),
            "devices:autopilot_edit_group_tag",
            icon="tag",
            permission="devices.update",
            selection="many",
            stays=True,
        ),
        Command(
            gettext_lazy("Assign profile"),
            "devices:autopilot_assign_profile",
            icon="clipboard-document-list",
            permission="profiles.assign",
            selection="many",
            stays=True,
        ),
        Command(
            gettext_lazy("Unassign user"),
            "devices:autopilot_unassign_user",
            icon="user-minus",
            permission="devices.update",
            selection="many",
            stays=True,
        ),
        Command(
            gettext_lazy("Add to group"),
            "devices:add_to_group",
            icon="user-group",
            permission="groups.manage",
            selection="many",
            stays=True,
        ),
        Command(
            gettext_lazy("Move"),
            MOVE,
            icon="arrow-right-start-on-rectangle",
            permission="devices.delete",
            selection="many",
        ),
        Command(
            gettext_lazy("Export with hashes"),
            "devices:autopilot_devices_export",
            icon="finger-print",
            permission="devices.export_hash",
            opens="export",
            query="with_hash=1",
        ),
        "columns",
    )
    row_commands = (
        Command(
            gettext_lazy("Assign user"),
            "devices:autopilot_assign_user",
            permission="devices.update",
            selection="one",
        ),
        Command(
            gettext_lazy("Unassign user"),
            "devices:autopilot_unassign_user",
            permission="devices.update",
            selection="one",
        ),
        Command(
            gettext_lazy("Edit group tag"),
            "devices:autopilot_edit_group_tag",
            permission="devices.update",
            selection="one",
        ),
        Command(
            gettext_lazy("Assign profile"),
            "devices:autopilot_assign_profile",
            permission="profiles.assign",
            selection="one",
        ),
        Command(
            gettext_lazy("Unassign profile"),
            "devices:autopilot_unassign_profile",
            permission="profiles.assign",
            selection="one",
        ),
        Command(
            gettext_lazy("Delete"),
            "devices:autopilot_delete",
            permission="devices.delete",
            selection="one",
        ),
    )
    intro_template = "devices/autopilot_devices/_intro.html"
    empty_template = "devices/autopilot_devices/_empty.html"

    def get_queryset(self) -> Any:
        """The live devices; linked records only where their column is shown."""
        rows = AutopilotDevice.objects.of(self.request.tenant).live()  # type: ignore[attr-defined]
        rows = rows.select_related("assigned_profile", "deletion_job__approval")
        if "entra_device" in self.names:
            rows = rows.select_related("entra_device")
        return rows.with_managed() if "managed_device" in self.names else rows

    @cached_property
    def bar(self) -> list[Placed]:
        """Move only for people who administer another tenant as well."""
        here = self.request.tenant  # type: ignore[attr-defined]
        has_other = any(each != here for each in tenants_of(self.request, permission="devices.import"))
        shown = [each for each in self.commands if has_other or getattr(each, "url", "") != MOVE]
        return placed(shown, self.request)

    def get_context(self) -> dict[str, Any]:
        """The numbers of the Essentials strip."""
        tenant = self.request.tenant  # type: ignore[attr-defined]
        return {"clock": syncing.clock(tenant=tenant, now=timezone.now())}


@needs("devices.read")
@never_cache
@require_safe
def export(request: HttpRequest) -> HttpResponseBase:
    """The list as CSV; with_hash=1 gives the five import columns instead of the visible ones."""
    sent = request.GET.copy()
    wanted = sent.pop("with_hash", [""])[-1]
    if wanted not in ("", "0", "1"):
        raise BadSelection(_("with_hash is 1 or left out."))
    blade = AutopilotDevices(request, sent)
    if wanted != "1":
        return blade.export()
    if blade.problems:
        raise BadSelection(" ".join(blade.problems))
    lines = exporting.with_hash(
        tenant=request.tenant,  # type: ignore[attr-defined]
        actor=actor_of(request),
        rows=blade.matching,
    )
    name = f"autopilot-devices-with-hash-{timezone.now():%Y-%m-%d}.csv"
    return csv_download(lines, name)
