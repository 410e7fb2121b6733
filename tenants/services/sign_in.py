"""Sign-in rules on top of allauth: nobody signs up alone, people come by invitation."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from tenants.models import Schedule
from tenants.services import links

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
CLEAR = "clear_expired_sessions"
EVERY = timedelta(hours=1)


class Site:
    """What a mail calls this installation: its public name, whatever host the request named."""

    @property
    def name(self) -> str:
        """The host of the public address."""
        return urlsplit(settings.PUBLIC_URL).netloc

    domain = name


class AccountAdapter(DefaultAccountAdapter):
    """Closes public sign-up; accounts are made by the set-up link and by invitations."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never open."""
        return False

    def populate_username(self, request: HttpRequest, user: Any) -> None:
        """There is no user name; people sign in by e-mail."""

    def is_safe_url(self, url: str) -> bool:
        """Whether one may be sent there after signing in: an address of this site that names no host."""
        return url_has_allowed_host_and_scheme(url, allowed_hosts=None)

    def get_reset_password_from_key_url(self, key: str) -> str:
        """The link of a mail, below the public address: whoever asked for it chose the request's host."""
        person, _hyphen, secret = key.partition("-")
        place = {"uidb36": person, "key": secret}
        return links.absolute(reverse("account_reset_password_from_key", kwargs=place))

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """A mail that names the installation by its public address."""
        super().send_mail(template_prefix, email, {**context, "current_site": Site()})


@transaction.atomic
def clear_expired() -> int:
    """Once an hour, delete sessions that ran out; how many."""
    now = timezone.now()
    Schedule.objects.get_or_create(name=CLEAR, tenant=None, defaults={"every": EVERY, "next_run_at": now})
    due = Schedule.objects.filter(name=CLEAR, tenant=None, next_run_at__lte=now)
    if not due.update(next_run_at=now + EVERY):
        return 0
    gone, _kinds = Session.objects.filter(expire_date__lt=now).delete()
    return int(gone)
