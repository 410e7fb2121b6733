"""*Enrollment failures*: attempts that failed, of registered devices and of others."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from devices.filters.enrollment_failures import EnrollmentFailureFilters
from devices.models import EnrollmentFailure
from devices.tables.enrollment_failures import EnrollmentFailureTable
from portal.ui.list_blade import ListBlade
from portal.ui.panels import render_flyout
from tenants.access import fetch, needs


class EnrollmentFailures(ListBlade):
    """The failures of the last 90 days, newest first."""

    permission = "devices.read"
    title = gettext_lazy("Enrollment failures")
    breadcrumb = (
        gettext_lazy("Devices"),
        gettext_lazy("Enrollment"),
        (gettext_lazy("Enrollment failures"), "devices:enrollment_failures"),
    )
    noun = (gettext_lazy("failure"), gettext_lazy("failures"))
    url_name = "devices:enrollment_failures"
    object_url_name = "devices:enrollment_failure"
    table_class = EnrollmentFailureTable
    filterset_class = EnrollmentFailureFilters
    search_lookups = ("serial_number__icontains", "user_principal_name__icontains")
    search_placeholder = gettext_lazy("Search by serial number or user")
    default_sort = "-at"
    commands = ("filter", "export", "refresh", "columns")
    empty_title = gettext_lazy("No enrollment has failed")
    empty_text = gettext_lazy(
        "Attempts that machines make through the device side and that are refused are kept here for 90 days."
    )

    def get_queryset(self) -> QuerySet[EnrollmentFailure]:
        """The tenant's failures."""
        rows: QuerySet[EnrollmentFailure] = EnrollmentFailure.objects.of(self.request.tenant)  # type: ignore[attr-defined]
        return rows


@require_safe
@needs("devices.read")
def enrollment_failure(request: Any, pk: UUID) -> HttpResponse:
    """A failure's flyout: what happened, and what to do."""
    rows = EnrollmentFailure.objects.of(request.tenant).select_related("autopilot_device")
    failure = fetch(rows, pk=pk)
    return render_flyout(
        request,
        EnrollmentFailures,
        "devices/enrollment_failures/_flyout.html",
        {"failure": failure},
        title=failure.serial_number or str(failure.pk),
    )
