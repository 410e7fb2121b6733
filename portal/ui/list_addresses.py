"""The addresses of a list page: itself in another state, its neighbours, its rows' objects."""

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from portal.ui.query import SIZES, ListState
from portal.ui.scopes import scoped

if TYPE_CHECKING:
    from portal.ui.keyset import Page


class ListAddresses:
    """What ListBlade's templates link to."""

    request: HttpRequest
    url_name: str
    object_url_name: str
    opens: str

    @cached_property
    def state(self) -> ListState:
        """What the address asks for."""
        raise NotImplementedError

    @cached_property
    def page(self) -> "Page":
        """The page asked for."""
        raise NotImplementedError

    @cached_property
    def address_of(self) -> Callable[[Any], str]:
        """The address of a row's object, made from one reversed pattern."""
        if not self.object_url_name:
            return lambda record: ""
        place = f"?{self.place}" if self.opens == "flyout" and self.place else ""
        probe = "00000000-0000-0000-0000-000000000000"
        try:
            pattern = self.reverse(self.object_url_name, pk=probe)
        except NoReverseMatch:
            probe = "0"
            pattern = self.reverse(self.object_url_name, pk=probe)
        head, _middle, tail = pattern.rpartition(probe)
        return lambda record: f"{head}{record.pk}{tail}{place}"

    def reverse(self, name: str, **kwargs: Any) -> str:
        """An address of the same tenant or partner."""
        return reverse(name, kwargs={**scoped(self.request), **kwargs})

    @cached_property
    def list_url(self) -> str:
        """The list's own address without parameters."""
        return self.reverse(self.url_name)

    def url(self, **changes: Any) -> str:
        """The list's address in this state after changes."""
        query = self.state.query(**changes)
        return f"{self.list_url}?{query}" if query else self.list_url

    @property
    def current_url(self) -> str:
        """The canonical address of exactly this page."""
        return self.url(after=self.state.after, before=self.state.before)

    @cached_property
    def place(self) -> str:
        """The query string of exactly this page: a flyout's address carries it on."""
        return self.state.query(after=self.state.after, before=self.state.before)

    @property
    def next_url(self) -> str:
        """The next page's address, or empty."""
        return self.url(after=self.page.after) if self.page.after else ""

    @property
    def previous_url(self) -> str:
        """The previous page's address, or empty."""
        return self.url(before=self.page.before) if self.page.before else ""

    @property
    def clear_url(self) -> str:
        """The list without search and filters."""
        return self.url(q="", filters={})

    @property
    def query(self) -> str:
        """The query string a command receives for everything that matches."""
        return self.state.query()

    @property
    def count_url(self) -> str:
        """The fragment with the capped count."""
        query = self.state.query(sort="", columns=(), size=50)
        return f"{self.list_url}?{query}{'&' if query else ''}fragment=count"

    @cached_property
    def export_base(self) -> str:
        """The CSV of the whole list, or empty while there is none."""
        try:
            return self.reverse(f"{self.url_name}_export")
        except NoReverseMatch:
            return ""

    @property
    def export_url(self) -> str:
        """The CSV of this state, or empty while there is none."""
        return f"{self.export_base}?{self.query}" if self.export_base and self.query else self.export_base

    @property
    def sizes(self) -> list[tuple[int, str]]:
        """Page sizes and their addresses."""
        return [(size, self.url(size=size)) for size in SIZES]
