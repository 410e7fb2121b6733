"""*Why is this (not) the same machine?*: two captures field by field."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from devices.forms.comparing import CompareForm
from devices.services.imports import captures
from devices.services.imports.captures import Capture
from devices.tables.comparison import Comparison, comparison
from devices.views.autopilot_devices import AutopilotDevices
from tenants.access import needs

TITLE = gettext_lazy("Why is this the same machine, or not?")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs("devices.read")
def compare(request: Any) -> HttpResponse:
    """?a= and ?b= name the captures (device:<id>, row:<import id>:<number>); what is missing is pasted."""
    first, second = _named(request, "a"), _named(request, "b")
    form = CompareForm(request.POST or None, has_first=first is not None)
    if form.is_bound and form.is_valid():
        first = first or captures.pasted(form.cleaned_data["first"])
        second = captures.pasted(form.cleaned_data["second"])
    context = {
        "title": TITLE,
        "breadcrumb": (*AutopilotDevices.breadcrumb, _("Compare")),
        "first": first,
        "second": second,
        "form": None if request.GET.get("b") else form,
        "kin": captures.kin(tenant=request.tenant, capture=first) if first and not second else [],
        "comparison": _compared(first, second),
    }
    status = 422 if form.errors else 200
    return render(request, "devices/autopilot_devices/compare.html", context, status=status)


def _named(request: Any, side: str) -> Capture | None:
    reference = request.GET.get(side, "")
    return captures.find(tenant=request.tenant, reference=reference) if reference else None


def _compared(first: Capture | None, second: Capture | None) -> Comparison | None:
    """The comparison, where both hashes are held."""
    if first and first.identity and second and second.identity:
        return comparison(first.identity, second.identity)
    return None
