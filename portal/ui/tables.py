"""BladeTable: django-tables2 declares the columns, our own code renders the rows."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import django_tables2
from django.utils.html import conditional_escape, escape
from django.utils.safestring import SafeString, mark_safe

from portal.ui.columns import Column, reader

# Placeholders in a row menu that is rendered once for all rows.
KEY, LABEL = "row-key-goes-here", "row-label-goes-here"


@dataclass(frozen=True, slots=True)
class Row:
    """One rendered row: key, accessible label, address of the object, cells as safe HTML."""

    key: str
    label: str
    url: str
    cells: SafeString


@dataclass(frozen=True, slots=True)
class Head:
    """One visible column as the header and the exports see it."""

    name: str
    label: str
    column: Column
    read: Callable[[Any], Any]
    render: Callable[..., Any] | None
    value: Callable[..., Any] | None


class BladeTable(django_tables2.Table):
    """Columns of a list page. The first column names the row and links to its object.

    A method `render_<column>(self, value, record)` returns HTML (escape it), `value_<column>`
    the plain text of exports.
    """

    @classmethod
    def column_names(cls) -> list[str]:
        """Every declared column, in order."""
        return list(cls.base_columns)

    @classmethod
    def shown_names(cls) -> list[str]:
        """The default set, in order."""
        return [name for name, column in cls.base_columns.items() if column.is_shown]

    @classmethod
    def label_of(cls, name: str) -> str:
        """A column's visible word."""
        column = cls.base_columns[name]
        return str(column.verbose_name or name.replace("_", " ").capitalize())

    def heads(self, names: Iterable[str]) -> list[Head]:
        """The named columns, ready to read and render records."""
        return [self._head(name) for name in names]

    def _head(self, name: str) -> Head:
        column = self.base_columns[name]
        return Head(
            name=name,
            label=self.label_of(name),
            column=column,
            read=reader(str(column.accessor or name)),
            render=getattr(self, f"render_{name}", None),
            value=getattr(self, f"value_{name}", None),
        )

    def texts(self, record: Any, heads: list[Head]) -> list[str]:
        """A record as plain texts, one per column."""
        return [_text(head, record) for head in heads]

    def rendered(
        self,
        records: Iterable[Any],
        heads: list[Head],
        address: Callable[[Any], str],
        last: Callable[[Any, str], str],
    ) -> Iterator[Row]:
        """The records as rows; `address` gives the object's own page or an empty string.

        last: HTML of the last cell of a record with a label, or an empty string.
        """
        name, *others = heads
        for record in records:
            label, url = _text(name, record), address(record)
            first = _name_cell(name, record, url)
            cells = first + "".join(_cell(head, record) for head in others)
            html = cells + last(record, label)
            yield Row(str(record.pk), label, url, mark_safe(html))  # noqa: S308


def _text(head: Head, record: Any) -> str:
    value = head.read(record)
    if head.value is not None:
        return str(head.value(value=value, record=record))
    return head.column.text(value)


def _html(head: Head, record: Any) -> str:
    value = head.read(record)
    if head.render is not None:
        return str(conditional_escape(head.render(value=value, record=record)))
    return head.column.cell(value)


def _cell(head: Head, record: Any) -> str:
    css = f' class="{head.column.css}"' if head.column.css else ""
    return f"<td{css}>{_html(head, record)}</td>"


def _name_cell(head: Head, record: Any, url: str) -> str:
    html = _html(head, record)
    if url:
        html = f'<a href="{escape(url)}" hx-get="{escape(url)}" data-open>{html}</a>'
    css = f' class="{head.column.css}"' if head.column.css else ""
    return f'<th scope="row"{css}>{html}</th>'
