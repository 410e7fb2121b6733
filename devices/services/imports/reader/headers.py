"""Header lines: which column means what, under any of the names that tools give it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count

DELIMITERS = (",", ";", "\t", "|")
IMPORT_COLUMNS = (
    "Device Serial Number",
    "Windows Product ID",
    "Hardware Hash",
    "Group Tag",
    "Assigned User",
)
PARTNER_COLUMNS = (*IMPORT_COLUMNS[:3], "Manufacturer name", "Device model")
_NAMES = {
    "serial": "deviceserialnumber serialnumber serial serialno",
    "product": "windowsproductid productid productkey productkeyid windowsproductkey pkid",
    "hash": "hardwarehash hash hardwareidentifier devicehash devicehardwaredata 4khash 4khh",
    "tag": "grouptag orderid orderidentifier",
    "user": "assigneduser assigneduserprincipalname userprincipalname upn user",
    "manufacturer": "manufacturername manufacturer oemmanufacturername make",
    "model": "devicemodel model modelname",
    "purchase": "purchaseorder purchaseorderid purchaseorderidentifier",
}
_FIELD_OF = {name: field for field, names in _NAMES.items() for name in names.split()}
_NOT_NAME = re.compile(r"[\W_]+")
_LONGEST_NAME = 80
_PLACEHOLDER_MARKS = ("<", "[", "{")
_GLUED = re.compile(r"(?i)\"?(?:device serial number|serial ?number)\"?\s*[,;\t|]")


@dataclass(frozen=True, slots=True)
class Header:
    """One header line: the columns as written, their delimiter, and where each known field is.

    Further columns of one meaning stand in `spare`: they count where the first is empty.
    """

    columns: tuple[str, ...]
    delimiter: str
    places: Mapping[str, int]
    is_written: bool = True  # False: inferred from the shape of rows without a header
    spare: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    def at(self, field: str) -> int:
        """The position of a field's column, or -1."""
        return self.places.get(field, -1)

    def all_at(self, field: str) -> tuple[int, ...]:
        """The positions of all columns of a field, the one that counts first."""
        return (self.at(field), *self.spare.get(field, ()))


def normalised(name: str) -> str:
    """A column name as it is compared: letters and digits, lower case."""
    return _NOT_NAME.sub("", name).casefold()


def header_of(cells: Sequence[str], *, delimiter: str) -> Header | None:
    """The header that these cells are, or None; of two columns of one meaning the first counts.

    Of a group tag and its older name OrderID it is the tag, as in Microsoft's own module.
    """
    if not any(cells) or max(map(len, cells)) > _LONGEST_NAME:
        return None
    found: dict[str, list[int]] = {}
    for position, name in zip(count(), cells, strict=False):
        meaning = _FIELD_OF.get(normalised(name))
        if meaning and not name.startswith(_PLACEHOLDER_MARKS):
            found.setdefault(meaning, []).append(position)
    if len(found) < 2 and "hash" not in found:
        return None
    found.get("tag", []).sort(key=lambda position: normalised(cells[position]) != "grouptag")
    places = {meaning: positions[0] for meaning, positions in found.items()}
    spare = {meaning: tuple(positions[1:]) for meaning, positions in found.items() if len(positions) > 1}
    return Header(_without_trailing(cells), delimiter, places, spare=spare)


def read_header(text: str) -> Header | None:
    """The header that a line of text is under the delimiter that explains most of it, or None."""
    found = [header_of(naive_cells(text, mark), delimiter=mark) for mark in DELIMITERS]
    known = [header for header in found if header]
    return max(known, key=lambda header: len(header.places), default=None)


def looks_like_header(text: str) -> bool:
    """Whether a line of text is a header."""
    return len(text) < 4096 and read_header(text) is not None


def glued_header_at(text: str) -> int:
    """Where in a line a header begins that was glued to it for want of a newline, or -1."""
    for found in _GLUED.finditer(text, 1):
        if looks_like_header(text[found.start() :]):
            return found.start()
    return -1


def naive_cells(text: str, delimiter: str) -> list[str]:
    """The cells of a line whose values hold no delimiters, without quotes and outer spaces."""
    return [cell.strip().strip('"').strip() for cell in text.split(delimiter)]


def _without_trailing(cells: Sequence[str]) -> tuple[str, ...]:
    kept = list(cells)
    while kept and not kept[-1]:
        kept.pop()
    return tuple(kept)
