"""Deregister devices by serial numbers or ids: the same service and the same job as the page."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from devices.management.following import ProgressBar, follow
from devices.models import AutopilotDevice, Deregistration
from devices.services.autopilot import deregistration, impact
from devices.services.autopilot.bulk import NothingToDo
from devices.services.autopilot.deregistration.choosing import Choice, choose
from tenants.models import Approval, Job, JobItem, Tenant
from tenants.permissions import Actor

SOME_FAILED, USAGE, HELD = 1, 2, 3


class Command(BaseCommand):
    """Exit 0 when every device is gone, 1 when some are not, 2 for usage, 3 when the job is held back."""

    help = "Remove Windows Autopilot devices of a tenant, or deregister them fully."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--tenant", required=True, help="the tenant's address, such as contoso")
        named = parser.add_mutually_exclusive_group(required=True)
        named.add_argument("--serials", metavar="FILE", help="one serial number a line; - reads them here")
        named.add_argument("--ids", nargs="+", type=UUID, metavar="ID", help="ids of devices")
        parser.add_argument("--full", action="store_true", help="Intune record, user and registration")
        parser.add_argument("--yes", action="store_true", help="do not ask")
        parser.add_argument("--json", action="store_true", help="one JSON line a device on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        """Look the devices up, ask, follow the job, and report."""
        tenant = Tenant.objects.filter(slug=options["tenant"]).first()
        if tenant is None:
            raise CommandError(f"There is no tenant {options['tenant']!r}.", returncode=USAGE)
        choice = choose(tenant=tenant, serials=_serials(options["serials"]), ids=options["ids"] or ())
        rows = AutopilotDevice.objects.of(tenant).live().filter(pk__in=choice.ids)
        job = self._start(tenant, rows, options) if choice.ids else None
        if job is not None:
            self._follow(job)
        self._report(job, choice, as_json=options["json"])
        if choice.left or job is None or job.state != Job.State.SUCCEEDED or job.counters.get("failed"):
            sys.exit(SOME_FAILED)

    def _start(self, tenant: Tenant, rows: Any, options: dict[str, Any]) -> Job | None:
        if not options["yes"]:
            self._ask(tenant, rows, is_full=options["full"])
        actor, now = Actor.command(), timezone.now()
        try:
            return deregistration.start(
                tenant=tenant, actor=actor, rows=rows, is_full=options["full"], now=now
            )
        except NothingToDo as refusal:
            raise CommandError(str(refusal), returncode=SOME_FAILED) from refusal

    def _ask(self, tenant: Tenant, rows: Any, *, is_full: bool) -> None:
        found = impact.measure(rows=rows, now=timezone.now(), limit=0)
        way = "deregistered fully" if is_full else "removed (the registration only)"
        self.stderr.write(
            f"{found.total:,} devices of {tenant.name} are {way}: {found.enrolled:,} enrolled, "
            f"{found.recent:,} seen in the last 30 days, {found.without_hash:,} without a hash."
        )
        if not sys.stdin.isatty():
            raise CommandError("Add --yes to remove them.", returncode=USAGE)
        phrase = f"{found.total} {tenant.name}"
        if input(f"Type “{phrase}” to go on: ").strip() != phrase:
            raise CommandError("Nothing was removed.", returncode=USAGE)

    def _follow(self, job: Job) -> None:
        """To the end, unless a second administrator or a cooling-off time holds it back."""
        if job.waiting_approval is not None:
            self.stderr.write(f"Job {job.pk} waits for the approval of a Global Administrator.")
            if job.waiting_approval.earlier:
                self.stderr.write(_sum(job.waiting_approval))
            sys.exit(HELD)
        if job.begins_at is not None:
            self.stderr.write(
                f"Job {job.pk} begins after the cooling-off time, at {job.begins_at:%F %T} UTC."
            )
            sys.exit(HELD)
        follow(job, show=ProgressBar(sys.stderr).show)

    def _report(self, job: Job | None, choice: Choice, *, as_json: bool) -> None:
        lines = [*_done(job), *_left(choice)]
        if as_json:
            for line in lines:
                self.stdout.write(json.dumps(line, ensure_ascii=False))
            return
        for outcome in ("done", "unchanged", "failed", "pending"):
            count = sum(line["outcome"] == outcome for line in lines)
            self.stdout.write(f"{outcome.capitalize():<12}{count:>8,}")
        for line in [each for each in lines if each["outcome"] == "failed"][:20]:
            self.stdout.write(f"  {line['serial'] or line['device_id']}: {line['code']}: {line['reason']}")
        if job is not None and job.error_message:
            self.stderr.write(job.error_message)


def _sum(approval: Approval) -> str:
    """Why so few devices wait."""
    return (
        f"Asked for here in the last 24 hours: {approval.earlier:,} devices; with {approval.count:,} more "
        f"it is more than {approval.limit:,}."
    )


def _serials(name: str | None) -> Iterator[str]:
    """The lines of a file, or of standard input."""
    if name is None:
        return
    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{name} cannot be read: {error}", returncode=USAGE) from error
    if "\x00" in text:
        raise CommandError(f"{name} is not a text file.", returncode=USAGE)
    yield from filter(None, map(str.strip, text.splitlines()))


def _done(job: Job | None) -> Iterator[dict[str, Any]]:
    """What became of each device of the job, with its steps."""
    if job is None:
        return
    steps = dict(Deregistration.objects.of(job.tenant).filter(job=job).values_list("device_id", "steps"))
    for item in JobItem.objects.filter(job=job).order_by("position").iterator(chunk_size=1000):
        yield {
            "serial": item.label,
            "device_id": str(item.object_id),
            "outcome": item.outcome,
            "code": item.code or None,
            "reason": item.message,
            "steps": {each["step"]: each.get("result") for each in steps.get(item.object_id, [])},
        }


def _left(choice: Choice) -> Iterator[dict[str, Any]]:
    """The names that stand for no device."""
    for each in choice.left:
        is_id = len(each.name) == 36 and each.name.count("-") == 4
        serial, device_id = (None, each.name) if is_id else (each.name, None)
        words = {"outcome": "failed", "code": each.code, "reason": each.reason, "steps": {}}
        yield {"serial": serial, "device_id": device_id, **words}
