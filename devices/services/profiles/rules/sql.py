"""A rule as an SQL condition over the objects of OBJECTS, which it names e; values are parameters."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from devices.services.profiles.rules.attributes import HELD
from devices.services.profiles.rules.folding import fold
from devices.services.profiles.rules.parser import parsed
from devices.services.profiles.rules.patterns import Pattern
from devices.services.profiles.rules.tree import Comparison, Joined, Node, Not, Quantified

OBJECTS = "SELECT e.id, e.deleted_at, {columns} FROM {{source}} e".format(
    columns=", ".join(f"{each.sql} AS {each.column}" for each in HELD)
)


@dataclass(frozen=True, slots=True)
class Condition:
    """SQL that is true or false, never null, with its parameters."""

    sql: str
    parameters: tuple[Any, ...] = ()


@lru_cache(maxsize=4096)
def condition(text: str) -> Condition:
    """The condition of a rule that was accepted before."""
    return compiled(parsed(text))


def compiled(node: Node) -> Condition:
    """The condition of a tree."""
    match node:
        case Joined(is_and, parts):
            found = [compiled(part) for part in parts]
            sql = (" AND " if is_and else " OR ").join(each.sql for each in found)
            return Condition(f"({sql})", tuple(value for each in found for value in each.parameters))
        case Not(part):
            inner = compiled(part)
            return Condition(f"(NOT {inner.sql})", inner.parameters)
        case Quantified():
            return _quantified(node)
        case Comparison(attribute=attribute):
            return _comparison(node, f"e.{attribute.column}" if attribute is not None else "p.value")


def _quantified(node: Quantified) -> Condition:
    """An equality with any item looks into the array; everything else unfolds it."""
    items, body = f"e.{node.attribute.column}", node.body
    if node.is_any and isinstance(body, Comparison) and body.operator == "eq" and isinstance(body.value, str):
        return Condition(f"(%s = ANY({items}))", (fold(body.value),))
    inner = compiled(body)
    rows = f"SELECT FROM unnest({items}) AS p(value) WHERE"
    if node.is_any:
        return Condition(f"EXISTS ({rows} {inner.sql})", inner.parameters)
    return Condition(f"NOT EXISTS ({rows} NOT {inner.sql})", inner.parameters)


def _comparison(node: Comparison, column: str) -> Condition:
    positive = _positive(node, column)
    if not node.is_negative:
        return positive
    return Condition(f"(NOT {positive.sql})", positive.parameters)


def _positive(node: Comparison, column: str) -> Condition:
    """Each is false, not null, where the column is null."""
    wanted = node.value
    if wanted is None:
        return Condition(f"({column} IS NULL)")
    if isinstance(wanted, bool):
        return Condition(f"({column} IS NOT DISTINCT FROM %s)", (wanted,))
    if isinstance(wanted, Pattern):
        return _known(f'{column} COLLATE "C" ~ %s', wanted.sql)
    if isinstance(wanted, tuple):
        return _known(f"{column} = ANY(%s::text[])", [fold(text) for text in wanted])
    part = fold(wanted)
    match node.positive:
        case "startsWith":
            return _known(f"starts_with({column}, %s)", part)
        case "endsWith":
            return _known(f"right({column}, {len(part)}) = %s", part)
        case "contains":
            return _known(f"strpos({column}, %s) > 0", part)
        case _:
            return _known(f"{column} = %s", part)


def _known(sql: str, value: Any) -> Condition:
    return Condition(f"coalesce({sql}, false)", (value,))
