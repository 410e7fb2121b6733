"""The left navigation, declared by strings in settings.HANGAR_NAVIGATION (partners: the other scope's).

A section is {"label", "items"}; an item is {"label", "url", "icon", "permission", "also"}: `url` the
name of an address of the scope, `also` further url names at which the item is the current one.
"""

from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from portal.ui.scopes import scope_of, scoped


@dataclass(frozen=True, slots=True)
class Item:
    """One link; `is_current` marks the page the person is on."""

    label: Any
    icon: str
    address: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Section:
    """A heading (may be empty) with its links."""

    label: Any
    items: list[Item]


def navigation(request: HttpRequest) -> list[Section]:
    """The sections and items the person may see in the current tenant or partner."""
    scope = scope_of(request)
    if scope is None:
        return []
    sections = [Section(section["label"], _items(request, section["items"])) for section in scope.sections]
    return _with_one_current([section for section in sections if section.items])


def _with_one_current(sections: list[Section]) -> list[Section]:
    """Where one item's address is the start of another's, only the longest stays current."""
    longest = max((len(each.address) for one in sections for each in one.items if each.is_current), default=0)
    return [
        Section(one.label, [replace(each, is_current=_is_it(each, longest)) for each in one.items])
        for one in sections
    ]


def _is_it(item: Item, length: int) -> bool:
    return item.is_current and len(item.address) == length


def _items(request: HttpRequest, declared: list[dict[str, Any]]) -> list[Item]:
    may: frozenset[str] = getattr(request, "permissions", frozenset())
    found = []
    for item in declared:
        address = address_of(item["url"], request)
        if address and item.get("permission", "") in may | {""}:
            found.append(Item(item["label"], item["icon"], address, _is_current(request, item, address)))
    return found


def address_of(name: str, request: HttpRequest) -> str:
    """The address of a url name in the page's own place; empty while nothing answers there."""
    try:
        return reverse(name, kwargs=scoped(request))
    except NoReverseMatch:
        return ""


def _is_current(request: HttpRequest, item: dict[str, Any], address: str) -> bool:
    match = getattr(request, "resolver_match", None)
    if match is not None and match.view_name in (item["url"], *item.get("also", ())):
        return True
    # The overview is the prefix of every other address, so it is current only exactly.
    return address.count("/") > 3 and request.path.startswith(address)


def crumbs(trail: Any, request: HttpRequest) -> list[tuple[str, str]]:
    """(label, address) of a declared breadcrumb: plain labels, or pairs with a url name."""
    found = []
    for step in trail or ():
        if isinstance(step, tuple):
            label, name = step
            found.append((label, name if str(name).startswith("/") else address_of(name, request)))
        else:
            found.append((step, ""))
    return found
