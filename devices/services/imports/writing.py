"""Write many rows of an import in one statement."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection

from devices.models import Import

TYPES = {
    "outcome": "text",
    "device_id": "uuid",
    "verdict": "text",
    "decision": "text",
    "code": "int2",
    "code_name": "text",
    "reason": "text",
    "next_step": "text",
    "warnings": "jsonb",
    "existing_device": "uuid",
    "existing_tenant": "uuid",
}


def write(
    import_: Import, rows: Mapping[int, Sequence[Any]], names: Sequence[str], *, also: str = ""
) -> None:
    """Give the rows, by number, the values of the named columns; also: a further assignment."""
    if not rows:
        return
    columns = [list(rows), *([values[place] for values in rows.values()] for place in range(len(names)))]
    arrays = ", ".join(f"%s::{kind}[]" for kind in ("int4", *(TYPES[name] for name in names)))
    assignments = ", ".join(f"{name} = v.{name}" for name in names) + (f", {also}" if also else "")
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE devices_importrow r SET {assignments} "
            f"FROM unnest({arrays}) AS v(number, {', '.join(names)}) "
            "WHERE r.of_id = %s AND r.number = v.number",
            [*columns, import_.pk],
        )
