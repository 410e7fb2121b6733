"""Commands of a list page's command bar and of a row's menu."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from portal.ui.scopes import scoped


@dataclass(frozen=True, slots=True)
class Command:
    """One command.

    url: name of an address of the page's tenant or partner; permission: the word that shows it;
    selection: "" (none needed), "one" or "many" (posts the selected rows); opens: "dialog",
    "flyout", "page" (a plain link or post) or "export" (a download of what the list shows); query: words
    the address always carries; icon: a heroicons name (outline); stays: without the permission it stays
    in the bar, dimmed and naming what is missing.
    """

    label: Any
    url: str
    icon: str = ""
    permission: str = ""
    selection: str = ""
    opens: str = "dialog"
    stays: bool = False
    query: str = ""

    def address(self, request: HttpRequest) -> str:
        """Where it leads from the request's page; empty while nothing answers there."""
        try:
            address = reverse(self.url, kwargs=scoped(request))
        except NoReverseMatch:
            return ""
        return f"{address}?{self.query}" if self.query else address


@dataclass(frozen=True, slots=True)
class Placed:
    """A command with its address, as templates show it."""

    label: Any
    icon: str
    address: str
    selection: str
    opens: str
    refusal: str = ""


def placed(commands: Iterable[Any], request: HttpRequest) -> list[Any]:
    """The commands the person may use, in order; strings name the kit's own (filter, export …)."""
    may: frozenset[str] = getattr(request, "permissions", frozenset())
    found: list[Any] = []
    for command in commands:
        if isinstance(command, str):
            found.append(Placed(command, "", "", "", "kit"))
        elif not command.permission or command.permission in may:
            address = command.address(request)
            found.append(Placed(command.label, command.icon, address, command.selection, command.opens))
        elif command.stays:
            refusal = request.refusal_of(command.permission)  # type: ignore[attr-defined]
            found.append(Placed(command.label, command.icon, "", "", "refused", refusal))
    return found
