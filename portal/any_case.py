"""Addresses that are read in any case, as Microsoft's APIs read theirs."""

import re
from collections.abc import Callable
from typing import Any

from django.urls import URLPattern
from django.urls.resolvers import RegexPattern

GUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"


class AnyCasePattern(RegexPattern):
    """A regular expression that ignores case; an inline flag would not be reversible."""

    def __init__(self, route: str, *, name: str) -> None:
        super().__init__(route, name=name, is_endpoint=True)
        self.regex = re.compile(route, re.IGNORECASE)


def any_case(route: str, view: Callable[..., Any], *, name: str) -> URLPattern:
    """Like re_path, whatever the case of the address."""
    return URLPattern(AnyCasePattern(route, name=name), view, None, name)
