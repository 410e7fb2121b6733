"""`manage.py simulate_devices --tenant T --count N`: a fleet of made-up machines, over HTTP."""

import sys
import time
from argparse import ArgumentParser
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from devices.hardware.encode import encode
from devices.management.simulation import summary
from devices.management.simulation.client import Client, NoAnswer, NotHere, checked_address
from devices.management.simulation.fleet import People, Shares, Story, csv_lines, stories
from devices.management.simulation.playing import Outcome, Player
from devices.models import ManagedDevice
from devices.services.device_side import machines
from devices.services.directory import entra_devices
from portal.errors import Refused
from tenants.models import DirectoryUser, Tenant
from tenants.permissions import Actor
from tenants.services import device_side

TAGS = "KIOSK,SALES,SALES,OFFICE,OFFICE,OFFICE,LAB,"
MOST_MACHINES = 100_000
SOME_UNEXPECTED = 1


class Command(BaseCommand):
    """Exit 0 when every machine ended as its story expects, 1 when some did not."""

    help = (
        "Drive made-up machines through a local tenant's device side: first start, sign-in, check-ins, "
        "exchanged parts, resets. First write their import file with --csv and import it. A share of the "
        "machines loses its Entra object before the first start, as if an administrator had deleted it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The tenant, the size, the seed, the shares."""
        parser.add_argument("--tenant", required=True, help="the tenant's address, such as contoso")
        parser.add_argument("--count", type=int, default=100, help="registered machines (default 100)")
        parser.add_argument("--seed", type=int, default=100_000, help="first machine (default 100000)")
        parser.add_argument("--workers", type=int, default=4, help="machines at a time (default 4)")
        parser.add_argument("--base-url", default="", help="where the site runs, on this computer only")
        parser.add_argument("--csv", type=Path, help="write the import file of the fleet here, and stop")
        parser.add_argument("--tags", default=TAGS, help="group tags of the import file, by turns")
        for name in ("unlicensed", "deleted", "personal", "disk", "board", "reset"):
            default = getattr(Shares(), name)
            parser.add_argument(f"--{name}", type=int, default=default, help=f"percent (default {default})")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the file, or play the stories."""
        tenant = Tenant.objects.filter(slug=options["tenant"]).first()
        if tenant is None:
            raise CommandError(_("There is no tenant “%(slug)s”.") % {"slug": options["tenant"]})
        fleet = self.fleet(tenant, options)
        if options["csv"]:
            lines = csv_lines(fleet, options["tags"].split(","))
            options["csv"].write_text("\r\n".join(lines) + "\r\n", encoding="utf-8")
            self.stdout.write(_("Wrote %(path)s.") % {"path": options["csv"]})
            return
        try:
            address = checked_address(options["base_url"] or settings.PUBLIC_URL)
        except NotHere as refusal:
            sentence = _("%(url)s is not an http address of this computer; machines are made up only here.")
            raise CommandError(sentence % {"url": refusal}) from refusal
        if any(each.problem for each in self.play(tenant, fleet, address, options["workers"])):
            sys.exit(SOME_UNEXPECTED)

    def fleet(self, tenant: Tenant, options: dict[str, Any]) -> list[Story]:
        """The stories; needs somebody who may enroll."""
        if not 1 <= options["count"] <= MOST_MACHINES:
            raise CommandError(_("--count takes a number from 1 to 100,000."))
        if not 1 <= options["workers"] <= 64:
            raise CommandError(_("--workers takes a number from 1 to 64."))
        shares = Shares(**{name: options[name] for name in Shares.__slots__})
        if any(not 0 <= getattr(shares, name) <= 100 for name in Shares.__slots__):
            raise CommandError(_("A share is a percentage from 0 to 100."))
        names = DirectoryUser.objects.of(tenant).order_by("user_principal_name")
        rows = list(names.values_list("user_principal_name", "is_licensed"))
        people = People([upn for upn, has in rows if has], [upn for upn, has in rows if not has])
        if not people.licensed:
            raise CommandError(_("Nobody in this tenant is licensed for Intune. Add users first."))
        return stories(seed=options["seed"], count=options["count"], shares=shares, people=people)

    def play(
        self, tenant: Tenant, fleet: Sequence[Story], address: tuple[str, int], workers: int
    ) -> list[Outcome]:
        """Let every machine live, several at a time, with a key that ends with the run."""
        actor, now = Actor.command(), timezone.now()
        try:
            key = device_side.key_for_one_run(tenant=tenant, actor=actor, now=now)
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        try:
            self.warn_of_limit(tenant, fleet)
            self.lose_objects(tenant, [story for story in fleet if story.is_lost])
            started = time.monotonic()
            outcomes, requests = self.live(fleet, address, key, workers)
        except NoAnswer as fault:
            raise CommandError(str(fault)) from fault
        finally:
            device_side.revoke(tenant=tenant, secret=key, now=timezone.now())
        seconds = time.monotonic() - started
        self.stdout.write("\n".join(summary.table(outcomes, requests=requests, seconds=seconds)))
        return outcomes

    def live(
        self, fleet: Sequence[Story], address: tuple[str, int], key: str, workers: int
    ) -> tuple[list[Outcome], int]:
        """The outcomes and the number of requests; progress goes to standard error."""
        outcomes: list[Outcome] = []
        requests = 0
        with ThreadPoolExecutor(workers) as pool:
            waiting = [pool.submit(_live, story, address, key) for story in fleet]
            try:
                for done in as_completed(waiting):
                    outcome, sent = done.result()
                    outcomes.append(outcome)
                    requests += sent
                    self.progress(len(outcomes), len(fleet))
            finally:
                pool.shutdown(cancel_futures=True)
        return sorted(outcomes, key=lambda each: each.story.number), requests

    def progress(self, done: int, total: int) -> None:
        """One line that grows on a terminal; ten lines elsewhere."""
        is_terminal = self.stderr.isatty()
        if is_terminal or done == total or done % max(1, total // 10) == 0:
            end = "\n" if not is_terminal or done == total else ""
            text = _("%(done)d of %(total)d machines") % {"done": done, "total": total}
            self.stderr.write(f"\r{text}" if is_terminal else text, ending=end)

    def warn_of_limit(self, tenant: Tenant, fleet: Sequence[Story]) -> None:
        """Say it when the users cannot take so many devices."""
        limit = device_side.of(tenant).device_limit
        users = {story.user for story in fleet if not story.is_unlicensed}
        held = ManagedDevice.objects.of(tenant).live().filter(user_principal_name__in=users).count()
        wanted = sum(not story.is_unlicensed for story in fleet)
        if wanted > limit * len(users) - held:
            sentence = _("The users may have %(limit)d devices each; some machines may be refused.")
            self.stderr.write(sentence % {"limit": limit})

    def lose_objects(self, tenant: Tenant, lost: Sequence[Story]) -> None:
        """Delete the Entra objects of these machines, as an administrator would who overrides the warning."""
        for story in lost:
            identity, now = story.hardware(), timezone.now()
            place = machines.place_of(tenant=tenant, capture=machines.Capture(encode(identity), identity))
            device = machines.device_of(tenant=tenant, place=place, now=now)
            entra = device.entra_device if device is not None else None
            if entra is not None:
                entra_devices.delete(
                    tenant=tenant,
                    actor=Actor.command(),
                    device=entra,
                    is_override=True,
                    typed_serial=entra.serial_number or entra.display_name,
                    now=now,
                )


def _live(story: Story, address: tuple[str, int], key: str) -> tuple[Outcome, int]:
    client = Client(address, key)
    try:
        return Player(story, client).play(), client.requests
    finally:
        client.close()
