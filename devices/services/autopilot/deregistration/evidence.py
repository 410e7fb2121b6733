"""What is kept of each step, and how it reads.

An entry: step, object, before, request, requested_at, tries [{at, code}], accepted_at, after,
confirmed_at, result. A step without a request (nothing there) has only before, after, result and time.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from devices.models import Deregistration
from portal.ui.columns import utc
from tenants.services import kept_values

from . import plans
from .slices import Busy, Found, Settled

Entry = dict[str, Any]
OPEN = (None, "by_hand")


def entry_of(row: Deregistration) -> Entry:
    """The entry of the row's current step; a new one where it has none yet."""
    last: Entry = row.steps[-1] if row.steps else {}
    if last.get("step") == row.step and last.get("result") in OPEN:
        return last
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


@dataclass(frozen=True, slots=True)
class Part:
    """One step of a device's way, as a page tells it; `entry` is empty for a step to come."""

    title: str
    tone: str
    said: str
    entry: Entry

    @property
    def moments(self) -> dict[str, datetime]:
        """When it was requested, accepted and confirmed, as far as it came."""
        names = ("requested_at", "accepted_at", "confirmed_at")
        return {name: datetime.fromisoformat(self.entry[name]) for name in names if name in self.entry}

    @property
    def tries(self) -> list[tuple[datetime, str, str]]:
        """Time, code and words of every try that failed."""
        kept = self.entry.get("tries", ())
        return [(datetime.fromisoformat(each["at"]), each["code"], each["said"]) for each in kept]

    @property
    def facts(self) -> list[tuple[str, Any, Any]]:
        """Label, before and after of every value that is kept."""
        kept = kept_values.told(self.entry.get("before"), self.entry.get("after"))
        return [(kept_values.label_of(name), _shown(before), _shown(after)) for name, before, after in kept]


def _shown(value: Any) -> Any:
    """A value as the steps show it; None where it was not kept."""
    return "–" if value == "" else value


def story(row: Deregistration) -> list[Part]:
    """Every step of the plan: what was done, where it stands, what is to come."""
    kept = {entry["step"]: entry for entry in row.steps}
    return [_part(row, name, kept.get(name, {})) for name in row.plan]


def _part(row: Deregistration, name: str, entry: Entry) -> Part:
    title, result = str(plans.LABELS[name]), entry.get("result")
    if result is not None:
        tone = "warning" if result == "by_hand" else "neutral" if result == "none" else "success"
        said = words(entry)
        return Part(title, tone, said[:1].upper() + said[1:], entry)
    if name != row.step:
        return Part(title, "neutral", _("Not done"), entry)
    if row.state == Deregistration.State.ACTIVE:
        return Part(title, "info", str(Deregistration.Phase(row.phase).label), entry)
    return Part(title, "danger", str(row.get_state_display()), entry)


def summary(steps: list[Entry]) -> str:
    """All results in one line."""
    return " · ".join(filter(None, map(words, steps)))
