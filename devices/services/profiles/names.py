"""The device name template: checked, previewed and expanded.

Rules: "Configure Windows Autopilot profiles" [D]: at most 15 characters expanded; letters, digits,
hyphens; not all digits; macros %SERIAL% and %RAND:x%. A serial too long for the room left is cut [U].
"""

import hashlib
import itertools
import re
import secrets
from collections.abc import Callable

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.errors import Refused

LONGEST = 15
MACRO = re.compile(r"%SERIAL%|%RAND:(\d{1,3})%", re.IGNORECASE)
ALLOWED = re.compile(r"[A-Za-z0-9-]*")
EXAMPLE_SERIAL = "5CG1234XYZ"


class BadTemplate(Refused):
    """The template breaks a rule; the sentence says which."""

    code = "bad_name_template"


def check_template(template: str) -> None:
    """Raise BadTemplate unless every device could be named by it; an empty one is fine."""
    if not template:
        return
    fixed = MACRO.sub("", template)
    if "%" in fixed:
        raise BadTemplate(_("Only %SERIAL% and %RAND:x% (x digits) can stand between percent signs."))
    if not ALLOWED.fullmatch(fixed):
        raise BadTemplate(_("Use only letters, digits and hyphens beside the macros; no blanks."))
    macros = list(MACRO.finditer(template))
    digits = [int(match[1]) for match in macros if match[1]]
    if any(not 1 <= number <= LONGEST for number in digits):
        raise BadTemplate(_("%RAND:x% takes a number of digits from 1 to 15."))
    serials = len(macros) - len(digits)
    if serials > 1:
        raise BadTemplate(_("%SERIAL% can stand only once."))
    if len(fixed) + sum(digits) + serials > LONGEST:
        raise BadTemplate(_too_long(len(fixed) + sum(digits) + serials))
    if not serials and not re.search(r"[A-Za-z-]", fixed):
        raise BadTemplate(_("A device name cannot be all digits."))


def expand(template: str, *, serial: str, digit: Callable[[], str] | None = None) -> str:
    """The name a device gets: at most 15 characters, the serial cut to the room left.

    digit gives each random digit. A name that would be all digits gets a leading hyphenated letter.
    """
    draw = digit or _random_digit
    text = MACRO.sub(lambda match: _digits(match, draw), template)
    clean = re.sub(r"[^A-Za-z0-9-]", "", serial)
    room = LONGEST - len(re.sub("%SERIAL%", "", text, flags=re.IGNORECASE))
    name = re.sub("%SERIAL%", clean[: max(room, 0)], text, flags=re.IGNORECASE)
    return f"D-{name}"[:LONGEST] if name.isdigit() else name


def digits_of(seed: str) -> Callable[[], str]:
    """Random-looking digits for `expand`, the same for the same seed."""
    numbers = itertools.count()
    return lambda: str(hashlib.sha256(f"{seed} {next(numbers)}".encode()).digest()[0] % 10)


def preview(template: str) -> str:
    """An example of the names a valid template makes; raises BadTemplate."""
    check_template(template)
    counting = iter("739150826473915082647391508264")
    return expand(template, serial=EXAMPLE_SERIAL, digit=lambda: next(counting))


def _digits(match: re.Match[str], draw: Callable[[], str]) -> str:
    return "".join(draw() for _number in range(int(match[1]))) if match[1] else match[0]


def _random_digit() -> str:
    return str(secrets.randbelow(10))


def _too_long(length: int) -> str:
    return ngettext(
        "Expanded, the name would have %(count)d character; at most 15 are allowed.",
        "Expanded, the name would have at least %(count)d characters; at most 15 are allowed.",
        length,
    ) % {"count": length}
