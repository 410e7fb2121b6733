"""The distinct values of an indexed text column: one index probe a value, however many rows there are."""

from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models import Model

MOST = 100

# A loose index scan, which PostgreSQL does not plan by itself for DISTINCT.
DISTINCT = """
WITH RECURSIVE found(value) AS (
    (SELECT {column} FROM {table} WHERE {scope} AND {column} > '' ORDER BY {column} LIMIT 1)
    UNION ALL
    SELECT (SELECT t.{column} FROM {table} t WHERE {scope} AND t.{column} > found.value
            ORDER BY t.{column} LIMIT 1)
    FROM found WHERE found.value IS NOT NULL
) SELECT value FROM found WHERE value IS NOT NULL LIMIT %s
"""


def distinct(model: type[Model], column: str, *, scope: str, values: Sequence[Any]) -> list[str]:
    """At most MOST values, in order; scope: the condition the column's index begins with or is limited to."""
    statement = DISTINCT.format(column=column, table=model._meta.db_table, scope=scope)
    with connection.cursor() as cursor:
        cursor.execute(statement, [*values, *values, MOST])
        return [row[0] for row in cursor]
