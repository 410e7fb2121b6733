"""Mail that carries a link; where none can be sent, the link on the screen is all there is."""

import logging
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string

from portal.ui.context import NO_MAIL

log = logging.getLogger(__name__)


def is_mail_sent() -> bool:
    """Whether this installation sends mail (not without EMAIL_URL)."""
    return bool(settings.EMAIL_BACKEND != NO_MAIL)


def send(*, to: str, subject: str, template: str, context: dict[str, Any], about: Any) -> None:
    """Send one mail; a mail server that is away costs nothing but the mail. about: for the log."""
    if not is_mail_sent():
        return
    body = render_to_string(template, context)
    try:
        send_mail(" ".join(subject.split()), body, None, [to])
    except (OSError, SMTPException) as error:
        log.warning("%s could not be mailed: %s", about, type(error).__name__)
