"""Examine one row by itself: does its hash decode, does it suffice, does the file agree with it?

The importer's own judgement on a hash: design ruling on identity (802 without manufacturer or usable
identity; a generic serial with a usable key is a warning).
"""

from binascii import a2b_base64
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from devices.hardware.decode import decode
from devices.hardware.encode import encode
from devices.hardware.faults import HashFault
from devices.hardware.identity import HardwareIdentity, identity_keys, is_generic_serial, provided
from devices.models import ImportRow
from devices.registry.claims import is_sufficient, listed_serial

from .. import verdicts
from ..reader.cells import EXCEL, is_excels_copy, is_excels_number
from ..reader.notes import Note
from ..reader.row import Row
from ..verdicts import Finding, finding

Words = dict[str, str]
LIMITS = {"group_tag": 512, "assigned_user": 254, "purchase_order": 255, "product_key": 40}
Verdict = ImportRow.Verdict


@dataclass(slots=True)
class Examined:
    """A row with what its hash says; finding is None while nothing speaks against it."""

    row: Row
    values: dict[str, str] = field(default_factory=dict)
    serial_number: str = ""
    manufacturer: str = ""
    model: str = ""
    blob: bytes | None = None
    keys: list[str] = field(default_factory=list)
    finding: Finding | None = None
    decision: str = ""
    reason: str = ""
    notes: list[Words] = field(default_factory=list)
    warnings: list[Words] = field(default_factory=list)


def examine(row: Row) -> Examined:
    """The row with its verdict where it can have one without looking anywhere else."""
    found = Examined(row, notes=[_words(note.code, note.message) for note in row.repairs])
    _take_values(found)
    if row.refusal is not None:
        found.finding = _refusal(row, row.refusal)
        return found
    try:
        identity = decode(row.hardware_hash)
    except HashFault as fault:
        found.finding = finding(Verdict.INVALID_HASH, verdicts.INVALID_HASH, fault.message)
        return found
    found.notes += [_words(repair.name, repair.message) for repair in identity.repairs]
    found.notes += [_words("unusual_hash", sentence) for sentence in identity.warnings]
    _take_identity(found, identity)
    return found


def _words(code: str, message: Any) -> Words:
    return {"code": code, "message": str(message)}


def _refusal(row: Row, note: Note) -> Finding:
    if row.hardware_hash or note.code != "no_hash":
        return finding(Verdict.INVALID_HASH, verdicts.INVALID_HASH, note.message)
    if row.serial or row.product_key_id:
        return finding(Verdict.MISSING_IDENTITY, verdicts.INVALID_HASH, note.message)
    sentence = _("This row has neither a hardware hash nor a serial number.")
    return finding(Verdict.MISSING_IDENTITY, verdicts.MISSING_SERIAL, sentence)


def _take_values(found: Examined) -> None:
    """The cells that go to the device; one that cannot be kept becomes a decision."""
    row = found.row
    cells = {
        "group_tag": row.group_tag or "",
        "assigned_user": row.assigned_user or "",
        "purchase_order": row.purchase_order,
        "product_key": row.product_key_id,
    }
    names = {
        "group_tag": _("group tag"),
        "assigned_user": _("assigned user"),
        "purchase_order": _("purchase order"),
        "product_key": _("product ID"),
    }
    for name, text in cells.items():
        text = _clean(text)
        if reason := _unusable(text, str(names[name]), LIMITS[name]):
            found.decision, found.reason, text = "unusable_value", reason, ""
        found.values[name] = text
    found.values["csv_serial"] = _clean(row.serial)[:255]


def _unusable(text: str, name: str, most: int) -> str:
    """Why a cell cannot go to the device, as editing would refuse it there; empty when it can."""
    if len(text) > most:
        sentence = _("The %(name)s has %(length)d characters; at most %(most)d are possible.")
        return sentence % {"name": name, "length": len(text), "most": most}
    if not text.isprintable():
        return _("The %(name)s holds line breaks or control characters.") % {"name": name}
    return ""


def _clean(text: str) -> str:
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def _take_identity(found: Examined, identity: HardwareIdentity) -> None:
    found.serial_number = listed_serial(identity)
    found.manufacturer = (identity.manufacturer or "")[:255]
    found.model = (identity.model or "")[:255]
    if not is_sufficient(identity):
        found.finding = _insufficient(identity)
        return
    clean = not identity.repairs and not found.row.repairs
    found.blob = a2b_base64(found.row.hardware_hash) if clean else encode(identity)
    found.keys = [f"{kind}:{value}" for kind, value in identity_keys(identity)]
    if is_generic_serial(identity.system_serial):
        sentence = _(
            "The firmware's serial number (%(serial)s) says nothing about the machine; it is recognized "
            "by its TPM key or SMBIOS UUID."
        )
        words = {"serial": provided(identity.system_serial) or _("none")}
        found.warnings.append(_words("generic_serial", sentence % words))
    _mend_product_key(found, provided(identity.product_key_id) or "")
    _compare_serials(found, identity)


def _insufficient(identity: HardwareIdentity) -> Finding:
    if not identity.manufacturer:
        sentence = _("The hash names no manufacturer; the service cannot register it.")
    else:
        sentence = _(
            "The hash holds nothing that tells this machine apart: no TPM key, no usable SMBIOS UUID and "
            "no real serial number."
        )
    return finding(Verdict.MISSING_IDENTITY, verdicts.INVALID_HASH, sentence)


def _mend_product_key(found: Examined, mine: str) -> None:
    """A product ID that a spreadsheet spoilt gives way to the hash's, or to none."""
    given = found.values["product_key"]
    if is_excels_copy(given, of=mine) and given != mine:
        sentence = _("Excel turned the product ID %(hash)s into %(file)s; the one in the hash is used.")
    elif is_excels_number(given):
        sentence = _("Excel turned the product ID into %(file)s; it was left out.")
    else:
        return
    found.values["product_key"] = ""
    found.notes.append(_words("excel_product_id", sentence % {"hash": mine, "file": given}))


def _compare_serials(found: Examined, identity: HardwareIdentity) -> None:
    """The file's serial against the hash's; where the hash has none of its own nothing can differ."""
    serial = found.values["csv_serial"]
    if not serial:
        found.notes.append(_words("serial_from_hash", _("The serial number was taken from the hash.")))
        return
    mine = identity.serial
    if mine is None or is_generic_serial(mine) or _folded(serial) == _folded(mine):
        return
    if is_excels_copy(serial, of=mine):
        _repair_serial(found, serial, mine)
        return
    sentence = _("The file says serial number %(file)s, the hash says %(hash)s.")
    found.decision = "serial_differs"
    found.reason = " ".join(filter(None, (sentence % {"file": serial, "hash": mine}, found.reason)))


def _repair_serial(found: Examined, serial: str, mine: str) -> None:
    sentence = _(
        "Excel turned the serial number %(hash)s into %(file)s; the one in the hardware hash is used."
    )
    others = [note for note in found.notes if note["code"] != EXCEL]
    found.notes = [*others, _words(EXCEL, sentence % {"hash": mine, "file": serial})]


def _folded(text: str) -> str:
    return " ".join(text.upper().split())
