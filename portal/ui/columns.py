"""Columns of list pages: each knows its HTML cell, its plain text (exports) and how it sorts."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import django_tables2 as tables
from django.utils import timezone
from django.utils.html import escape
from django.utils.translation import gettext as _

EMPTY = '<span class="nothing">–</span>'


def reader(accessor: str) -> Callable[[Any], Any]:
    """A fast getter for `a__b` or `a.b`; None anywhere on the way gives None."""
    steps = accessor.replace("__", ".").split(".")

    def read(record: Any) -> Any:
        value = record
        for step in steps:
            value = getattr(value, step, None)
            if value is None:
                return None
        return value() if callable(value) else value

    return read


class Column(tables.Column):
    """A text column.

    sort: field name or expression with an index (tenant, expression, id); None is not sortable.
    shown: part of the default set. css: class of the cell, such as `mono` or `number`.
    """

    css = ""

    def __init__(
        self,
        verbose_name: Any = None,
        *,
        sort: Any = None,
        shown: bool = True,
        css: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(verbose_name=verbose_name, orderable=sort is not None, **options)
        self.sort, self.is_shown = sort, shown
        self.css = self.css if css is None else css

    def text(self, value: Any) -> str:
        """The value in words, as exports and accessible names print it."""
        return "" if value is None else str(value)

    def cell(self, value: Any) -> str:
        """The value as HTML, already escaped."""
        if value is None or value == "":
            return EMPTY
        return str(escape(self.text(value)))


class NumberColumn(Column):
    """A right-aligned number."""

    css = "number"


class YesNoColumn(Column):
    """A boolean in words."""

    def text(self, value: Any) -> str:
        """Yes, No, or nothing when unknown."""
        return "" if value is None else (_("Yes") if value else _("No"))


class ChoiceColumn(Column):
    """A stored word shown by its label, with an optional status dot.

    choices: a TextChoices class or (value, label) pairs; tones: value → success, warning, danger,
    info or neutral.
    """

    def __init__(
        self,
        verbose_name: Any = None,
        *,
        choices: Any,
        tones: Mapping[str, str] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(verbose_name, **options)
        self.labels = dict(getattr(choices, "choices", choices))
        self.tones = tones or {}

    def text(self, value: Any) -> str:
        """The label of the stored word."""
        return "" if value is None else str(self.labels.get(value, value))

    def cell(self, value: Any) -> str:
        """Dot and label."""
        if value is None or value == "":
            return EMPTY
        label = escape(self.text(value))
        tone = self.tones.get(value)
        if tone is None:
            return str(label)
        return f'<span class="status" data-tone="{tone}">{label}</span>'


class DateTimeColumn(Column):
    """A moment, shown in the reader's time zone; exports print ISO 8601 UTC.

    empty: the word for no moment, such as Never.
    """

    css = "date"

    def __init__(self, verbose_name: Any = None, *, empty: Any = "", **options: Any) -> None:
        super().__init__(verbose_name, **options)
        self.empty = empty

    def text(self, value: datetime | None) -> str:
        """ISO 8601 in UTC, to the second."""
        return utc(value) if value else str(self.empty)

    def cell(self, value: datetime | None) -> str:
        """A time element."""
        if value is None:
            return f'<span class="nothing">{escape(self.empty)}</span>' if self.empty else EMPTY
        return time_element(value)


def utc(moment: datetime) -> str:
    """ISO 8601 in UTC, to the second, as exports and `datetime` attributes carry it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def time_element(moment: datetime) -> str:
    """`<time>` with the UTC value and the words of the active time zone."""
    words = timezone.localtime(moment).strftime("%Y-%m-%d %H:%M")
    stamp = utc(moment)
    return f'<time datetime="{stamp}" title="{stamp}">{escape(words)}</time>'
