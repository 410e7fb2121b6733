"""What a list page shows around its rows: header cells, pills, filter pane, column chooser."""

from dataclasses import dataclass, field
from typing import Any, Protocol

from django.http import HttpRequest

from portal.ui.filters import NONE, span
from portal.ui.keyset import Sort
from portal.ui.query import ListState
from portal.ui.tables import BladeTable


class Shown(Protocol):
    """What has to be known of a list page: its table, its filters, and the state it is in."""

    request: HttpRequest
    table_class: type[BladeTable]

    @property
    def names(self) -> list[str]:
        """The visible columns."""

    @property
    def sorts(self) -> dict[str, Any]:
        """Sortable column names and their expressions."""

    @property
    def sort(self) -> Sort:
        """The order of the rows."""

    @property
    def filterset(self) -> Any:
        """The filters bound to the address."""

    @property
    def state(self) -> ListState:
        """What the address asks for."""

    def url(self, **changes: Any) -> str:
        """The page's address in this state after changes."""


@dataclass(frozen=True, slots=True)
class Header:
    """A header cell; `direction` is ascending, descending or none, as aria-sort spells it."""

    label: str
    css: str
    url: str = ""
    direction: str = "none"


@dataclass(frozen=True, slots=True)
class Pill:
    """An active filter value and the address without it."""

    label: str
    text: str
    url: str


@dataclass(frozen=True, slots=True)
class FilterInput:
    """One filter in the pane: kind is pick, values, dates or text."""

    name: str
    label: str
    kind: str
    values: list[str]
    choices: list[tuple[str, str, bool]] = field(default_factory=list)
    suggestions: list[str] = field(default_factory=list)
    without: str = ""
    errors: list[str] = field(default_factory=list)

    @property
    def spare(self) -> list[str]:
        """The typed values and one empty place for another."""
        return [*(value for value in self.values if not (self.without and value == NONE)), ""]

    @property
    def is_without(self) -> bool:
        """Whether rows without any value are asked for."""
        return NONE in self.values

    @property
    def days(self) -> list[str]:
        """From and to of a date range."""
        return span(self.values)[:2]


def headers(blade: Shown) -> list[Header]:
    """The header cells of the visible columns."""
    return [_header(blade, name) for name in blade.names]


def _header(blade: Shown, name: str) -> Header:
    column = blade.table_class.base_columns[name]
    label = blade.table_class.label_of(name)
    if name not in blade.sorts:
        return Header(label, column.css)
    if blade.sort.name != name:
        return Header(label, column.css, blade.url(sort=name))
    is_down = blade.sort.is_descending
    url = blade.url(sort=name if is_down else f"-{name}")
    return Header(label, column.css, url, "descending" if is_down else "ascending")


def pills(blade: Shown) -> list[Pill]:
    """One pill per active filter value."""
    found = []
    for name, values in blade.state.filters.items():
        each = blade.filterset.filters[name]
        for text, left in each.pills(values, _choices(each)):
            rest = {key: kept for key, kept in blade.state.filters.items() if key != name}
            filters = {**rest, name: left} if left else rest
            found.append(Pill(str(each.label or name), text, blade.url(filters=filters)))
    return found


def filter_inputs(blade: Shown) -> list[FilterInput]:
    """The inputs of the filter pane, in declared order."""
    return [_input(blade, name, each) for name, each in blade.filterset.filters.items()]


def _input(blade: Shown, name: str, each: Any) -> FilterInput:
    values = blade.state.filters.get(name, [])
    suggest = getattr(each, "suggestions", None)
    return FilterInput(
        name=name,
        label=str(each.label or name.replace("_", " ").capitalize()),
        kind=getattr(each, "kind", "text"),
        values=values,
        choices=[(key, text, key in values) for key, text in _choices(each).items()],
        suggestions=list(suggest(blade.request)) if suggest else [],
        without=str(getattr(each, "without", "")),
        errors=list(blade.filterset.form.errors.get(name, [])),
    )


def _choices(each: Any) -> dict[str, str]:
    return {str(key): str(text) for key, text in each.extra.get("choices", [])}


def column_choices(blade: Shown) -> list[tuple[str, str, bool]]:
    """Name, word and whether shown, for every column."""
    table = blade.table_class
    return [(name, table.label_of(name), name in blade.names) for name in table.column_names()]
