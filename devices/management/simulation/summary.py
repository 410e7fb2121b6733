"""What came of a fleet, as a table."""

from collections import Counter
from collections.abc import Iterable, Sequence

from devices.management.simulation.playing import Outcome

MOST_PROBLEMS = 20


def table(outcomes: Sequence[Outcome], *, requests: int, seconds: float) -> list[str]:
    """The lines of the table: ends, notes, requests; then the first problems."""
    ends = Counter(each.end for each in outcomes)
    notes = Counter(note for each in outcomes for note in each.notes)
    rows = [(f"ended: {end}", count) for end, count in sorted(ends.items())]
    rows += [(f"on the way: {note}", count) for note, count in sorted(notes.items())]
    rows += [
        ("check-ins", sum(each.check_ins for each in outcomes)),
        ("machines", len(outcomes)),
        ("requests", requests),
    ]
    lines = [f"{label:<36}{count:>10,}" for label, count in rows]
    rate = requests / seconds if seconds else 0
    lines.append(f"{'seconds':<36}{seconds:>10,.1f}")
    lines.append(f"{'requests a second':<36}{rate:>10,.1f}")
    return [*lines, *_problems(outcomes)]


def _problems(outcomes: Iterable[Outcome]) -> list[str]:
    found = [each for each in outcomes if each.problem]
    lines = [f"  {each.story.hardware().serial}: {each.problem}" for each in found[:MOST_PROBLEMS]]
    head = [f"{len(found):,} machines did not end as their story expects:"] if found else []
    return [*head, *lines, *(["  …"] if len(found) > MOST_PROBLEMS else [])]
