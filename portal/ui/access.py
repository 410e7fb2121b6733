"""The guard of list pages; who may do what is answered by the functions that settings name (scopes.py)."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from portal.ui.scopes import scope_in


def guarded(
    permission: str, view: Callable[[HttpRequest], HttpResponseBase]
) -> Callable[..., HttpResponseBase]:
    """A view of a tenant or a partner that needs a permission; anonymous people sign in first."""

    def answer(request: HttpRequest, **address: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        scope = scope_in(address)
        scope.admit(request, permission, address[scope.keyword])
        return view(request)

    answer.permission = permission  # type: ignore[attr-defined]
    return answer
