"""Jobs: what runs in the background, how far it is, and what came of each object."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from portal.ui.exports import csv_response
from portal.ui.list_blade import ListBlade
from portal.ui.progress import render_progress
from tenants.access import actor_of, fetch, needs
from tenants.filters.jobs import JobFilters
from tenants.models import Job, JobItem
from tenants.permissions import Actor, missing
from tenants.services import approvals, kept_values
from tenants.services import jobs as service
from tenants.tables.jobs import JobTable

ITEMS_A_PAGE = 100
TONES = {"pending": "neutral", "done": "success", "unchanged": "neutral", "failed": "danger"}


class Jobs(ListBlade):
    """The jobs list."""

    permission = "jobs.read"
    title = gettext_lazy("Jobs")
    breadcrumb = (gettext_lazy("Operations"), gettext_lazy("Jobs"))
    noun = (gettext_lazy("job"), gettext_lazy("jobs"))
    url_name = "tenants:jobs"
    object_url_name = "tenants:job"
    opens = "page"
    table_class = JobTable
    filterset_class = JobFilters
    search_lookups = ("title__icontains", "actor__email__icontains")
    search_placeholder = gettext_lazy("Search by title or person")
    default_sort = "-created_at"
    empty_title = gettext_lazy("No jobs yet")
    empty_text = gettext_lazy("Imports, syncs and changes of many devices run here.")

    def get_queryset(self) -> Any:
        """The tenant's jobs."""
        return Job.objects.of(self.request.tenant).select_related("actor", "partner", "client", "approval")  # type: ignore[attr-defined]


@never_cache
@require_safe
@needs("jobs.read")
def job(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One job: progress, counters, and its objects by outcome."""
    found = _fetch(request, pk)
    outcome = request.GET.get("outcome", "")
    outcome = outcome if outcome in JobItem.Outcome.values else ""
    rows, next_after = _items(found, outcome, request.GET.get("after", ""))
    words = _words(found)
    context = {
        "title": found.title,
        "breadcrumb": (_("Operations"), (_("Jobs"), "tenants:jobs"), found.title),
        "job": found,
        "started_by": Actor.of_job(found).label,
        "counters": [(kept_values.counter_of(name), value) for name, value in found.counters.items()],
        "progress_url": _url("tenants:job_progress", found),
        "items": [(item, words[item.outcome], TONES[item.outcome]) for item in rows],
        "outcome": outcome,
        "outcomes": words.items(),
        "next": f"?{_query(outcome, next_after)}" if next_after else "",
        "has_failed": found.items.filter(outcome=JobItem.Outcome.FAILED).exists(),
        "can_cancel": may_cancel(request, found),
        "may_decide": "approvals.decide" in request.permissions,  # type: ignore[attr-defined]
        **_own_request(request, found),
    }
    return render(request, "tenants/job.html", context)


@never_cache
@require_safe
@needs("jobs.read")
def progress(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The progress fragment; asks the page to reload when the job has just ended."""
    return render_progress(request, _fetch(request, pk))


@require_POST
@needs("jobs.read")
def cancel(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Stop a job after its current step; needs the permission the job itself needs."""
    found = _fetch(request, pk)
    if needed_to_cancel(found) not in request.permissions:  # type: ignore[attr-defined]
        raise missing(needed_to_cancel(found))
    service.cancel(job=found, actor=actor_of(request))
    messages.success(request, _("The job stops after its current step."))
    return redirect("tenants:job", tenant_slug=found.tenant.slug, pk=found.pk)


@never_cache
@require_safe
@needs("jobs.read")
def failed_items(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """The objects that failed, with the reason, as CSV."""
    found = _fetch(request, pk)
    rows = found.items.filter(outcome=JobItem.Outcome.FAILED).order_by("position").iterator(chunk_size=1000)
    return csv_response(
        name="failed",
        header=[_("Object"), _("Object ID"), _("Code"), _("Reason")],
        rows=([item.label, str(item.object_id), item.code, item.message] for item in rows),
    )


def needed_to_cancel(found: Job) -> str:
    """The permission the job itself needs; Hangar's own jobs need the tenant's settings.

    A partner's needs a word that no role of a tenant has: who may revoke the partner may stop it.
    """
    if found.partner_id is not None:
        return "partners.manage"
    return found.permission or "settings.manage"


def may_cancel(request: HttpRequest, found: Job) -> bool:
    """Whether the person may stop a job that can still be stopped."""
    has_right = needed_to_cancel(found) in request.permissions  # type: ignore[attr-defined]
    return has_right and not found.is_ended and found.cancel_requested_at is None


def _own_request(request: HttpRequest, found: Job) -> dict[str, bool]:
    """Whether the person asked for it, and whether there is nobody else to decide."""
    approval = found.waiting_approval
    if approval is None or approval.requested_by_id != request.user.pk:
        return {"is_own_request": False}
    return {
        "is_own_request": True,
        "is_alone": approvals.is_alone(tenant=found.tenant, actor=actor_of(request)),
    }


def _fetch(request: HttpRequest, pk: UUID) -> Job:
    rows = Job.objects.of(request.tenant).select_related("actor", "partner", "client", "tenant", "approval")  # type: ignore[attr-defined]
    return fetch(rows, pk=pk)


def _url(name: str, found: Job) -> str:
    return reverse(name, kwargs={"tenant_slug": found.tenant.slug, "pk": found.pk})


def _words(found: Job) -> dict[str, str]:
    """The word of each outcome; what a stopped job did not come to waits no longer."""
    words = {value: str(label) for value, label in JobItem.Outcome.choices}
    if found.state in (Job.State.FAILED, Job.State.CANCELLED):
        words[JobItem.Outcome.PENDING] = _("Not done")
    return words


def _items(found: Job, outcome: str, after: str) -> tuple[list[JobItem], int | None]:
    """One page of objects and the position the next one starts after."""
    rows = found.items.order_by("position")
    if outcome:
        rows = rows.filter(outcome=outcome)
    if after.isdecimal() and len(after) < 10:
        rows = rows.filter(position__gt=int(after))
    page = list(rows[: ITEMS_A_PAGE + 1])
    has_more = len(page) > ITEMS_A_PAGE
    page = page[:ITEMS_A_PAGE]
    return page, page[-1].position if has_more else None


def _query(outcome: str, after: int | None) -> str:
    query = QueryDict(mutable=True)
    if outcome:
        query["outcome"] = outcome
    query["after"] = str(after)
    return query.urlencode()
