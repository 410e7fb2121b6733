"""`OA3.xml` of the Windows ADK's oa3tool, also several of them glued, read without an XML parser.

The file is one `<Key>` element of flat text elements; entities and document types are refused, so
nothing is ever expanded.
"""

import re

from django.utils.translation import gettext as _

from .lines import Line
from .notes import CsvFault
from .records import Records

COLUMNS = ("Device Serial Number", "Windows Product ID", "Hardware Hash")
_START = re.compile(r"\s*(?:<\?xml[^<>]*\?>\s*)?<Key[\s>]")
_END = "</Key>"
_FORBIDDEN = re.compile(r"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_ELEMENT = re.compile(r"<(HardwareHash|ProductKeyID|SerialNumber)>([^<>&]*)</\1>")
_MOST_LINES = 300
_LONGEST = 131_072  # characters


def is_declaration(text: str) -> bool:
    """Whether a line is nothing but an XML declaration."""
    return re.fullmatch(r"\s*<\?xml[^<>]*\?>\s*", text) is not None


def starts_key(text: str) -> bool:
    """Whether a line begins an OA3 document."""
    return _START.match(text) is not None


def refuse_other_xml(text: str) -> None:
    """Raise CsvFault when a file's first line is XML, but not of oa3tool."""
    if _FORBIDDEN.match(text.lstrip()) or re.match(r"\s*<[A-Za-z][\w:.-]*(?:\s[^,;]*)?>", text):
        raise CsvFault(_("This XML file is not an OA3.xml written by oa3tool."), code="xml")


def read_key(line: Line, records: Records) -> tuple[str, str, str]:
    """Serial number, ProductKeyID and hash (each perhaps empty) of the document starting here.

    What follows the document on its last line goes back to the records. Raises CsvFault for a
    document type or entity.
    """
    text = line.text
    for _line in range(_MOST_LINES):
        if _END in text or len(text) > _LONGEST:
            break
        following = next(records, None)
        if following is None:
            break
        text += "\n" + following.text
    if _FORBIDDEN.search(text):
        raise CsvFault(_("The XML file defines entities or a document type; it was not read."), code="xml")
    document, _end, rest = text.partition(_END)
    if rest.strip():
        records.put_back(Line(line.number, rest, len(rest)))
    found = dict(_ELEMENT.findall(document))
    return (
        found.get("SerialNumber", ""),
        found.get("ProductKeyID", ""),
        found.get("HardwareHash", ""),
    )
