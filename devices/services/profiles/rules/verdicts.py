"""Why one object fulfils a rule or not, clause by clause."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from devices.services.profiles.rules.attributes import TEXTS
from devices.services.profiles.rules.folding import fold
from devices.services.profiles.rules.patterns import Pattern
from devices.services.profiles.rules.patterns.matching import matches
from devices.services.profiles.rules.tree import Comparison, Joined, Node, Not, Quantified


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a clause holds, and what was looked at.

    word: comparison, any, all, and, or, not; found: the object's value or values, None for a missing
    one; hits: the items that fulfil the body of -any or -all.
    """

    text: str
    word: str
    holds: bool
    attribute: str = ""
    found: Any = None
    hits: tuple[str, ...] = ()
    parts: tuple["Verdict", ...] = ()


def judge(node: Node, facts: Mapping[str, Any]) -> Verdict:
    """The verdict on an object with these facts (attributes.facts_of)."""
    match node:
        case Comparison(attribute=attribute) if attribute is not None:
            found = facts[attribute.name]
            return Verdict(node.text, "comparison", compare(node, found), attribute.name, found)
        case Quantified():
            return _quantified(node, facts)
        case Joined(is_and, parts):
            verdicts = tuple(judge(part, facts) for part in parts)
            holds = all(each.holds for each in verdicts) if is_and else any(each.holds for each in verdicts)
            return Verdict(node.text, "and" if is_and else "or", holds, parts=verdicts)
        case Not(part):
            verdict = judge(part, facts)
            return Verdict(node.text, "not", not verdict.holds, parts=(verdict,))
    raise ValueError(f"{node.text} compares an item outside a collection")


def fulfils(node: Node, facts: Mapping[str, Any]) -> bool:
    """Whether an object with these facts belongs to the group."""
    return judge(node, facts).holds


def _quantified(node: Quantified, facts: Mapping[str, Any]) -> Verdict:
    items: tuple[str, ...] = facts[node.attribute.name]
    hits = tuple(item for item in items if _item_fulfils(node.body, item))
    holds = bool(hits) if node.is_any else len(hits) == len(items)
    word = "any" if node.is_any else "all"
    return Verdict(node.text, word, holds, node.attribute.name, items, hits)


def _item_fulfils(node: Node, item: str) -> bool:
    match node:
        case Joined(is_and, parts):
            wanted = (_item_fulfils(part, item) for part in parts)
            return all(wanted) if is_and else any(wanted)
        case Not(part):
            return not _item_fulfils(part, item)
        case Comparison():
            return compare(node, item)
        case Quantified():
            raise ValueError(f"{node.text} stands inside {TEXTS}")


def compare(node: Comparison, found: str | bool | None) -> bool:
    """One comparison; a missing value fulfils nothing but -eq null, and *not* turns the result round."""
    return _positive(node, found) is not node.is_negative


def _positive(node: Comparison, found: str | bool | None) -> bool:
    wanted = node.value
    if found is None or wanted is None:
        return found is None and wanted is None
    if isinstance(found, bool) or isinstance(wanted, bool):
        return found is wanted
    if isinstance(wanted, Pattern):
        return matches(wanted, found)
    text = fold(found)
    if isinstance(wanted, tuple):
        return text in map(fold, wanted)
    part = fold(wanted)
    match node.positive:
        case "startsWith":
            return text.startswith(part)
        case "endsWith":
            return text.endswith(part)
        case "contains":
            return part in text
        case _:
            return text == part
