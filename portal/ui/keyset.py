"""Keyset paging: row-value comparison on (sort expression, key), opaque signed cursors.

The sort expression of a nullable column is `Coalesce(column, low value)`, the same expression as
in its index. `(a, id) < (x, y)` reads only the page at any depth; OFFSET and the OR form do not.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.core.exceptions import ValidationError
from django.db.models import F, Model, QuerySet
from django.db.models.expressions import Combinable
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from portal.errors import Refused

SALT = "portal.ui.keyset"
SORT_VALUE = "blade_sort_value"


class BadCursor(Refused):
    """The page mark in the address is damaged or belongs to another order."""

    code = "bad_cursor"


@dataclass(frozen=True, slots=True)
class Sort:
    """One order of a list: a word for the address, an expression, a direction."""

    name: str
    expression: Combinable
    is_descending: bool = False

    @property
    def word(self) -> str:
        """The order as the address spells it."""
        return f"-{self.name}" if self.is_descending else self.name


@dataclass(frozen=True, slots=True)
class Page:
    """A page of rows and the cursors of its neighbours (empty where there is none)."""

    rows: Sequence[Any]
    after: str
    before: str


def expression_of(sort: Any) -> Combinable:
    """A field name or an expression as an expression."""
    return F(sort) if isinstance(sort, str) else sort


def page_of(rows: QuerySet[Any], sort: Sort, *, size: int, after: str, before: str) -> Page:
    """One page of an unordered queryset; raises BadCursor. Costs one query."""
    is_backward = bool(before) and not after
    rows = rows.annotate(**{SORT_VALUE: sort.expression})
    cursor = after or before
    if cursor:
        rows = beyond(rows, sort, read(cursor, sort), is_backward=is_backward)
    found = list(in_order(rows, sort, is_reversed=is_backward)[: size + 1])
    has_more = len(found) > size
    found = found[:size]
    if is_backward:
        found.reverse()
    has_next = bool(found) and (is_backward or has_more)
    has_previous = bool(found) and (has_more if is_backward else bool(after))
    return Page(
        rows=found,
        after=mark(found[-1], sort) if has_next else "",
        before=mark(found[0], sort) if has_previous else "",
    )


def in_order(rows: QuerySet[Any], sort: Sort, *, is_reversed: bool = False) -> QuerySet[Any]:
    """Rows by the sort expression, ties by key in the same direction (one index serves both)."""
    expression: Any = sort.expression
    key = F("pk")
    if sort.is_descending != is_reversed:
        return rows.order_by(expression.desc(), key.desc())
    return rows.order_by(expression.asc(), key.asc())


def beyond(
    rows: QuerySet[Any], sort: Sort, place: tuple[Any, Any], *, is_backward: bool = False
) -> QuerySet[Any]:
    """The rows after (or before) a place in the order."""
    lookup = TupleLessThan if sort.is_descending != is_backward else TupleGreaterThan
    return rows.filter(lookup(Tuple(sort.expression, F("pk")), place))


def mark(row: Model, sort: Sort) -> str:
    """The cursor that stands for a row in an order."""
    value = getattr(row, SORT_VALUE)
    kind, text = _pack(value)
    return signing.dumps([sort.word, kind, text, str(row.pk)], salt=SALT)


def read(cursor: str, sort: Sort) -> tuple[Any, str]:
    """The place a cursor stands for; raises BadCursor."""
    sentence = _("The page mark in the address is not valid here. This is the first page.")
    try:
        word, kind, text, key = signing.loads(cursor, salt=SALT)
        if word != sort.word:
            raise BadCursor(sentence)
        return _unpack(kind, text), key
    except (signing.BadSignature, ValueError, TypeError, ValidationError) as error:
        raise BadCursor(sentence) from error


def _pack(value: Any) -> tuple[str, Any]:
    if hasattr(value, "isoformat"):
        return "moment", value.isoformat()
    if isinstance(value, uuid.UUID):
        return "uuid", str(value)
    return "plain", value


def _unpack(kind: str, text: Any) -> Any:
    if kind == "moment":
        return parse_datetime(text) or text
    return uuid.UUID(text) if kind == "uuid" else text
