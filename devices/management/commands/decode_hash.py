"""decode_hash FILE|-: what a hardware hash says. Reads a bare hash, an Autopilot CSV or an OA3.xml."""

import io
import json
import re
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from devices.hardware.decode import decode
from devices.hardware.faults import HashFault
from devices.hardware.report import as_dict, as_text
from devices.services.imports.reader.cells import hash_text
from devices.services.imports.reader.csv_file import Reader
from devices.services.imports.reader.notes import CsvFault, Note

BARE = re.compile(r"[A-Za-z0-9+/=\s.\u2026\ufeff]+|[\s\ufeff]*T0[E-H][A-Za-z0-9+/=\s\-_]+")
URL_SAFE = re.compile(r"[-_]")
START = re.compile(r"T0[E-H]")


@dataclass(frozen=True, slots=True)
class Found:
    """A value that should be a hash: where it stood, and what the reader says about its row."""

    place: dict[str, int]
    value: str | bytes
    repairs: tuple[Note, ...] = ()
    refusal: Note | None = None


class Command(BaseCommand):
    """Needs no database and no server."""

    help = (
        "Decode hardware hashes: FILE holds one bare hash, an Autopilot CSV or an OA3.xml; - is "
        "standard input. Exit code 1 when any hash is faulty, 2 when the file cannot be opened."
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", help="the file to read, or - for standard input")
        parser.add_argument("--json", action="store_true", help="one JSON object per hash and line")

    def handle(self, *, file: str, json: bool, **options: Any) -> None:
        data = _read(file)
        is_sound = True
        try:
            for found in hashes_in(data):
                is_sound = self._report(found, as_json=json) and is_sound
        except CsvFault as fault:
            self._complain(Found({}, ""), {"fault": fault.code, "message": str(fault)}, as_json=json)
            is_sound = False
        self.stdout.flush()
        if not is_sound:
            sys.exit(1)

    def _report(self, found: Found, *, as_json: bool) -> bool:
        try:
            identity = decode(found.value)
        except HashFault as fault:
            complaint = {"fault": str(fault.fault), "message": fault.message, "offset": fault.offset}
            if found.refusal:
                complaint = {"fault": found.refusal.code, "message": found.refusal.message}
            self._complain(found, complaint, as_json=as_json)
            return False
        if as_json:
            report = found.place | as_dict(identity)
            report["repairs"] = [*_notes(found.repairs), *report["repairs"]]
            self._line(report)
        else:
            mended = "".join(f"Repaired: {note.message}\n" for note in found.repairs)
            self.stdout.write(f"{_heading(found)}{mended}{as_text(identity)}\n")
        return True

    def _complain(self, found: Found, complaint: dict[str, Any], *, as_json: bool) -> None:
        if as_json:
            self._line(found.place | {"error": complaint})
        else:
            place = f", at byte {complaint['offset']}" if complaint.get("offset") is not None else ""
            self.stderr.write(f"{_heading(found)}{complaint['message']} ({complaint['fault']}{place})")

    def _line(self, report: dict[str, Any]) -> None:
        self.stdout.write(json.dumps(report, ensure_ascii=False))


def hashes_in(data: bytes) -> Iterator[Found]:
    """The hashes of a file's content; raises CsvFault for a table without any."""
    if data[:2] == b"OA":
        yield Found({}, data)
        return
    text = _text(data)
    if BARE.fullmatch(text) and not text.isspace():
        yield from _bare(text)
        return
    for row in Reader(io.BytesIO(data)):
        place = {"row": row.number, "line": row.line}
        yield Found(place, row.hardware_hash, row.repairs, row.refusal)


def _bare(text: str) -> Iterator[Found]:
    """One hash, perhaps wrapped over several lines, or one hash on every line."""
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if len(lines) > 1 and all(START.match(line.strip("\ufeff \t")) for _, line in lines):
        for row, (number, line) in enumerate(lines, 1):
            yield _cell({"row": row, "line": number}, line)
    else:
        yield _cell({}, text.strip("\r\n"))


def _cell(place: dict[str, int], text: str) -> Found:
    if not URL_SAFE.search(text):
        return Found(place, text)
    value, repair, refusal = hash_text(text)
    return Found(place, value, (repair,) if repair else (), refusal)


def _read(file: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}", returncode=2) from error


def _text(data: bytes) -> str:
    """Enough of the encodings to recognise a bare hash; the CSV reader knows them all."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    return data.decode("utf-8-sig", "replace")


def _notes(notes: tuple[Note, ...]) -> list[dict[str, str]]:
    return [{"name": note.code, "message": note.message} for note in notes]


def _heading(found: Found) -> str:
    return f"Row {found.place['row']} (line {found.place['line']})\n" if found.place else ""
