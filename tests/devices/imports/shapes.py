"""Files of every shape that tools write, made of made-up devices."""

import hashlib
import io
import random
from base64 import b64encode
from collections.abc import Sequence

from devices.services.imports.reader.csv_file import Reader
from devices.services.imports.reader.limits import Limits
from devices.services.imports.reader.row import Row

THREE = "Device Serial Number,Windows Product ID,Hardware Hash"
FIVE = THREE + ",Group Tag,Assigned User"
PARTNER = THREE + ",Manufacturer name,Device model"


def fake_hash(seed: int = 1) -> str:
    """4,000 characters with the head, trailer and padding of a hash, and noise for records."""
    noise = random.Random(seed).randbytes(700)
    head = b"\x01\0\x1c\0\0\0\x0a\0"
    body = b"OA" + (4 + len(head) + len(noise)).to_bytes(2, "little") + head + noise
    blob = body + b"CS$\0" + hashlib.sha256(body).digest()
    return b64encode(blob.ljust(3000, b"\0")).decode()


HASH = fake_hash()
OTHER = fake_hash(2)


def lines(*parts: str, newline: str = "\r\n") -> str:
    """A text file of these lines."""
    return "".join(part + newline for part in parts)


def reader(content: str | bytes, limits: Limits | None = None) -> Reader:
    """A reader over a file of this content; text is stored as UTF-8."""
    data = content.encode() if isinstance(content, str) else content
    return Reader(io.BytesIO(data), name="file.csv", limits=limits)


def read(content: str | bytes, limits: Limits | None = None) -> list[Row]:
    """All rows of a file."""
    return list(reader(content, limits))


def read_one(content: str | bytes, limits: Limits | None = None) -> Row:
    """The only row of a file."""
    (row,) = read(content, limits)
    return row


def notices(content: str | bytes) -> dict[str, int]:
    """How often each kind of notice was given on a file."""
    source = reader(content)
    assert list(source)
    return {notice.code: notice.count for notice in source.notices}


def codes(row: Row) -> list[str]:
    """The codes of a row's repairs."""
    return [note.code for note in row.repairs]


def refusal(row: Row) -> str | None:
    """The code of a row's refusal."""
    return row.refusal.code if row.refusal else None


def serials(rows: Sequence[Row]) -> list[str]:
    """The serial numbers of rows."""
    return [row.serial for row in rows]
