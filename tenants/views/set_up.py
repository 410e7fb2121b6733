"""Set-up: the page behind the one-time link, then the guide through a new tenant's first steps.

The token leaves the address at once (the session keeps its digest), so no later log line holds it.
"""

from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from tenants.access import actor_of, needs
from tenants.forms.people import SetUpForm
from tenants.forms.tenants import DomainForm
from tenants.models import DirectoryUser, Tenant, VerifiedDomain
from tenants.services import links, tenants
from tenants.services import set_up as service
from tenants.services.sign_in import BACKEND
from tenants.views.links import closed

DIGEST = "set_up_digest"


@never_cache
@require_safe
def open_link(request: HttpRequest, token: str) -> HttpResponse:
    """Check the token, keep its digest in the session, and go on without it."""
    digest = links.digest_of(token)
    try:
        service.open_link(digest=digest)
    except service.LinkClosed as refusal:
        return closed(request, refusal)
    request.session[DIGEST] = digest
    return redirect("tenants:set_up")


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def set_up(request: HttpRequest) -> HttpResponse:
    """Administrator and tenant; closed to whoever did not come through the link."""
    digest = request.session.get(DIGEST, "")
    try:
        service.open_link(digest=digest)
        form = SetUpForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            tenant = _accept(request, digest, form)
            if tenant is not None:
                return redirect("tenants:guide", tenant_slug=tenant.slug)
    except service.LinkClosed as refusal:
        return closed(request, refusal)
    return render(request, "tenants/set_up.html", {"form": form, "title": _("Set up Hangar")})


def _accept(request: HttpRequest, digest: str, form: SetUpForm) -> Tenant | None:
    """The new tenant with its administrator signed in; None with the form's error set."""
    values = {name: value for name, value in form.cleaned_data.items() if name != "repeated"}
    address = request.META.get("REMOTE_ADDR") or None
    try:
        user, tenant = service.accept(digest=digest, address=address, **values)
    except tenants.AddressTaken as error:
        form.add_error("tenant_slug", str(error))
        return None
    except service.EmailTaken as error:
        form.add_error("email", str(error))
        return None
    login(request, user, backend=BACKEND)
    request.session.pop(DIGEST, None)
    return tenant


@require_http_methods(["GET", "HEAD", "POST"])
@needs("settings.manage")
def guide(request: HttpRequest) -> HttpResponse:
    """The first steps of a tenant: domains, users, import; done ones are ticked."""
    tenant = request.tenant  # type: ignore[attr-defined]
    form = DomainForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            tenants.add_domain(tenant=tenant, actor=actor_of(request), name=form.cleaned_data["name"])
            return redirect("tenants:guide", tenant_slug=tenant.slug)
        except (tenants.BadDomain, tenants.DomainTaken) as error:
            form.add_error("name", str(error))
    context = {
        "title": _("Set up %(name)s") % {"name": tenant.name},
        "form": form,
        "domains": VerifiedDomain.objects.of(tenant),
        "user_count": DirectoryUser.objects.of(tenant).count(),
        "import_url": _import_url(tenant),
    }
    return render(request, "tenants/guide.html", context)


def _import_url(tenant: Tenant) -> str:
    """The device list, where the Import pane is; empty while the devices app is not there."""
    try:
        return reverse("devices:autopilot_devices", kwargs={"tenant_slug": tenant.slug})
    except NoReverseMatch:
        return ""
