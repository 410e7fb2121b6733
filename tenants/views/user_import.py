"""Users > Import: a CSV of directory users, checked whole before anything is saved."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from portal.errors import Conflict
from tenants.access import actor_of, needs
from tenants.forms.directory_users import UserFileForm
from tenants.services import user_csv


@require_http_methods(["GET", "HEAD", "POST"])
@needs("users.manage")
def import_users(request: HttpRequest) -> HttpResponse:
    """Upload, check, save: all rows or none, each faulty row named."""
    tenant = request.tenant  # type: ignore[attr-defined]
    form = UserFileForm(request.POST, request.FILES) if request.method == "POST" else UserFileForm()
    errors: list[user_csv.RowError] = []
    if form.is_bound and form.is_valid():
        try:
            done = user_csv.import_users(
                tenant=tenant, actor=actor_of(request), file=form.cleaned_data["file"]
            )
            words = {"added": done.added, "updated": done.updated, "unchanged": done.unchanged}
            text = _("%(added)d users added, %(updated)d updated, %(unchanged)d unchanged.")
            messages.success(request, text % words)
            return redirect("tenants:users", tenant_slug=tenant.slug)
        except user_csv.BadRows as error:
            form.add_error(None, str(error))
            errors = error.errors
        except (user_csv.BadFile, Conflict) as error:
            form.add_error("file", str(error))
    context = {
        "title": _("Import users"),
        "breadcrumb": (_("Directory"), (_("Users"), "tenants:users"), _("Import")),
        "form": form,
        "errors": errors,
        "most": user_csv.MOST_ERRORS,
    }
    return render(request, "tenants/user_import.html", context, status=422 if form.errors else 200)
