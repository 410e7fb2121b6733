"""Files without a usable header: rows of a known shape, and files that are something else."""

from collections.abc import Sequence
from dataclasses import replace

from django.utils.translation import gettext as _

from .cells import looks_like_hash
from .headers import (
    DELIMITERS,
    IMPORT_COLUMNS,
    PARTNER_COLUMNS,
    Header,
    header_of,
    naive_cells,
    normalised,
)
from .notes import CsvFault

_CIPP_COLUMNS = (
    "Serialnumber",
    "Manufacturer",
    "Model",
    "Product ID",
    "Hardware hash",
    "Group Tag",
)
_SHAPES = {  # by the position of the hash
    0: ("Hardware Hash", "Group Tag", "Assigned User"),
    1: ("Device Serial Number", "Hardware Hash", "Group Tag", "Assigned User"),
    2: IMPORT_COLUMNS,
    4: _CIPP_COLUMNS,
}
_USER_WITHOUT_TAG = (*IMPORT_COLUMNS[:3], "Assigned User")
_EXPORT_NAMES = {"profilestatus", "userlessenrollmentstatus", "enrollmentstate", "assignedprofile"}
_ANALYTICS_WORDS = ("score", "health", "boottime", "readiness", "analytics")


def header_by_shape(text: str) -> Header | None:
    """The header that a row without one implies: the hash by its text, the rest by place."""
    for delimiter in DELIMITERS:
        cells = naive_cells(text, delimiter)
        at = next((place for place, cell in enumerate(cells) if looks_like_hash(cell)), -1)
        if at in _SHAPES and (len(cells) > 1 or delimiter == ","):
            columns = _SHAPES[at]
            if at == 2 and len(cells) == 4 and "@" in cells[3]:
                columns = _USER_WITHOUT_TAG
            return _inferred(columns, delimiter)
    return None


def _inferred(columns: Sequence[str], delimiter: str) -> Header | None:
    header = header_of(columns, delimiter=delimiter)
    return replace(header, is_written=False) if header else None


def explain_missing_hash(header: Header) -> CsvFault:
    """What a file is whose header has no column for the hash, and what to do about it."""
    names = {normalised(name) for name in header.columns}
    if names & _EXPORT_NAMES:
        return CsvFault(
            _(
                "This is a list of devices as Intune and Hangar export it. It carries no hardware hashes, "
                "so it cannot be imported. Intune never gives them out; Hangar does by “Export with hashes”. "
                "Else capture them on the devices with Get-WindowsAutopilotInfo, or ask the manufacturer or "
                "reseller to register them."
            ),
            code="intune_export",
        )
    if any(word in name for name in names for word in _ANALYTICS_WORDS):
        return CsvFault(
            _(
                "This is a report of Endpoint analytics. It carries no hardware hashes and cannot "
                "be imported. Capture the hashes on the devices with Get-WindowsAutopilotInfo."
            ),
            code="analytics_export",
        )
    return CsvFault(
        _("The file has no column Hardware Hash. Its columns are: %(columns)s.")
        % {"columns": ", ".join(name[:40] for name in header.columns[:12])},
        code="no_hash_column",
    )


def explain_unrecognised(lines: Sequence[str]) -> CsvFault:
    """What a file is in whose first lines there is neither a header nor a hash."""
    if not lines:
        return CsvFault(_("The file holds no rows."), code="empty")
    if all(map(_is_corporate_identifier, lines)):
        return CsvFault(
            _(
                "This is a list of manufacturer, model and serial number, as Windows Autopilot "
                "device preparation uses it. It belongs to Devices > Enrollment > Corporate "
                "device identifiers; Windows Autopilot needs the hardware hash of each device."
            ),
            code="corporate_identifiers",
        )
    if any("hardwarehash" in normalised(line) for line in lines):
        return CsvFault(
            _(
                "This looks like what PowerShell shows on the screen, where hashes are wrapped or cut off. "
                "Write them to a file with Get-WindowsAutopilotInfo -OutputFile, and import that."
            ),
            code="screen_output",
        )
    return CsvFault(
        _("No header and no hardware hash was found in the first lines. The header should read: %(header)s")
        % {"header": ",".join(IMPORT_COLUMNS)},
        code="no_header",
    )


def explain_no_partner_header(lines: Sequence[str]) -> CsvFault:
    """What is missing in a partner's file in whose first lines there is no header."""
    if not lines:
        return CsvFault(_("The file holds no rows."), code="empty")
    return CsvFault(
        _("No header was found in the first lines. The header should read: %(header)s")
        % {"header": ",".join(PARTNER_COLUMNS)},
        code="no_header",
    )


def _is_corporate_identifier(line: str) -> bool:
    cells = naive_cells(line, ",")
    return len(cells) == 3 and all(cell.isprintable() and 0 < len(cell) <= 128 for cell in cells)
