"""Delete, deregister fully, and *Register again*."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from devices.forms.autopilot_devices import DeleteForm
from devices.models import UndoKit
from devices.services.autopilot import deregistration, impact, restoring
from devices.services.autopilot.deregistration import asking
from devices.views.autopilot_commands import FOLDER, job_address
from devices.views.autopilot_devices import AutopilotDevices
from portal.ui.forms import one_time_key
from portal.ui.panels import go_to, is_confirmed, render_dialog
from tenants.access import actor_of, fetch, needs
from tenants.permissions import PERMISSIONS


@needs("devices.delete")
@require_POST
def delete(request: HttpRequest) -> HttpResponse:
    """What would be hit, the two ways, and the confirmation."""
    tenant = request.tenant  # type: ignore[attr-defined]
    rows, now = AutopilotDevices.selected(request), timezone.now()
    found = impact.measure(rows=rows, now=now)
    phrase = f"{found.total} {tenant.name}" if found.must_type else ""
    form = DeleteForm(request.POST if is_confirmed(request) else None, phrase=phrase)
    if is_confirmed(request) and form.is_valid():
        job = deregistration.start(
            tenant=tenant,
            actor=actor_of(request),
            rows=rows,
            is_full=form.cleaned_data["way"] == "full",
            now=now,
            dedupe_key=one_time_key(request),
        )
        return go_to(request, job_address(job))
    context = {
        "form": form,
        "impact": found,
        "phrase": phrase,
        "why_held": asking.why_held(
            tenant=tenant, actor=actor_of(request), new=rows, count=found.total, now=now
        ),
        **_full_right(request),
    }
    title, template, count = _("Delete devices"), f"{FOLDER}/_delete.html", found.total
    return render_dialog(request, template, context, title=title, blade=AutopilotDevices, count=count)


def _full_right(request: HttpRequest) -> dict[str, Any]:
    """Whether the person may deregister fully, and the name of the right that decides."""
    word = "managed_devices.delete"
    return {"may_fully": word in request.permissions, "full_right": PERMISSIONS[word]}  # type: ignore[attr-defined]


@needs("devices.import")
@require_POST
def register_again(request: HttpRequest, pk: Any) -> HttpResponse:
    """Restore one removed device from its undo kit."""
    tenant = request.tenant  # type: ignore[attr-defined]
    kit = fetch(UndoKit.objects.of(tenant).filter(restored_at=None).order_by("-created_at"), device_id=pk)
    restored = restoring.restore(tenant=tenant, actor=actor_of(request), kit=kit, now=timezone.now())
    messages.success(request, _("%(serial)s is registered again.") % {"serial": kit.serial_number})
    scope = {"tenant_slug": tenant.slug, "pk": restored}
    return go_to(request, reverse("devices:autopilot_device", kwargs=scope))


@needs("devices.import")
@require_http_methods(["GET", "HEAD", "POST"])
def register_job_again(request: HttpRequest, pk: Any) -> HttpResponse:
    """Restore every device a deletion job removed."""
    tenant = request.tenant  # type: ignore[attr-defined]
    kits = UndoKit.objects.of(tenant).filter(job_id=pk)
    fetch(kits)
    waiting = kits.filter(restored_at=None)
    if is_confirmed(request):
        job = restoring.start(
            tenant=tenant, actor=actor_of(request), kits=kits, dedupe_key=one_time_key(request)
        )
        return go_to(request, job_address(job))
    context = {
        "count": waiting.count(),
        "without_hash": waiting.filter(blob=None).count(),
        "list_url": reverse("devices:autopilot_devices", kwargs={"tenant_slug": tenant.slug}),
    }
    return render_dialog(request, f"{FOLDER}/_register_again.html", context, title=_("Register again"))
