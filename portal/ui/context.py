"""What the shell of every page needs: navigation, places to switch to, theme, mail."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.module_loading import import_string

from portal.ui.navigation import navigation
from portal.ui.scopes import here

THEMES = ("system", "light", "dark")
THEME_COOKIE = "hangar_theme"
NO_MAIL = "django.core.mail.backends.dummy.EmailBackend"


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor; nothing is read from the database before a template asks."""
    return {
        "here": _later(lambda: here(request)),
        "navigation": _later(lambda: navigation(request)),
        "switchable_tenants": _later(lambda: _tenants(request)),
        "switchable_partners": _later(lambda: _partners(request)),
        "theme": _later(lambda: theme_of(request)),
        "sends_mail": settings.EMAIL_BACKEND != NO_MAIL,
    }


def theme_of(request: HttpRequest) -> str:
    """light, dark or system: the choice made on this machine, else the person's setting."""
    chosen = request.COOKIES.get(THEME_COOKIE) or getattr(getattr(request, "user", None), "theme", "system")
    return chosen if chosen in THEMES else "system"


def _later(make: Callable[[], Any]) -> Any:
    return SimpleLazyObject(make)


def _tenants(request: HttpRequest) -> list[Any]:
    if not _is_signed_in(request):
        return []
    return list(import_string(settings.HANGAR_TENANTS)(request, permission="tenant.read"))


def _partners(request: HttpRequest) -> list[Any]:
    return list(import_string(settings.HANGAR_PARTNERS)(request)) if _is_signed_in(request) else []


def _is_signed_in(request: HttpRequest) -> bool:
    return bool(getattr(request, "user", None)) and request.user.is_authenticated
