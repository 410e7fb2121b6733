"""One cell at a time: cleaned, repaired, and judged as text (a hash is not decoded here)."""

import re
from binascii import a2b_base64
from decimal import Decimal

from django.utils.translation import gettext as _

from portal.ui.formula_guard import unguard_formula

from .notes import Note

EXCEL = "excel_serial"
FULL_HASH = 4000  # characters: 3,000 bytes in base64
_HASH_LIKE = re.compile(r"[\s\"']*T0[E-H][A-Za-z0-9+/\s]{37}")
_NEW_HASH = re.compile(r"T0[E-H].{3}EAHAAAAA")
_BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}")
_URL_BASE64 = re.compile(r"[A-Za-z0-9_-]+={0,2}")
_BLANK = re.compile(r"[\s\u00ad\u200b-\u200f\u2060\ufeff]+")
_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u2060\ufeff]+")
_ELLIPSIS = re.compile(r"…|\.{2,}")
_PLACEHOLDER = re.compile(r"[<\[{(].*[>\]})]|(?i:hash|hardware ?hash|x{3,}|sample.*)", re.DOTALL)
_EXCEL_NUMBER = re.compile(r"\d+(?:[.,]\d+)?[Ee]\+\d+")
_EXCEL_DIGITS = 15  # it keeps no more of a number and shows zeros behind them
_NUMBER = re.compile(r"[0-9]+(?:E[0-9]{1,3})?", re.IGNORECASE)
_EXCEL_TEXT = re.compile(r'="?([^"]*)"?')


def looks_like_hash(cell: str) -> bool:
    """Whether a cell begins as every hash made by Windows does and is long."""
    return _HASH_LIKE.match(cell) is not None


def begins_new_hash(text: str) -> bool:
    """Whether base64 text is the beginning of a hash rather than its continuation."""
    return _NEW_HASH.match(text) is not None


def is_base64(text: str) -> bool:
    """Whether the whole text is base64, padded or not."""
    return _BASE64.fullmatch(text) is not None


def is_cut_short(text: str) -> bool:
    """Whether a hash holds fewer bytes than its own head says (hardware-hash.md 1.2)."""
    head = a2b_base64(text[:8]) if len(text) >= 8 and is_base64(text[:8]) else b""
    needed = int.from_bytes(head[2:4], "little") + 36
    return len(head) < 4 or len(text) * 3 // 4 < needed


def clean(cell: str) -> str:
    """The value of a cell: no formula guard, no outer blanks or quotes, no invisible characters."""
    cell = unguard_formula(cell).strip()
    if '"' in cell and not cell.startswith("="):
        cell = cell.strip('"').strip()
    return cell if cell.isascii() else _INVISIBLE.sub("", cell).replace("\u00a0", " ").strip()


def serial_text(cell: str) -> tuple[str, Note | None]:
    """The serial number of a cell, and what a spreadsheet did to it."""
    serial = clean(cell)
    if serial.startswith('="') and (wrapped := _EXCEL_TEXT.fullmatch(serial)):
        return wrapped[1].strip(), Note("excel_text", _("The serial number was wrapped in a formula."))
    if is_excels_number(serial):
        return serial, Note(
            EXCEL,
            _("Excel turned the serial number into %(serial)s.") % {"serial": serial},
        )
    return serial, None


def is_excels_number(text: str) -> bool:
    """Whether a text is a large number as a spreadsheet shows it: 1.23457E+12."""
    return _EXCEL_NUMBER.fullmatch(text) is not None


def is_excels_copy(text: str, *, of: str) -> bool:
    """Whether a spreadsheet shows this for a text that it took for a number."""
    if is_excels_number(text) and _NUMBER.fullmatch(of):
        mantissa, _sign, exponent = text.upper().replace(",", ".").partition("E+")
        shown = f"{Decimal(of):.{len(mantissa.partition('.')[2])}E}"
        return shown.partition("E+")[::2] == (mantissa, exponent.lstrip("0") or "0")
    if not (of + text).isascii() or not of.isdecimal() or not text.isdecimal():
        return False
    number = of.lstrip("0")
    return text.lstrip("0") in (number, number[:_EXCEL_DIGITS].ljust(len(number), "0"))


def hash_text(cell: str) -> tuple[str, Note | None, Note | None]:
    """The hash's base64 text, a note on its repair, and a refusal if it is no hash."""
    if is_base64(cell):  # nearly every hash: one scan of its 4,000 characters
        return cell, None, _unlikely(cell)
    text = _BLANK.sub("", unguard_formula(cell)).strip("\"'")
    repair = None
    if text != cell.strip():
        repair = Note(
            "hash_blanks", _("Blanks, line breaks or quotes inside the hardware hash were removed.")
        )
    if is_base64(text):
        return text, repair, _unlikely(text)
    if not text:
        return "", None, Note("no_hash", _("This row has no hardware hash."))
    if looks_like_hash(text) and _URL_BASE64.fullmatch(text):
        text = text.replace("-", "+").replace("_", "/")
        return (
            text,
            Note("hash_url_safe", _("The hardware hash was in the URL-safe alphabet.")),
            None,
        )
    return text, None, _refusal(text)


def _unlikely(text: str) -> Note | None:
    if len(text) >= 40 or text.startswith("T0"):
        return None
    return _refusal(text)


def _refusal(text: str) -> Note:
    if _ELLIPSIS.search(text):
        return Note(
            "hash_truncated",
            _("The hardware hash was cut off when it was copied from a screen; take it from the file."),
        )
    if _PLACEHOLDER.fullmatch(text):
        return Note("hash_placeholder", _("This is a placeholder where the hardware hash should be."))
    return Note("not_a_hash", _("The text in the hardware hash column is not a hardware hash."))
