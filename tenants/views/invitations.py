"""Accepting an invitation: a new person chooses a password, a known one signs in and joins."""

from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from tenants.access import actor_of
from tenants.forms.people import NewPasswordForm
from tenants.models import Invitation
from tenants.services import invitations, links
from tenants.services.sign_in import BACKEND
from tenants.views.links import closed

DIGEST = "invitation_digest"


@never_cache
@require_safe
def open_link(request: HttpRequest, token: str) -> HttpResponse:
    """Check the token, keep its digest in the session, and go on without it."""
    digest = links.digest_of(token)
    try:
        invitations.open_invitation(digest=digest)
    except invitations.InvitationClosed as refusal:
        return closed(request, refusal)
    request.session[DIGEST] = digest
    return redirect("tenants:invitation")


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest) -> HttpResponse:
    """The invitation of this session, for whoever it meets: signed in, known, or new."""
    digest = request.session.get(DIGEST, "")
    try:
        found = invitations.open_invitation(digest=digest)
        if request.user.is_authenticated:
            return _for_signed_in(request, found, digest)
        if invitations.person_invited(found) is not None:
            return _page(request, found, sign_in_url=_sign_in(found))
        return _for_new(request, found, digest)
    except invitations.InvitationClosed as refusal:
        return closed(request, refusal)


def _for_signed_in(request: HttpRequest, found: Invitation, digest: str) -> HttpResponse:
    if request.method != "POST":
        is_other = request.user.email.lower() != found.email  # type: ignore[union-attr]
        return _page(request, found, is_other=is_other)
    invitations.accept(digest=digest, actor=actor_of(request))
    return _welcome(request, found)


def _for_new(request: HttpRequest, found: Invitation, digest: str) -> HttpResponse:
    form = NewPasswordForm(request.POST or None, email=found.email)
    if request.method == "POST" and form.is_valid():
        user = invitations.accept_as_new(
            digest=digest,
            name=form.cleaned_data["name"],
            password=form.cleaned_data["password"],
            address=request.META.get("REMOTE_ADDR") or None,
        )
        login(request, user, backend=BACKEND)
        return _welcome(request, found)
    return _page(request, found, form=form)


def _welcome(request: HttpRequest, found: Invitation) -> HttpResponse:
    request.session.pop(DIGEST, None)
    messages.success(request, _("Welcome to %(name)s.") % {"name": found.into.name})
    if found.partner:
        return redirect("tenants:partner_overview", partner_slug=found.partner.slug)
    return redirect("tenants:overview", tenant_slug=found.into.slug)


def _sign_in(found: Invitation) -> str:
    query = urlencode({"next": reverse("tenants:invitation")})
    return f"{reverse('account_login')}?{query}"


def _page(request: HttpRequest, found: Invitation, **context: object) -> HttpResponse:
    title = _("Join %(name)s") % {"name": found.into.name}
    full = {"invitation": found, "title": title, "roles": invitations.role_words(found), **context}
    return render(request, "tenants/invitation.html", full)
