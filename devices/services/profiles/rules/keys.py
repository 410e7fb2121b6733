"""The physical ids a rule asks for: one of them must be on an object that fulfils the rule."""

from collections.abc import Iterable
from dataclasses import dataclass

from devices.services.profiles.rules.folding import fold
from devices.services.profiles.rules.tree import Comparison, Joined, Node, Not, Quantified


@dataclass(frozen=True, slots=True)
class Keys:
    """values in lower case; is_all_it_asks: having one of them is also enough."""

    values: frozenset[str]
    is_all_it_asks: bool


def keys_of(node: Node) -> Keys | None:
    """The keys of a rule, None where an object without any of them may fulfil it."""
    match node:
        case Quantified(is_any=True, body=body):
            return _of_item(body)
        case Joined(is_and, parts):
            return _joined(is_and, [keys_of(part) for part in parts])
        case _:
            return None


def _of_item(node: Node) -> Keys | None:
    match node:
        case Comparison(operator="eq", value=str(value)):
            return Keys(frozenset([fold(value)]), True)
        case Comparison(operator="in", value=tuple(values)):
            return Keys(frozenset(map(fold, values)), True)
        case Joined(is_and, parts):
            return _joined(is_and, [_of_item(part) for part in parts])
        case Not() | Comparison() | Quantified():
            return None


def _joined(is_and: bool, parts: Iterable[Keys | None]) -> Keys | None:
    """With -or every part must ask for keys; with -and the part that asks for the fewest will do."""
    known = list(parts)
    found = [each for each in known if each is not None]
    if is_and:
        fewest = min(found, key=lambda each: len(each.values), default=None)
        return Keys(fewest.values, False) if fewest else None
    if len(found) < len(known):
        return None
    values = frozenset().union(*(each.values for each in found))
    return Keys(values, all(each.is_all_it_asks for each in found))
