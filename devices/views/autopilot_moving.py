"""*Move*: selected devices to another tenant that the person administers."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from devices.forms.moving import MoveForm
from devices.services.autopilot import impact
from devices.services.autopilot.deregistration import asking, moving
from devices.views.autopilot_commands import FOLDER, job_address
from devices.views.autopilot_devices import AutopilotDevices
from portal.ui.forms import one_time_key
from portal.ui.panels import go_to, is_confirmed, render_dialog
from tenants.access import actor_of, needs, tenants_of


@require_http_methods(["GET", "HEAD", "POST"])
@needs("devices.delete")
def move(request: HttpRequest) -> HttpResponse:
    """Choose the tenant and what is taken along; the selection comes by post, or as ?only=."""
    tenant, now = request.tenant, timezone.now()  # type: ignore[attr-defined]
    rows = AutopilotDevices.selected(request)
    found = impact.measure(rows=rows, now=now)
    phrase = f"{found.total} {tenant.name}" if found.must_type else ""
    form = _form(request, phrase)
    if form.is_bound and form.is_valid():
        words = {"rows": rows, "now": now, "dedupe_key": one_time_key(request), **form.words()}
        job = moving.start(tenant=tenant, actor=actor_of(request), **words)
        return go_to(request, job_address(job))
    context = {
        "form": form,
        "impact": found,
        "staying": moving.staying(targets=list(form.targets.values()), rows=rows),
        "phrase": phrase,
        "why_held": asking.why_held(
            tenant=tenant, actor=actor_of(request), new=rows, count=found.total, now=now
        ),
    }
    title, template, count = _("Move to another tenant"), f"{FOLDER}/_move.html", found.total
    return render_dialog(request, template, context, title=title, blade=AutopilotDevices, count=count)


def _form(request: HttpRequest, phrase: str) -> MoveForm:
    mine = tenants_of(request, permission="devices.import")
    may_fully = "managed_devices.delete" in request.permissions  # type: ignore[attr-defined]
    return MoveForm(
        request.POST if is_confirmed(request) else None,
        targets=[each for each in mine if each != request.tenant],  # type: ignore[attr-defined]
        may_fully=may_fully,
        phrase=phrase,
        initial={"target": request.GET.get("target", ""), "is_full": may_fully},
    )
