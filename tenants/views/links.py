"""One-time links: what a closed one answers, and how a new one is shown."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from portal.errors import Refused
from portal.ui.middleware import refusal as refusal_page
from portal.ui.panels import render_dialog
from tenants.models import Invitation
from tenants.services import invitations, mailing


def closed(request: HttpRequest, refusal: Refused) -> HttpResponse:
    """The refusal's page; marked as logged, because Django's log line would hold the token."""
    response = refusal_page(request, str(refusal), status=refusal.status, context={"refusal": refusal})
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response


def show_invitation(request: HttpRequest, made: Invitation, *, back: str) -> HttpResponse:
    """The link of an invitation, to hand over or as it was mailed."""
    context = {
        "invitation": made,
        "link": invitations.link_of(made),
        "is_mailed": mailing.is_mail_sent(),
        "list_url": back,
    }
    return render_dialog(request, "tenants/_invitation_link.html", context, title=_("Invitation ready"))
