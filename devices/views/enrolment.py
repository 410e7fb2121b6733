"""*Simulate sign-in*: enroll a device of a local tenant as if a user had signed in on it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from devices.forms.enrolment import SimulateSignInForm
from devices.models import AutopilotDevice
from devices.services.autopilot import enrolment
from devices.services.autopilot.enrolment import simulating
from portal.ui.panels import go_to, is_confirmed, render_dialog
from tenants.access import actor_of, fetch, needs


@require_http_methods(["GET", "HEAD", "POST"])
@needs("devices.simulate")
def simulate_sign_in(request: Any, pk: UUID) -> HttpResponse:
    """The dialog that picks a user, and the enrolment."""
    rows = AutopilotDevice.objects.of(request.tenant).live().select_related("assigned_profile")
    device = fetch(rows, pk=pk)
    data = request.POST if is_confirmed(request) else None
    form = SimulateSignInForm.of(device, data)
    if form.is_bound and form.is_valid():
        try:
            managed = _enroll(request, device, form.cleaned_data.get("user"))
            return _enrolled(request, managed)
        except enrolment.EnrollmentRefused as refusal:
            if refusal.status == 409:
                raise
            form.refuse(refusal)
    context = {
        "form": form,
        "device": device,
        "deploys_itself": simulating.deploys_itself(device),
        "list_url": _back(request, pk),
    }
    title = _("Simulate sign-in")
    return render_dialog(request, "devices/windows_devices/_simulate.html", context, title=title)


def _enroll(request: Any, device: AutopilotDevice, upn: str | None) -> Any:
    return enrolment.enroll(
        tenant=request.tenant,
        actor=actor_of(request),
        device=device,
        user=enrolment.find_user(tenant=request.tenant, upn=upn) if upn else None,
        simulated=True,
        now=timezone.now(),
    )


def _enrolled(request: Any, managed: Any) -> HttpResponse:
    if managed.user_principal_name:
        sentence = _("Simulated: %(user)s signed in, and the device enrolled as “%(name)s”.")
    else:
        sentence = _("Simulated: the device enrolled by itself as “%(name)s”.")
    values = {"user": managed.user_principal_name, "name": managed.device_name}
    messages.success(request, sentence % values)
    if "managed_devices.read" not in request.permissions:
        return go_to(request, _back(request, managed.autopilot_device_id))
    scope = {"tenant_slug": request.tenant.slug, "pk": managed.pk}
    return go_to(request, reverse("devices:windows_device", kwargs=scope))


def _back(request: Any, pk: Any) -> str:
    return reverse("devices:autopilot_device", kwargs={"tenant_slug": request.tenant.slug, "pk": pk})
