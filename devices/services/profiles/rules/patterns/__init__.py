"""-match: a safe subset of regular expressions, read into a tree that both evaluators share.

Entra's own dialect is not documented beyond "any regular expression" [D]; it is that of .NET [I]. What
is read here means the same there. Left out, with a reason: back references and look-around (they make
matching slow without bound) and what PostgreSQL or .NET would read differently.
"""

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from devices.services.profiles.rules.folding import fold

HIGHEST = 0x10FFFF
LONGEST_REPEAT = 255
MOST_STATES = 2000
MOST_REPEATED = 300  # of all patterns of a rule together
DEEPEST = 20
NEVER = r"(?:$\u0001)"


@dataclass(frozen=True, slots=True)
class Letters:
    """One letter out of ranges of code points, sorted and apart from each other."""

    ranges: tuple[tuple[int, int], ...]

    def holds(self, letter: str) -> bool:
        """Whether the letter is one of them."""
        code = ord(letter)
        return any(low <= code <= high for low, high in self.ranges)


@dataclass(frozen=True, slots=True)
class Edge:
    """The start or the end of the text."""

    is_start: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One part after another."""

    parts: tuple["Part", ...]


@dataclass(frozen=True, slots=True)
class Either:
    """One of the branches."""

    branches: tuple["Part", ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """The part, at least `least` times; at most `most`, without limit when None."""

    part: "Part"
    least: int
    most: int | None


Part = Letters | Edge | Row | Either | Repeat


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern as written, and its tree in lower case."""

    text: str
    tree: Part

    @property
    def sql(self) -> str:
        """The pattern for PostgreSQL's operator ~ on texts in lower case."""
        return _sql(self.tree)


def letters(ranges: list[tuple[int, int]], *, negated: bool = False) -> Letters:
    """A set of letters in lower case, whatever the case it was written in."""
    merged = _merge([*ranges, *_lower_of(tuple(ranges))])
    if not negated:
        return Letters(tuple(merged))
    edges = [(-1, -1), *merged, (HIGHEST + 1, HIGHEST + 1)]
    gaps = [(low[1] + 1, high[0] - 1) for low, high in pairwise(edges)]
    return Letters(tuple((low, high) for low, high in gaps if low <= high))


@lru_cache(maxsize=1)
def _cased() -> tuple[tuple[int, int], ...]:
    """Every letter that lower case changes, with the letter it becomes."""
    found = ((code, ord(fold(chr(code)))) for code in range(0x1F000) if not 0xD800 <= code <= 0xDFFF)
    return tuple(pair for pair in found if pair[0] != pair[1])


def _lower_of(ranges: tuple[tuple[int, int], ...]) -> list[tuple[int, int]]:
    if all(high < 128 for _low, high in ranges):
        return [(ord(fold(chr(code))),) * 2 for low, high in ranges for code in range(low, high + 1)]
    inside = (small for big, small in _cased() if any(low <= big <= high for low, high in ranges))
    return [(small, small) for small in inside]


def _merge(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return merged


def size(part: Part) -> int:
    """How many states an automaton of the part has."""
    match part:
        case Row(parts) | Either(parts):
            return 1 + sum(map(size, parts))
        case Repeat(inner, least, most):
            return 1 + size(inner) * max(most if most is not None else least + 1, 1)
        case _:
            return 1


def repeated(part: Part) -> int:
    """How many of its states stand in repeats; preparing a pattern takes the square of their number."""
    match part:
        case Row(parts) | Either(parts):
            return sum(map(repeated, parts))
        case Repeat():
            return size(part)
        case _:
            return 0


def _sql(part: Part) -> str:
    match part:
        case Letters(ranges):
            inside = "".join(_range(low, high) for low, high in ranges)
            return f"[{inside}]" if inside else NEVER
        case Edge(is_start):
            return "^" if is_start else "$"
        case Row(parts):
            return "".join(map(_sql, parts))
        case Either(branches):
            return f"(?:{'|'.join(map(_sql, branches))})"
        case Repeat(inner, least, most):
            return f"(?:{_sql(inner)}){{{least},{'' if most is None else most}}}"


def _range(low: int, high: int) -> str:
    """Code points 0 and the surrogates cannot be in a text, and PostgreSQL refuses to read them."""
    pieces = [(max(low, 1), min(high, 0xD7FF)), (max(low, 0xE000), high)]
    return "".join(_written(*piece) for piece in pieces if piece[0] <= piece[1])


def _written(low: int, high: int) -> str:
    return _code(low) if low == high else f"{_code(low)}-{_code(high)}"


def _code(code: int) -> str:
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
