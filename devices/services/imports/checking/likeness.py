"""Compare the rows of one import with each other: the same machine twice, serials that slipped."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.db import connection

from devices.hardware.decode import decode
from devices.hardware.identity import HardwareIdentity
from devices.hardware.match import Verdict, match
from devices.models import Import, ImportRow

MOST_SHARED = 8


def note_likeness(import_: Import) -> int:
    """Write on each row the earlier rows that first had one of its keys; the number of such rows."""
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH key AS (SELECT r.id, r.number, k.key FROM devices_importrow r, "
            "    unnest(r.identity_keys) AS k(key) WHERE r.of_id = %s AND r.verdict = ''), "
            "first AS (SELECT key, min(number) AS number FROM key GROUP BY key HAVING count(*) > 1), "
            "alike AS (SELECT key.id, array_agg(DISTINCT first.number) AS numbers "
            "    FROM key JOIN first USING (key) WHERE first.number < key.number GROUP BY key.id) "
            "UPDATE devices_importrow r SET alike = alike.numbers FROM alike WHERE r.id = alike.id",
            [import_.pk],
        )
        return cursor.rowcount


def duplicates(import_: Import, rows: Sequence[ImportRow]) -> dict[int, int]:
    """Rows that are the same machine as an earlier row: number → the earlier row's number."""
    wanted = {number for row in rows for number in row.alike[:MOST_SHARED]}
    earlier = _identities(import_.pk, wanted)
    found: dict[int, int] = {}
    for row in rows:
        if row.alike and row.blob is not None:
            original = _original(decode(bytes(row.blob or b"")), row.alike[:MOST_SHARED], earlier)
            if original is not None:
                found[row.number] = original
    return found


def _identities(import_id: UUID, numbers: set[int]) -> dict[int, HardwareIdentity]:
    rows = ImportRow.objects.filter(of=import_id, number__in=numbers, blob__isnull=False)
    return {number: decode(bytes(blob or b"")) for number, blob in rows.values_list("number", "blob")}


def _original(
    identity: HardwareIdentity, numbers: Sequence[int], earlier: Mapping[int, HardwareIdentity]
) -> int | None:
    for number in sorted(numbers):
        other = earlier.get(number)
        if other is not None and match(other, identity).verdict == Verdict.SAME:
            return number
    return None


def slipped(import_: Import, *, first: int, last: int) -> dict[int, tuple[int, int]]:
    """Rows whose own serial stands at another row's hash: number → (that row, rows shifted alike).

    One such row is a slip of the pen; two or more are rows shifted against each other.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH slip AS (SELECT m.number, min(o.number) AS other FROM devices_importrow m "
            "  JOIN devices_importrow o ON o.of_id = m.of_id AND o.number <> m.number "
            "    AND upper(o.serial_number) = upper(m.csv_serial) "
            "  WHERE m.of_id = %s AND m.decision IN ('serial_differs', 'shifted') AND m.csv_serial <> '' "
            "  GROUP BY m.number), "
            "shift AS (SELECT number, other, count(*) OVER () AS alike FROM slip) "
            "SELECT number, other, alike FROM shift WHERE alike > 1 AND number BETWEEN %s AND %s",
            [import_.pk, first, last],
        )
        return {number: (other, alike) for number, other, alike in cursor}
