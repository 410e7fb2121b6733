"""The state of a list as its address spells it: parsed once, checked, printed canonically."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import gettext as _

SIZES = (25, 50, 100, 200)
SIZE = 50
LONGEST_TEXT = 200
OWN_WORDS = frozenset(["q", "sort", "columns", "size", "after", "before", "fragment"])


@dataclass(frozen=True, slots=True)
class ListState:
    """One state of a list. `problems`: sentences about parameters that could not be understood."""

    q: str = ""
    filters: dict[str, list[str]] = field(default_factory=dict)
    sort: str = ""
    columns: tuple[str, ...] = ()
    size: int = SIZE
    after: str = ""
    before: str = ""
    problems: tuple[str, ...] = ()

    def query(self, **changes: Any) -> str:
        """The canonical query string after changes; cursors are dropped unless given."""
        state = replace(self, **{"after": "", "before": "", **changes})
        return urlencode(list(state._pairs()))

    def _pairs(self) -> Iterable[tuple[str, str]]:
        if self.q:
            yield "q", self.q
        for name, values in self.filters.items():
            yield from ((name, value) for value in values)
        if self.sort:
            yield "sort", self.sort
        if self.columns:
            yield "columns", ",".join(self.columns)
        if self.size != SIZE:
            yield "size", str(self.size)
        for name in ("after", "before"):
            if getattr(self, name):
                yield name, getattr(self, name)

    @property
    def is_narrowed(self) -> bool:
        """Whether a search or a filter is active."""
        return bool(self.q or self.filters)


def parse(
    sent: QueryDict,
    *,
    columns: Iterable[str],
    sortable: Iterable[str],
    filters: Mapping[str, Any],
) -> ListState:
    """The state of an address; what cannot be understood becomes a problem, never an error."""
    problems: list[str] = []
    found = {name: _values(sent, name, each) for name, each in filters.items()}
    for word in sent:
        if word not in OWN_WORDS and word not in filters:
            problems.append(_("There is no filter named “%(name)s”.") % {"name": word[:60]})
    return ListState(
        q=_text(sent, problems),
        filters={name: values for name, values in found.items() if values},
        sort=_sort(sent.get("sort", ""), list(sortable), problems),
        columns=_columns(sent.getlist("columns"), list(columns), problems),
        size=_size(sent.get("size", ""), problems),
        after=sent.get("after", ""),
        before=sent.get("before", ""),
        problems=tuple(problems),
    )


def of_a_list(sent: QueryDict, *, filters: Iterable[str]) -> QueryDict:
    """What an object's address says about the list behind its flyout; its other words are the flyout's."""
    known = (OWN_WORDS - {"fragment"}).union(filters)
    found = QueryDict(mutable=True)
    for word in known.intersection(sent):
        found.setlist(word, sent.getlist(word))
    return found


def _values(sent: QueryDict, name: str, each: Any) -> list[str]:
    """What was sent for a filter; of a range a blank one tells which side is open."""
    values = [value.strip() for value in sent.getlist(name)]
    if not any(values):
        return []
    return values if getattr(each, "kind", "") == "dates" else [value for value in values if value]


def _text(sent: QueryDict, problems: list[str]) -> str:
    text = " ".join(sent.get("q", "").split())
    if "\x00" in text:
        problems.append(_("The search text holds a character that cannot be searched."))
        return text.replace("\x00", "")
    if len(text) > LONGEST_TEXT:
        problems.append(_("The search text may have at most %(most)d characters.") % {"most": LONGEST_TEXT})
        return text[:LONGEST_TEXT]
    return text


def _sort(word: str, sortable: list[str], problems: list[str]) -> str:
    if word and word.removeprefix("-") not in sortable:
        problems.append(_("The list cannot be sorted by “%(name)s”.") % {"name": word[:60]})
        return ""
    return word


def _columns(sent: list[str], known: list[str], problems: list[str]) -> tuple[str, ...]:
    names = [name.strip() for part in sent for name in part.split(",") if name.strip()]
    for name in names:
        if name not in known:
            problems.append(_("There is no column named “%(name)s”.") % {"name": name[:60]})
            return ()
    return tuple(name for name in known if name in names)


def _size(word: str, problems: list[str]) -> int:
    if not word:
        return SIZE
    if word not in {str(size) for size in SIZES}:
        problems.append(_("A page has 25, 50, 100 or 200 rows."))
        return SIZE
    return int(word)
