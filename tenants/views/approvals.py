"""A second administrator's word on a job that is held back."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from portal.ui.panels import go_to, is_confirmed, render_dialog
from tenants.access import actor_of, fetch, needs
from tenants.forms.tenants import DecisionForm
from tenants.models import Job
from tenants.services import approvals


@require_http_methods(["GET", "HEAD", "POST"])
@needs("approvals.decide")
def approve(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Let the job run."""
    job = _fetch(request, pk)
    form = DecisionForm(request.POST if is_confirmed(request) else None)
    if form.is_bound and form.is_valid():
        reason, now = form.cleaned_data["reason"], timezone.now()
        approvals.approve(job=job, actor=actor_of(request), reason=reason, now=now)
        messages.success(request, _("The deletion was approved."))
        return go_to(request, _address(job))
    return _dialog(request, job, form, _("Approve"), "danger")


@require_http_methods(["GET", "HEAD", "POST"])
@needs("approvals.decide")
def decline(request: HttpRequest, pk: UUID) -> HttpResponse:
    """End the job before it began."""
    job = _fetch(request, pk)
    form = DecisionForm(request.POST if is_confirmed(request) else None)
    if form.is_bound and form.is_valid():
        try:
            reason, now = form.cleaned_data["reason"], timezone.now()
            approvals.decline(job=job, actor=actor_of(request), reason=reason, now=now)
            messages.success(request, _("The deletion was declined; nothing was removed."))
            return go_to(request, _address(job))
        except approvals.ReasonMissing as refusal:
            form.add_error("reason", str(refusal))
    return _dialog(request, job, form, _("Decline"), "primary")


def _dialog(request: HttpRequest, job: Job, form: DecisionForm, title: str, tone: str) -> HttpResponse:
    context = {"job": job, "form": form, "tone": tone, "list_url": _address(job)}
    return render_dialog(request, "tenants/_approval_dialog.html", context, title=title)


def _fetch(request: HttpRequest, pk: UUID) -> Job:
    rows = Job.objects.of(request.tenant).select_related("tenant", "approval")  # type: ignore[attr-defined]
    found: Job = fetch(rows.exclude(approval=None), pk=pk)
    return found


def _address(job: Job) -> str:
    return reverse("tenants:job", kwargs={"tenant_slug": job.tenant.slug, "pk": job.pk})
