"""One-time links shown on the screen."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from portal.ui.panels import render_dialog
from tenants.models import Invitation
from tenants.services import invitations


def show_invitation(request: HttpRequest, made: Invitation, *, back: str) -> HttpResponse:
    """The link of an invitation, to hand over or as it was mailed."""
    context = {
        "invitation": made,
        "link": invitations.link_of(made),
        "is_mailed": invitations.is_mail_sent(),
        "list_url": back,
    }
    return render_dialog(request, "tenants/_invitation_link.html", context, title=_("Invitation ready"))
