"""What a partner sends: devices to register, devices to deregister, an OEM's hashes."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from devices.forms.imports import UploadForm
from devices.forms.partners import CustomerUploadForm, RegisterForm, RemoveForm
from devices.models import Submission
from devices.registry.submissions import REPORT, terms_of
from devices.services.partners import reading, reporting, submitting
from portal.errors import Refused
from portal.ui.forms import one_time_key
from portal.ui.panels import go_to, render_dialog
from tenants.access import actor_of, needs_partner

FORM = require_http_methods(["GET", "HEAD", "POST"])
ACCEPT = ".csv,.txt,.tsv,text/csv,text/plain"
FIELDS = {"batch", "purchase_order", "group_tag"}


@never_cache
@FORM
@needs_partner("batches.upload")
def register(request: HttpRequest) -> HttpResponse:
    """Register devices for a customer, from a file in Partner Center's shape or pasted rows."""
    return _for_customer(request, RegisterForm, _("Register devices"))


@never_cache
@FORM
@needs_partner("partner_devices.remove")
def remove(request: HttpRequest) -> HttpResponse:
    """Deregister devices of a customer, named the same way."""
    return _for_customer(request, RemoveForm, _("Deregister devices"))


@never_cache
@FORM
@needs_partner("hashes.report")
def report(request: HttpRequest) -> HttpResponse:
    """Report hashes of machines that nobody owns yet."""
    form = UploadForm.of(request)

    def act() -> Submission:
        files = form.sources()
        lines, headers = reading.read(files, most=REPORT.most, needs_hash=True)
        return reporting.report(
            partner=request.partner,  # type: ignore[attr-defined]
            actor=actor_of(request),
            lines=lines,
            headers=headers,
            name=files[0].name or "",
            key=one_time_key(request),
            now=timezone.now(),
        )

    return _answer(request, form, act, "devices/partners/report.html", _("Report hardware hashes"))


def _for_customer(request: HttpRequest, kind: type[CustomerUploadForm], title: str) -> HttpResponse:
    partner = request.partner  # type: ignore[attr-defined]
    form: Any = kind.of_partner(request, partner)

    def act() -> Submission:
        lines, headers = reading.read(form.sources(), most=terms_of(partner).most)
        return submitting.submit(
            partner=partner,
            tenant=form.cleaned_data["customer"],
            actor=actor_of(request),
            lines=lines,
            headers=headers,
            request_id=one_time_key(request),
            **form.options(),
        )

    template = "devices/partners/register.html" if kind is RegisterForm else "devices/partners/remove.html"
    return _answer(request, form, act, template, title, terms=terms_of(partner))


def _answer(
    request: HttpRequest,
    form: Any,
    act: Callable[[], Submission],
    template: str,
    title: str,
    **context: Any,
) -> HttpResponse:
    """The upload's page, or the form with what was refused."""
    partner = request.partner  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        try:
            made = act()
            kwargs = {"partner_slug": partner.slug, "pk": made.pk}
            return go_to(request, reverse("devices:partner_batch", kwargs=kwargs))
        except Refused as refusal:
            field = refusal.context.get("field")
            form.add_error(field if field in FIELDS else None, str(refusal))
    full = {
        "form": form,
        "accept": ACCEPT,
        "list_url": reverse("devices:partner_batches", kwargs={"partner_slug": partner.slug}),
        **context,
    }
    return render_dialog(request, template, full, title=title)
