"""From the text of a hash to its bytes: what may be mended in base64 text, and what may not."""

import binascii
import re

from devices.hardware.faults import Fault, HashFault
from devices.hardware.parts import Repair

MOST_CHARACTERS = 64 * 1024

SPACES = re.compile(r"[\s\u00a0\u200b\u2060\ufeff]+")
OUTSIDE = re.compile(r"[^A-Za-z0-9+/]")

WHITESPACE = Repair("whitespace", "Spaces inside or around the hash were removed.")
WRAPPING = Repair("wrapping", "The hash was wrapped over several lines; the lines were joined.")
PADDING = Repair("missing_padding", "The missing = at the end of the hash was added.")
SURPLUS = Repair("surplus_padding", "Surplus = signs at the end of the hash were removed.")
PADDING_LOOP = Repair(
    "padding_loop",
    "The hash was one character short of a whole group; an A (empty padding) and == were added.",
)

CAPTURE_AGAIN = "Capture the hash again on the device and import the new file."


def cut_off_mark() -> HashFault:
    return HashFault(
        Fault.TRUNCATED,
        "The hash is cut off: it ends in dots, as a terminal shows a long value. Write the hash to a "
        "file (Get-WindowsAutopilotInfo -OutputFile) instead of copying it from the screen.",
    )


def bytes_of(text: str, *, repair: bool) -> tuple[bytes, tuple[Repair, ...]]:
    """Decode base64 text strictly, after the repairs; raises HashFault."""
    if len(text) > MOST_CHARACTERS:
        raise HashFault(
            Fault.TOO_LARGE,
            f"The value has {len(text):,} characters; a hardware hash has 4,000. Check that the file "
            "holds one hash per row.",
        )
    if text.isascii() and len(text) % 4 == 0 and (blob := _strict(text)) is not None:
        return blob, ()
    if text.rstrip(" \t\r\n\"'").endswith(("\u2026", "..")):
        raise cut_off_mark()
    body, repairs = _without_spaces(text)
    if not body.strip("="):
        raise HashFault(Fault.EMPTY, f"The hash is empty. {CAPTURE_AGAIN}")
    return _padded(text, body, repairs, repair=repair)


def _strict(text: str) -> bytes | None:
    try:
        return binascii.a2b_base64(text, strict_mode=True) or None
    except binascii.Error:
        return None


def _without_spaces(text: str) -> tuple[str, list[Repair]]:
    body = SPACES.sub("", text)
    if body == text:
        return body, []
    inner = text.strip()
    is_wrapped = "\n" in inner or "\r" in inner
    repairs = [WRAPPING] if is_wrapped else []
    if not is_wrapped or " " in text or "\t" in text:
        repairs.append(WHITESPACE)
    return body, repairs


def _padded(text: str, body: str, repairs: list[Repair], *, repair: bool) -> tuple[bytes, tuple[Repair, ...]]:
    letters = body.rstrip("=")
    if outside := OUTSIDE.search(letters):
        raise _not_base64(text, outside.group())
    # Where the documented loop ends (append =; when it ends in ==, turn both into A), reached without
    # looping: groups of 2 and 3 letters get their =, a single letter gets A==, surplus = goes.
    given, needed = len(body) - len(letters), -len(letters) % 4
    if needed == 3:
        letters += "A"
        repairs.append(PADDING_LOOP)
    elif given != needed:
        repairs.append(PADDING if given < needed else SURPLUS)
    if repairs and not repair:
        raise HashFault(Fault.NOT_BASE64, f"The hash is not clean base64 text: {repairs[0].message}", 0)
    blob = binascii.a2b_base64(letters + "=" * (-len(letters) % 4))
    return blob, tuple(repairs)


def _not_base64(text: str, character: str) -> HashFault:
    position = text.index(character)
    shown = character if character.isprintable() else f"U+{ord(character):04X}"
    return HashFault(
        Fault.NOT_BASE64,
        f"This is not a hardware hash: the character {shown!r} at position {position + 1} cannot "
        f"occur in one. Check that the right column was filled. {CAPTURE_AGAIN}",
        position,
    )
