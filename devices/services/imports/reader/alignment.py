"""A row whose cells don't stand under their columns, put right by where its hash is.

Commas in unquoted values (`VMware, Inc.`) add cells; a left-out column takes cells away.
"""

from collections.abc import Callable

from django.utils.translation import gettext as _

from .cells import looks_like_hash
from .headers import Header
from .notes import Note


def align(
    cells: list[str], header: Header, *, needs_hash: bool = True
) -> tuple[list[str], Note | None, Note | None]:
    """The cells under their columns, a note on the repair, and a refusal where it is ambiguous."""
    wanted, at = len(header.columns), header.at("hash")
    cells = _trimmed(cells, wanted)
    where = _hash_position(cells, at)
    if where < 0 and not needs_hash and len(cells) > wanted:
        fitted = _fitted(cells, header, 0, wanted)
        return (cells, None, _too_many(cells, wanted)) if fitted is None else (fitted, _comma(), None)
    if where < 0 or at < 0:
        return (cells, None, None) if len(cells) <= wanted else (cells, None, _too_many(cells, wanted))
    if where == at and len(cells) <= wanted:
        return cells, None, None
    before, after = cells[:where], cells[where + 1 :]
    left = _fitted(before, header, 0, at)
    right = _fitted(after, header, at + 1, wanted)
    if left is None or right is None:
        return cells, None, _too_many(cells, wanted)
    return [*left, cells[where], *right], _moved(where, at), None


def _trimmed(cells: list[str], wanted: int) -> list[str]:
    """Trailing delimiters beyond the last column mean nothing."""
    while len(cells) > wanted and not cells[-1].strip():
        cells = cells[:-1]
    return cells


def _hash_position(cells: list[str], at: int) -> int:
    if 0 <= at < len(cells) and looks_like_hash(cells[at]):
        return at
    return next((place for place, cell in enumerate(cells) if looks_like_hash(cell)), -1)


def _fitted(values: list[str], header: Header, start: int, end: int) -> list[str] | None:
    """The values of the columns start..end; None when no rule says which belong together."""
    room = end - start
    if len(values) < room:
        return values + [""] * (room - len(values))
    values = _joined(values, room, lambda value: value.startswith(" "))  # "VMware, Inc."
    values = _joined(values, room, lambda value: value.isdigit() and len(value) <= 3)  # "VMware7,1"
    excess = len(values) - room
    maker = header.at("manufacturer") - start
    if not excess:
        return values
    if not 0 <= maker < room or any(start <= header.at(field) < end for field in ("tag", "user")):
        return None
    last = maker + excess + 1
    return [*values[:maker], ",".join(values[maker:last]), *values[last:]]


def _joined(values: list[str], room: int, belongs: Callable[[str], bool]) -> list[str]:
    result: list[str] = []
    excess = len(values) - room
    for value in values:
        if excess > 0 and result and belongs(value):
            result[-1] += "," + value
            excess -= 1
        else:
            result.append(value)
    return result


def _moved(where: int, at: int) -> Note:
    if where < at:
        return Note(
            "cells_missing",
            _("Cells were missing before the hardware hash; it was found by its text."),
        )
    return _comma()


def _comma() -> Note:
    return Note(
        "comma_in_value",
        _("A value holds a comma without quotes; the cells were put back in place."),
    )


def _too_many(cells: list[str], wanted: int) -> Note:
    return Note(
        "too_many_values",
        _("The row has %(cells)d values for %(columns)d columns, and it is not clear which belong together.")
        % {"cells": len(cells), "columns": wanted},
    )
