"""Files that are no text at all, recognised by their first bytes, each with advice."""

from django.utils.translation import gettext_lazy as _

from .notes import CsvFault

_EXCEL = _("This is an Excel workbook. In Excel choose Save As, CSV (Comma delimited), and import that file.")
_PICTURE = _("This is a picture, not a CSV file.")
_PACKED = _("This is a packed archive. Unpack it and import the CSV file inside.")
_CABINET = _("This is a cabinet of diagnostics logs. Unpack it and import the DeviceHash_….csv inside.")
_UTF32 = _("This text is stored as UTF-32, which no tool of Windows writes. Save it as UTF-8.")

_SIGNATURES = (
    (b"\x89PNG", "picture", _PICTURE),
    (b"\xff\xd8\xff", "picture", _PICTURE),
    (b"GIF8", "picture", _PICTURE),
    (b"%PDF", "pdf", _("This is a PDF document. Ask its sender for the CSV file.")),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "excel", _EXCEL),
    (b"MSCF", "cabinet", _CABINET),
    (b"\x1f\x8b", "archive", _PACKED),
    (b"7z\xbc\xaf\x27\x1c", "archive", _PACKED),
    (b"Rar!\x1a\x07", "archive", _PACKED),
    (b"\xff\xfe\x00\x00", "utf_32", _UTF32),
    (b"\x00\x00\xfe\xff", "utf_32", _UTF32),
    (b"{\\rtf", "rich_text", _("This is a formatted document. Save it as plain text or CSV.")),
)


def refuse_foreign(start: bytes) -> None:
    """Raise CsvFault when the first bytes of a file belong to a known format that is not text."""
    if start.startswith(b"PK\x03\x04"):
        _refuse_zip(start)
    for signature, code, message in _SIGNATURES:
        if start.startswith(signature):
            raise CsvFault(message, code=code)
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if text.startswith((b"<!doctype html", b"<html")):
        raise CsvFault(_("This is a web page, perhaps a sign-in page saved as a file."), code="web_page")
    if text.startswith((b"{", b"[{")):
        raise CsvFault(_("This is JSON, not CSV."), code="json")


def _refuse_zip(start: bytes) -> None:
    if b"[Content_Types].xml" in start or b"xl/" in start:
        raise CsvFault(_EXCEL, code="excel")
    raise CsvFault(_PACKED, code="archive")
