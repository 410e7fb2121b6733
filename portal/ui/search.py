"""Free text on lists: a substring of the upper-cased search column, short texts by prefix."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import OperationalError, connection, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from portal.errors import Refused

SHORTEST_SUBSTRING = 3
SEARCH_SECONDS = 2.0
QUERY_CANCELED = "57014"


class SearchTooSlow(Refused):
    """The database gave up after the time a search may take."""

    code = "search_too_slow"
    status = 503


def narrow(
    rows: QuerySet[Any], text: str, *, column: str, prefix: str, lookups: tuple[str, ...]
) -> QuerySet[Any]:
    """Rows that hold the text.

    column: upper-cased search column with a trigram index; prefix: field with a "C" collation for
    texts of one or two characters; lookups: instead of both, plain lookups of a small table.
    """
    if not text:
        return rows
    if lookups:
        wanted = Q()
        for lookup in lookups:
            wanted |= Q(**{lookup: text})
        return rows.filter(wanted)
    if len(text) >= SHORTEST_SUBSTRING or not prefix:
        return rows.filter(**{f"{column}__contains": text.upper()})
    return rows.filter(Q(**{f"{prefix}__startswith": text}) | Q(**{f"{prefix}__startswith": text.upper()}))


@contextmanager
def time_limit(is_limited: bool, seconds: float = SEARCH_SECONDS) -> Iterator[None]:
    """Run the body's queries under a statement timeout; raises SearchTooSlow."""
    if not is_limited:
        yield
        return
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(int(seconds * 1000))])
            yield
            cursor.execute("SET LOCAL statement_timeout TO DEFAULT")
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) != QUERY_CANCELED:
            raise
        sentence = _("This search takes too long. Add more characters or a filter.")
        raise SearchTooSlow(sentence) from error
