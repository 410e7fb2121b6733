"""A small site over real models, for the tests of the kit: one list, its flyout, one command."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import engines
from django.urls import include, path
from django.utils.html import format_html

from devices.models import AutopilotDevice
from devices.models.autopilot import sortable
from portal import urls
from portal.errors import Conflict
from portal.ui.columns import ChoiceColumn, Column, DateTimeColumn
from portal.ui.commands import Command
from portal.ui.filters import BladeFilterSet, DateRangeFilter, PickFilter, ValuesFilter, YesNoFilter
from portal.ui.forms import TypedConfirmation
from portal.ui.list_blade import ListBlade
from portal.ui.panels import go_to, is_confirmed, render_dialog, render_flyout
from portal.ui.tables import BladeTable
from tenants.access import fetch, needs
from tenants.models import Job

handler404 = urls.handler404


class SampleTable(BladeTable):
    """Text, choice and date columns, one of them hidden at first."""

    serial_number = Column("Serial number", sort="serial_number", css="mono")
    model = Column("Model", sort="model")
    group_tag = Column("Group tag", sort="group_tag")
    profile_status = ChoiceColumn(
        "Profile status",
        choices=AutopilotDevice.PROFILE_STATUSES,
        tones={"assigned": "success", "failed": "danger", "not_assigned": "neutral"},
    )
    last_contacted_at = DateTimeColumn("Last contacted", empty="Never", sort=sortable("last_contacted_at"))
    purchase_order = Column("Purchase order", shown=False)

    def render_model(self, value: Any, record: Any) -> str:
        """Safe HTML stays; plain text is escaped by the kit."""
        return format_html("<em>{}</em>", value) if value == "Fancy" else str(value)

    def value_model(self, value: Any, record: Any) -> str:
        """Its plain text."""
        return str(value)


class SampleFilters(BladeFilterSet):
    """One of each kind."""

    group_tag = ValuesFilter(label="Group tag", suggestions=lambda request: ["KIOSK", "LAB"])
    enrollment_state = PickFilter(
        label="Enrollment state", choices=lambda request: AutopilotDevice.EnrollmentState.choices
    )
    has_user = YesNoFilter(label="User assigned", field_name="user_principal_name", is_presence=True)
    last_contacted_at = DateRangeFilter(label="Last contacted")


class SampleDevices(ListBlade):
    """The list under test."""

    permission = "devices.read"
    title = "Sample devices"
    breadcrumb = ("Devices", "Enrollment", ("Sample", "sample:devices"))
    noun = ("device", "devices")
    url_name = "sample:devices"
    object_url_name = "sample:device"
    table_class = SampleTable
    filterset_class = SampleFilters
    search_column = "search"
    search_prefix = "serial_number"
    default_sort = "serial_number"
    commands = (
        "filter",
        "export",
        Command("Rename", "sample:rename", icon="pencil", permission="devices.update", selection="many"),
        Command("Erase", "sample:erase", icon="trash", permission="devices.delete"),
        "refresh",
        "columns",
    )
    row_commands = (Command("Rename this", "sample:rename", permission="devices.update"),)

    def get_queryset(self) -> QuerySet[AutopilotDevice]:
        """The tenant's live devices."""
        return AutopilotDevice.objects.of(self.request.tenant).live()


@needs("devices.read")
def device(request: HttpRequest, pk: Any) -> HttpResponse:
    """A flyout."""
    row = fetch(SampleDevices(request).get_queryset(), pk=pk)
    return render_flyout(request, SampleDevices, "ui/flyout.html", {}, title=row.serial_number)


@needs("devices.update")
def rename(request: HttpRequest) -> HttpResponse:
    """A command on rows that asks for the tenant's name."""
    rows = SampleDevices.selected(request)
    form = TypedConfirmation(request.POST if is_confirmed(request) else None, phrase=request.tenant.name)
    if is_confirmed(request) and form.is_valid():
        rows.update(display_name="RENAMED")
        return go_to(request, SampleDevices(request).list_url)
    count = rows.count()
    context = {"form": form, "intro": format_html("{} chosen", count)}
    return render_dialog(request, "ui/dialog.html", context, title="Rename", blade=SampleDevices, count=count)


@needs("devices.delete")
def erase(request: HttpRequest) -> HttpResponse:
    """A command that is always refused."""
    raise Conflict("Somebody is already erasing.")


WIDGETS = """{% extends "portal/base.html" %}{% block content %}
{% include "ui/_copy.html" with text="Get-WindowsAutopilotInfo" %}
<form method="post">{% csrf_token %}
{% include "ui/_dropzone.html" with name="files" label="Files" is_multiple=True %}
{% include "ui/_confirm_typing.html" with phrase="Contoso" %}<button data-submit>Go on</button></form>
{% include "ui/_progress.html" %}{% endblock %}"""


@needs("devices.read")
def widgets(request: HttpRequest) -> HttpResponse:
    """Every small widget on one page; the progress is that of the tenant's one job."""
    context = {"job": Job.objects.of(request.tenant).get(), "progress_url": f"{request.path}progress/"}
    return HttpResponse(engines["django"].from_string(WIDGETS).render(context, request))


@needs("devices.read")
def progress(request: HttpRequest) -> HttpResponse:
    """The fragment that polls itself."""
    context = {"job": Job.objects.of(request.tenant).get(), "progress_url": request.path}
    return render(request, "ui/_progress.html", context)


sample = [
    path("widgets/", widgets, name="widgets"),
    path("widgets/progress/", progress, name="progress"),
    path("", SampleDevices.as_view(), name="devices"),
    path("export.csv", SampleDevices.as_export(), name="devices_export"),
    path("rename", rename, name="rename"),
    path("erase", erase, name="erase"),
    path("<uuid:pk>/", device, name="device"),
]

urlpatterns = [
    path("t/<slug:tenant_slug>/sample/", include((sample, "sample"))),
    *urls.urlpatterns,
]
