"""The devices a partner registered, and their deregistration."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from devices.filters.partners import PartnerDeviceFilters
from devices.services.partners import listing, submitting
from devices.tables.partners import PartnerDeviceTable
from portal.ui.commands import Command
from portal.ui.forms import one_time_key
from portal.ui.list_blade import ListBlade
from portal.ui.panels import go_to, is_confirmed, render_dialog
from tenants.access import actor_of, needs_partner

FIRST = 20


class PartnerDevices(ListBlade):
    """Devices that the partner registered, in tenants that authorize it now."""

    permission = "partner_devices.read"
    title = gettext_lazy("Devices")
    noun = (gettext_lazy("device"), gettext_lazy("devices"))
    url_name = "devices:partner_devices"
    table_class = PartnerDeviceTable
    filterset_class = PartnerDeviceFilters
    search_lookups = ("serial_number__icontains",)
    search_placeholder = gettext_lazy("Search by serial number")
    default_sort = "-registered_at"
    commands = (
        "filter",
        "export",
        "refresh",
        Command(
            gettext_lazy("Deregister"),
            "devices:partner_devices_remove",
            icon="trash",
            permission="partner_devices.remove",
            selection="many",
        ),
        "columns",
    )
    empty_title = gettext_lazy("No devices")
    empty_text = gettext_lazy("Devices that you registered for customers who authorize you are listed here.")
    export_name = "devices"

    def get_queryset(self) -> QuerySet[Any]:
        """What the rules let the partner see."""
        return listing.devices(self.request.partner)  # type: ignore[attr-defined]


@require_POST
@needs_partner("partner_devices.remove")
def remove_selected(request: HttpRequest) -> HttpResponse:
    """Deregister the selected devices: one upload a customer."""
    rows = PartnerDevices.selected(request)
    count = rows.count()
    if is_confirmed(request):
        return _remove(request, rows, count)
    submitting.check_known(count)
    context = {"count": count, "first": rows.order_by("serial_number")[:FIRST], "more": max(count - FIRST, 0)}
    return render_dialog(
        request,
        "devices/partners/_remove_selected.html",
        {**context, "tone": "danger"},
        title=_("Deregister devices"),
        blade=PartnerDevices,
    )


def _remove(request: HttpRequest, rows: QuerySet[Any], count: int) -> HttpResponse:
    made = submitting.remove_known(
        partner=request.partner,  # type: ignore[attr-defined]
        actor=actor_of(request),
        registrations=rows,
        key=one_time_key(request),
    )
    words = ngettext(
        "%(count)d device is being deregistered.", "%(count)d devices are being deregistered.", count
    )
    messages.success(request, words % {"count": count})
    scope = {"partner_slug": request.partner.slug}  # type: ignore[attr-defined]
    if len(made) == 1:
        return go_to(request, reverse("devices:partner_batch", kwargs={**scope, "pk": made[0].pk}))
    return go_to(request, reverse("devices:partner_batches", kwargs=scope))
