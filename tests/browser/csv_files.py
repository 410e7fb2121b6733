"""CSV files as an administrator has them: good rows, and at least eight kinds of faulty ones."""

import base64
from collections.abc import Callable
from pathlib import Path

from devices.hardware import encode, synthetic

HEADER = "Device Serial Number,Windows Product ID,Hardware Hash,Group Tag,Assigned User"
Row = tuple[str, str]

FAULTS: tuple[Callable[[Row, Row], Row], ...] = (
    lambda row, first: (row[0], row[1][:600]),
    lambda row, first: (row[0], row[1][:300] + ("B" if row[1][300] != "B" else "C") + row[1][301:]),
    lambda row, first: (row[0], "<HASH>"),
    lambda row, first: (row[0], ""),
    lambda row, first: first,
    lambda row, first: (f"WRONG-{row[0]}", row[1]),
    lambda row, first: (row[0], row[1][:80] + "…"),
    lambda row, first: (row[0], base64.b64encode(b"PK" + bytes(2998)).decode()),
    lambda row, first: (row[0], "not base64 at all!"),
    lambda row, first: (row[0], base64.b64encode(bytes(3000)).decode()),
)


def write(path: Path, *, good: int, faulty: int, tag: str, first_seed: int = 1) -> list[str]:
    """A UTF-16 file with a byte-order mark, as Windows PowerShell writes; the good serial numbers."""
    machines = [synthetic.machine(seed=first_seed + number) for number in range(good + faulty)]
    rows = [(str(machine.serial), encode.encode_base64(machine)) for machine in machines]
    for number in range(faulty):
        rows[good + number] = FAULTS[number % len(FAULTS)](rows[good + number], rows[0])
    lines = [HEADER, *(f"{serial},,{text},{tag}," for serial, text in rows)]
    path.write_bytes(("\r\n".join(lines) + "\r\n").encode("utf-16"))
    return [serial for serial, _text in rows[:good]]
