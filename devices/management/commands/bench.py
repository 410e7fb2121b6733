"""Benchmarks: seed a big tenant through COPY, time its pages and an import against it."""

import html
import os
import re
import statistics
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.test import Client
from django.utils import timezone
from django.utils.http import urlencode

from devices.management import bench_import
from devices.management.bench_lists import addresses, fill
from devices.management.bench_rules import retag
from devices.management.bench_seed import seed
from devices.models import Group, Registration
from tenants.models import Membership, Tenant, User
from tenants.permissions import READ_ONLY_OPERATOR

SLUG = "bench"
NEXT = re.compile(r'rel="next" href="([^"]+)"')


class Command(BaseCommand):
    """`bench seed` fills the tenant `bench`; pages, rules and import time what one does there."""

    help = "Seed a large tenant through COPY; time its pages, its dynamic groups and an import."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """seed, pages, rules and import, each with its options."""
        actions = parser.add_subparsers(dest="action", required=True)
        seeding = actions.add_parser("seed", help="fill the tenant “bench” with made-up devices")
        seeding.add_argument("--count", type=int, default=100_000)
        seeding.add_argument("--hashes", action="store_true", help="whole machines, as `import` needs")
        seeding.add_argument("--lists", action="store_true", help="also fill the other lists")
        paging = actions.add_parser("pages", help="time the Autopilot list of the tenant “bench”")
        paging.add_argument("--rounds", type=int, default=20)
        paging.add_argument("--to-the-end", action="store_true", help="also page to the last device")
        paging.add_argument(
            "--lists", action="store_true", help="the other lists, as `seed --lists` fills them"
        )
        importing = actions.add_parser("import", help="check and commit a file, with its query plans")
        importing.add_argument("--rows", type=int, default=500)

        ruling = actions.add_parser("rules", help="edit the tag of many devices, with many dynamic groups")
        ruling.add_argument("--devices", type=int, default=10_000)
        ruling.add_argument("--groups", type=int, default=200)

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the chosen benchmark."""
        if options["action"] == "seed":
            self.seed(options["count"], hashes=options["hashes"], lists=options["lists"])
        elif options["action"] == "pages" and options["lists"]:
            self.lists(options["rounds"])
        elif options["action"] == "pages":
            self.pages(options["rounds"], options["to_the_end"])
        elif options["action"] == "import":
            self.imports(options["rows"])
        else:
            retag(self.tenant(), options["devices"], options["groups"], self.stdout.write)

    def seed(self, count: int, *, hashes: bool, lists: bool) -> None:
        """Add `count` devices and report the rate; with `lists` fill the other lists around them."""
        tenant, _created = Tenant.objects.get_or_create(slug=SLUG, defaults={"name": "Bench"})
        started = time.perf_counter()
        seed(tenant=tenant, count=count, now=timezone.now(), hashes=hashes)
        seconds = time.perf_counter() - started
        self.stdout.write(f"{count} devices in {seconds:.1f} s ({count / seconds:.0f} a second)")
        for name, rows in fill(tenant=tenant) if lists else ():
            self.stdout.write(f"{rows} rows for {name}")
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")

    def pages(self, rounds: int, to_the_end: bool) -> None:
        """Time the list, searches, filters, sorts and deep pages; milliseconds of server time."""
        client = self.signed_in(self.tenant())
        base = f"/t/{SLUG}/autopilot-devices/"
        for name, query in QUERIES.items():
            self.report(client, name, f"{base}?{urlencode(query)}", rounds)
        if to_the_end:
            self.walk(client, base)

    def lists(self, rounds: int) -> None:
        """Time the other lists, as `seed --lists` filled them."""
        tenant = self.tenant()
        if not Group.objects.of(tenant).filter(name="Bench list 001").exists():
            raise CommandError("The other lists are empty: run `manage.py bench seed --lists` first.")
        client = self.signed_in(tenant)
        for name, address in addresses(tenant=tenant):
            self.report(client, name, address, rounds)

    def report(self, client: Client, name: str, address: str, rounds: int) -> None:
        """One page's times."""
        times = sorted(self.timed(client, address) for _round in range(rounds))
        p95 = times[int(len(times) * 0.95) - 1]
        self.stdout.write(f"{name:<44} p50 {statistics.median(times):6.1f} ms   p95 {p95:6.1f} ms")

    def tenant(self) -> Tenant:
        """The tenant of the benchmarks."""
        tenant = Tenant.objects.filter(slug=SLUG).first()
        if tenant is None:
            raise CommandError("There is no tenant “bench”: run `manage.py bench seed` first.")
        return tenant

    def imports(self, rows: int) -> None:
        """Time one import of new, registered and replaced machines; name the plans that scan a table."""
        tenant = self.tenant()
        count = Registration.objects.of(tenant).live().filter(hardware_hash__isnull=False).count()
        if count < rows:
            raise CommandError("`bench import` needs machines: run `manage.py bench seed --hashes` first.")
        load = f"{os.getloadavg()[0]:.1f} on {os.cpu_count()} processors"
        self.stdout.write(f"{rows} rows against {count:,} registered machines, load {load}")
        import_, seconds = bench_import.timed(tenant, bench_import.csv_of(tenant, rows))
        self.stdout.write(", ".join(f"{name} in {each:.2f} s" for name, each in seconds.items()))
        self.stdout.write(f"{import_.verdicts} → {import_.added} added, {import_.failed} failed")
        statements, scans = bench_import.scanned(tenant, bench_import.csv_of(tenant, rows))
        self.stdout.write(f"{statements} statements explained, {len(scans)} sequential scans of big tables")
        for scan in scans:
            self.stdout.write(scan)

    def signed_in(self, tenant: Tenant) -> Client:
        """A client of a reader made for the benchmark; it cannot sign in by password."""
        user = User.objects.filter(email="bench@bench.example").first()
        user = user or User.objects.create_user("bench@bench.example")
        Membership.unscoped.get_or_create(tenant=tenant, user=user, defaults={"roles": [READ_ONLY_OPERATOR]})
        client = Client(headers={"host": "127.0.0.1"})
        client.force_login(user)
        return client

    def timed(self, client: Client, address: str) -> float:
        """Milliseconds of one page."""
        started = time.perf_counter()
        response = client.get(address)
        elapsed = (time.perf_counter() - started) * 1000
        if response.status_code != 200:
            raise CommandError(f"{address} answered {response.status_code}")
        return elapsed

    def walk(self, client: Client, base: str) -> None:
        """Follow *next* to the last page and report how page times grew."""
        address = f"{base}?size=200"
        times: list[float] = []
        while address:
            started = time.perf_counter()
            response = client.get(address)
            times.append((time.perf_counter() - started) * 1000)
            following = NEXT.search(response.content.decode())
            address = base + html.unescape(following[1]).removeprefix(base) if following else ""
        tenth = max(len(times) // 10, 1)
        first, last = statistics.median(times[:tenth]), statistics.median(times[-tenth:])
        self.stdout.write(f"{len(times)} pages; last tenth / first tenth = {last / first:.2f}")


QUERIES = {
    "first page": {},
    "search, rare fragment": {"q": "0042"},
    "search, common word": {"q": "contoso"},
    "search, nothing found": {"q": "zzzzqq"},
    "filter by group tag": {"group_tag": "KIOSK"},
    "filter by status": {"profile_status": "assigned"},
    "sort by model": {"sort": "model"},
    "sort by last contact, newest": {"sort": "-last_contacted_at"},
}
