"""What is kept of each step, and how it reads.

An entry: step, object, before, request, requested_at, tries [{at, code}], accepted_at, after,
confirmed_at, result. A step without a request (nothing there) has only before, after, result and time.
"""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from devices.models import Deregistration
from portal.ui.columns import utc

from .slices import Busy, Found, Settled

Entry = dict[str, Any]


def entry_of(row: Deregistration) -> Entry:
    """The entry of the row's current step; a new one where it has none yet."""
    if row.steps and row.steps[-1]["step"] == row.step and "result" not in row.steps[-1]:
        found: Entry = row.steps[-1]
        return found
    row.steps.append({"step": row.step})
    return row.steps[-1]


def note_request(row: Deregistration, found: Found, now: datetime) -> None:
    """The step is asked for: what was there before, and what the service is asked."""
    entry = entry_of(row)
    entry["object"] = str(found.object_id) if found.object_id else None
    entry.setdefault("before", found.before)
    entry |= {"request": found.request, "requested_at": utc(now)}


def note_accepted(row: Deregistration, now: datetime) -> None:
    """The service took the request."""
    entry_of(row)["accepted_at"] = utc(now)


def note_result(row: Deregistration, settled: Settled, now: datetime) -> None:
    """The step is over, and read back where it was asked for."""
    entry = entry_of(row)
    entry.setdefault("object", str(settled.object_id) if settled.object_id else None)
    if settled.before:
        entry.setdefault("before", settled.before)
    entry |= {"after": settled.after, "result": settled.result, "confirmed_at": utc(now)}


def note_try(row: Deregistration, busy: Busy, now: datetime) -> None:
    """The step did not work this time."""
    entry_of(row).setdefault("tries", []).append({"at": utc(now), "code": busy.code, "said": busy.message})


def words(entry: Entry) -> str:
    """What came of a step, for people."""
    return {
        ("undo_kit", "kept"): _("Undo kit kept"),
        ("undo_kit", "without_hash"): _("Undo kit kept, no hash was held"),
        ("managed_device", "removed"): _("Intune record removed"),
        ("managed_device", "none"): _("no Intune record"),
        ("user", "unassigned"): _("user unassigned"),
        ("user", "none"): _("no user"),
        ("registration", "released"): _("registration released"),
        ("registration", "gone"): _("registration was released already"),
        ("entra_device", "removed"): _("Microsoft Entra object removed"),
        ("entra_device", "kept"): _("Microsoft Entra object kept: it had enrolled"),
        ("entra_device", "none"): _("no Microsoft Entra object"),
        ("target", "registered"): _("registered in the other tenant"),
        ("on_premises", "by_hand"): _("on-premises computer object to be deleted by hand"),
        ("on_premises", "deleted"): _("on-premises computer object deleted by hand"),
        ("on_premises", "none"): _("no on-premises computer object"),
    }.get((entry["step"], entry.get("result", "")), "")


def summary(steps: list[Entry]) -> str:
    """All results in one line."""
    return " · ".join(filter(None, map(words, steps)))
