"""The deregistrations of one job: how far each device came, its evidence, *Retry*, and what a person did."""

from functools import cached_property
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from devices.filters.removed_devices import DeregistrationFilters
from devices.models import Deregistration
from devices.services.autopilot import deregistration as service
from devices.services.autopilot.deregistration import asking, by_hand, evidence, plans
from devices.tables.removed_devices import STATE_TONES, DeregistrationTable
from devices.views.autopilot_commands import job_address
from devices.views.nested import NestedBlade
from portal.ui.forms import one_time_key
from portal.ui.panels import go_to, is_confirmed, render_dialog, render_flyout
from tenants.access import actor_of, fetch, needs, tenants_of
from tenants.models import Job

FOLDER = "devices/deregistrations"


class Deregistrations(NestedBlade):
    """Every device of one deletion or move."""

    permission = "devices.read"
    noun = (gettext_lazy("device"), gettext_lazy("devices"))
    url_name = "devices:deregistrations"
    object_url_name = "devices:deregistration"
    table_class = DeregistrationTable
    filterset_class = DeregistrationFilters
    search_lookups = ("serial_number__icontains",)
    search_placeholder = gettext_lazy("Search by serial number")
    default_sort = "position"
    intro_template = f"{FOLDER}/_intro.html"
    export_name = "deregistrations"

    @cached_property
    def parent(self) -> Job:
        """The job of the address, where it deregisters devices."""
        rows = Job.objects.of(self.request.tenant).select_related("tenant", "approval")  # type: ignore[attr-defined]
        job: Job = fetch(rows, pk=self.key)
        fetch(Deregistration.objects.of(job.tenant).filter(job=job))
        return job

    @cached_property
    def title(self) -> str:
        """The job's title."""
        return self.parent.title

    @cached_property
    def breadcrumb(self) -> tuple[Any, ...]:  # type: ignore[override]
        """Up to the job."""
        jobs = (_("Operations"), (_("Jobs"), "tenants:jobs"))
        return (*jobs, (self.parent.title, job_address(self.parent)), _("Devices"))

    @cached_property
    def bar(self) -> list[Any]:
        """Retry for those that failed, and what only a person can say."""
        found: list[Any] = []
        if self.parent.is_ended:
            found += self.command(
                _("Retry"), "devices:deregistration_retry", "arrow-path", "devices.delete", "many"
            )
            found += self.command(
                _("Deleted on premises"), "devices:deregistration_by_hand", "check", "devices.delete", "many"
            )
        return [*found, *self.kit("filter", "export", "refresh", "columns")]

    def reverse(self, name: str, **kwargs: Any) -> str:
        """A device's address carries the job's key and its own."""
        if name == self.object_url_name:
            kwargs = {"pk": self.key, "row": kwargs["pk"]}
        return super().reverse(name, **kwargs)

    def get_queryset(self) -> QuerySet[Deregistration]:
        """The job's devices, without their evidence."""
        rows: QuerySet[Deregistration] = Deregistration.objects.of(self.request.tenant)  # type: ignore[attr-defined]
        return rows.filter(job=self.parent).defer("steps")

    def get_context(self) -> dict[str, Any]:
        """The job above the list."""
        return {"job": self.parent, "job_url": job_address(self.parent)}


@require_safe
@needs("devices.read")
def deregistration(request: Any, pk: UUID, row: int) -> HttpResponse:
    """One device: every step with its evidence."""
    rows = Deregistration.objects.of(request.tenant).filter(job=pk).select_related("job", "tried_again")
    found = fetch(rows, pk=row)
    context = {
        "row": found,
        "parts": evidence.story(found),
        "tone": STATE_TONES[found.state],
        "may_delete": "devices.delete" in request.permissions,
        "moved_to": _moved_to(request, found),
    }
    template = f"{FOLDER}/_flyout.html"
    return render_flyout(request, Deregistrations, template, context, title=found.serial_number)


def _moved_to(request: Any, row: Deregistration) -> str:
    """The device's address in the other tenant, for people who may read devices there."""
    done = {entry["step"]: entry for entry in row.steps if entry.get("result") == "registered"}
    target = row.job.arguments.get("target")
    for tenant in tenants_of(request, permission="devices.read"):
        if done and str(tenant.pk) == target:
            scope = {"tenant_slug": tenant.slug, "pk": done[plans.TARGET]["object"]}
            return reverse("devices:autopilot_device", kwargs=scope)
    return ""


@require_POST
@needs("devices.delete")
def retry(request: Any, pk: UUID) -> HttpResponse:
    """Try the selected devices again, from the step where each ended."""
    job = fetch(Job.objects.of(request.tenant).select_related("tenant"), pk=pk)
    rows = Deregistrations.selected(request)
    if is_confirmed(request):
        again = service.retry(
            tenant=request.tenant,
            actor=actor_of(request),
            job=job,
            rows=rows,
            now=timezone.now(),
            dedupe_key=one_time_key(request),
        )
        return go_to(request, job_address(again))
    open_rows = Deregistration.objects.of(request.tenant).open().filter(pk__in=rows.values("pk"))
    count, now = open_rows.count(), timezone.now()
    sentence = ngettext(
        "%(n)d device is tried again, from the step where it ended. Steps that are done stay done.",
        "%(n)d devices are tried again, each from the step where it ended. Steps that are done stay done.",
        count,
    )
    actor = actor_of(request)
    why = asking.why_held(tenant=request.tenant, actor=actor, new=open_rows, count=count, now=now)
    context = {"intro": f"{sentence % {'n': count}} {why}".strip()}
    return render_dialog(request, "ui/dialog.html", context, title=_("Retry"), blade=Deregistrations)


@require_POST
@needs("devices.delete")
def confirm_by_hand(request: Any, pk: UUID) -> HttpResponse:
    """The on-premises objects of the selected devices were deleted."""
    fetch(Job.objects.of(request.tenant), pk=pk)
    rows = Deregistrations.selected(request)
    if is_confirmed(request):
        count = by_hand.confirm(tenant=request.tenant, actor=actor_of(request), rows=rows, now=timezone.now())
        sentence = ngettext("%(n)d device is done.", "%(n)d devices are done.", count)
        messages.success(request, sentence % {"n": count})
        return go_to(request, Deregistrations.left(request).current_url)
    waiting = rows.filter(state=Deregistration.State.BY_HAND).order_by("position")
    context = {"rows": waiting[:20], "count": waiting.count()}
    return render_dialog(
        request,
        f"{FOLDER}/_by_hand.html",
        context,
        title=_("Deleted on premises"),
        blade=Deregistrations,
    )
