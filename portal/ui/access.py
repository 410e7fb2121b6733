"""The guard of list pages; who may do what is answered by the function settings.HANGAR_ACCESS names."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.module_loading import import_string


def guarded(
    permission: str, view: Callable[[HttpRequest], HttpResponseBase]
) -> Callable[..., HttpResponseBase]:
    """A view below /t/<tenant_slug>/ that needs a permission; anonymous people sign in first."""

    def answer(request: HttpRequest, tenant_slug: str, **_unused: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        import_string(settings.HANGAR_ACCESS)(request, permission, tenant_slug)
        return view(request)

    answer.permission = permission  # type: ignore[attr-defined]
    return answer
