"""The signed-in person's own settings."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from portal.ui.context import THEME_COOKIE
from tenants.forms.people import ProfileForm
from tenants.services import people


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def profile(request: HttpRequest) -> HttpResponse:
    """Name, time zone and look; the look chosen here replaces the one chosen on this machine."""
    user = request.user
    initial = {"name": user.name, "time_zone": user.time_zone, "theme": user.theme}  # type: ignore[union-attr]
    form = ProfileForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        people.change_profile(user=user, **form.cleaned_data)  # type: ignore[arg-type]
        messages.success(request, _("Your profile was saved."))
        response = redirect("account_profile")
        response.delete_cookie(THEME_COOKIE)
        return response
    return render(request, "account/profile.html", {"form": form, "title": _("Your profile")})
