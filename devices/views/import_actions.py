"""What is done to one import: other options, ticked rows, the commit, a stop."""

from collections.abc import Callable
from functools import partial
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from devices.forms.imports import OptionsForm, TicksForm
from devices.models import Import
from devices.services.imports import committing, planning
from devices.views.imports import action_context, address_of, fetch_import
from portal.errors import Refused
from portal.ui.panels import go_to
from tenants.access import actor_of, needs
from tenants.services import jobs


def _act(request: HttpRequest, import_: Import, act: Callable[[], object]) -> HttpResponse:
    """Do something to an import and show it again; a refusal becomes a message."""
    try:
        act()
    except Refused as refusal:
        messages.error(request, str(refusal))
    return go_to(request, address_of(import_))


@require_POST
@needs("devices.import")
def import_options(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give the plan other options."""
    import_ = fetch_import(request, pk)
    form = OptionsForm.of(import_, request.POST)
    if not form.is_valid():
        for errors in form.errors.values():
            messages.error(request, " ".join(map(str, errors)))
        return go_to(request, address_of(import_))
    return _act(request, import_, lambda: planning.change_options(import_=import_, options=form.options()))


@require_POST
@needs("devices.import")
def import_ticks(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Tick or untick rows that need a decision."""
    import_ = fetch_import(request, pk)
    form = TicksForm(request.POST)
    if form.is_valid():
        is_ticked = form.cleaned_data["ticked"]
        planning.tick(import_=import_, numbers=form.numbers(), is_ticked=is_ticked)
    if form.is_valid() and form.numbers() and getattr(request, "htmx", False):
        context = {**action_context(import_), "may_decide": True}
        return render(request, "devices/imports/_action.html", context)
    return go_to(request, address_of(import_))


@require_POST
@needs("devices.import")
def import_commit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Start the commit; a second press finds the same job."""
    import_ = fetch_import(request, pk)
    typed = request.POST.get("typed", "")[:200]
    return _act(
        request, import_, lambda: committing.start(import_=import_, actor=actor_of(request), typed=typed)
    )


@require_POST
@needs("devices.import")
def import_cancel(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask the import's current job to stop; what was done stays."""
    import_ = fetch_import(request, pk)
    job = import_.commit_job or import_.check_job
    if job is None:
        return go_to(request, address_of(import_))
    return _act(request, import_, partial(jobs.cancel, job=job, actor=actor_of(request)))
