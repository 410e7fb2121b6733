"""What can be taken away from an import, and the template to begin with."""

from uuid import UUID

from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from devices.services.imports import downloads
from devices.services.imports.reader import template
from devices.views.imports import fetch_import
from portal.ui.exports import csv_download
from tenants.access import actor_of, needs


@require_safe
@needs("devices.import")
def import_failed(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """The rows that failed, with the reason, as CSV."""
    return csv_download(downloads.failed_rows(fetch_import(request, pk)), "failed-rows.csv")


@require_safe
@needs("devices.read")
def import_old_values(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """The values that are overwritten, as CSV."""
    return csv_download(downloads.old_values(fetch_import(request, pk)), "old-values.csv")


@require_safe
@needs("devices.export_hash")
def import_for_intune(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """The cleaned rows in Microsoft's exact format."""
    content, name = downloads.for_intune(fetch_import(request, pk), actor=actor_of(request))
    return FileResponse(content, as_attachment=True, filename=name)


@require_safe
@needs("devices.read")
def import_template(request: HttpRequest) -> HttpResponseBase:
    """The CSV template."""
    return csv_download(iter([template.template()]), "autopilot-devices.csv")
