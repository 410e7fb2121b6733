"""Whether a text matches a pattern: all ways at once, so that no pattern can take for ever."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

from devices.services.profiles.rules.folding import fold
from devices.services.profiles.rules.patterns import Edge, Either, Letters, Part, Pattern, Repeat, Row


@dataclass(slots=True)
class _Machine:
    """States and their moves: over a letter, over an edge, or for nothing."""

    over: list[tuple[int, Letters, int]] = field(default_factory=list)
    free: dict[int, list[tuple[bool | None, int]]] = field(default_factory=dict)
    count: int = 1

    def state(self) -> int:
        self.count += 1
        return self.count - 1

    def link(self, start: int, end: int, edge: bool | None = None) -> None:
        self.free.setdefault(start, []).append((edge, end))

    def add(self, part: Part, start: int) -> int:
        """Append the part behind a state; returns the state behind it."""
        match part:
            case Letters():
                end = self.state()
                self.over.append((start, part, end))
            case Edge(is_start):
                end = self.state()
                self.link(start, end, is_start)
            case Row(parts):
                end = start
                for each in parts:
                    end = self.add(each, end)
            case Either(branches):
                ends = [self.add(each, self._after(start)) for each in branches]
                end = self._meet(ends)
            case Repeat():
                end = self._repeat(part, start)
        return end

    def _after(self, start: int) -> int:
        state = self.state()
        self.link(start, state)
        return state

    def _meet(self, ends: list[int]) -> int:
        state = self.state()
        for end in ends:
            self.link(end, state)
        return state

    def _repeat(self, part: Repeat, start: int) -> int:
        end = start
        for _time in range(part.least):
            end = self.add(part.part, end)
        if part.most is None:
            loop = self._after(end)
            self.link(self.add(part.part, loop), loop)
            return self._after(loop)
        exits = [end]
        for _time in range(part.most - part.least):
            end = self.add(part.part, end)
            exits.append(end)
        return self._meet(exits)


def matches(pattern: Pattern, text: str) -> bool:
    """Whether the pattern is found anywhere in the text; case does not count."""
    return _compiled(pattern)(fold(text))


@lru_cache(maxsize=256)
def _compiled(pattern: Pattern) -> Callable[[str], bool]:
    machine = _Machine()
    goal = machine.add(pattern.tree, 0)
    moves: dict[int, list[tuple[Letters, int]]] = {}
    for start, over, end in machine.over:
        moves.setdefault(start, []).append((over, end))

    def spread(states: set[int], *, at_start: bool, at_end: bool) -> set[int]:
        """What can be reached without reading a letter."""
        waiting = list(states)
        while waiting:
            for edge, end in machine.free.get(waiting.pop(), ()):
                is_open = edge is None or (at_start if edge else at_end)
                if is_open and end not in states:
                    states.add(end)
                    waiting.append(end)
        return states

    def search(text: str) -> bool:
        states: set[int] = set()
        for place in range(len(text) + 1):
            states = spread(states | {0}, at_start=place == 0, at_end=place == len(text))
            if goal in states:
                return True
            if place < len(text):
                letter = text[place]
                states = {end for state in states for over, end in moves.get(state, ()) if over.holds(letter)}
        return False

    return search
