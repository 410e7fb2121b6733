"""Sign-in rules on top of allauth: nobody signs up alone, people come by invitation."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


class AccountAdapter(DefaultAccountAdapter):
    """Closes public sign-up; accounts are made by the set-up link and by invitations."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never open."""
        return False

    def populate_username(self, request: HttpRequest, user: Any) -> None:
        """There is no user name; people sign in by e-mail."""
