"""What an import costs the database: a fixed number of statements, each by an index."""

import pytest
from django.db import connection
from django.utils import timezone

from devices.management import bench_import, bench_seed
from devices.models import Import, Registration
from tenants.models import Tenant
from tests import factories
from tests.devices.imports.importing import verdicts


@pytest.fixture
def seeded(contoso: Tenant) -> Tenant:
    """Sixty whole machines, and a planner that scans a table only where it has no index for it."""
    bench_seed.seed(tenant=contoso, count=60, now=timezone.now(), hashes=True)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    return contoso


def test_an_import_reads_big_tables_by_index_in_a_fixed_number_of_statements(seeded: Tenant) -> None:
    few, many = (bench_import.scanned(seeded, bench_import.csv_of(seeded, rows)) for rows in (20, 100))
    assert few[1] == many[1] == []
    assert few[0] == many[0]
    assert not Import.objects.of(seeded).exists()


def test_the_benchmarks_machines_are_found_again_by_their_keys(seeded: Tenant) -> None:
    import_, seconds = bench_import.timed(seeded, bench_import.csv_of(seeded, 20))
    assert verdicts(import_) == ["new"] * 14 + ["already_registered"] * 4 + ["needs_decision"] * 2
    assert (import_.added, import_.already_here, import_.failed) == (16, 4, 0)
    assert set(seconds) == {"uploaded", "matched", "committed"}
    assert Registration.objects.of(seeded).live().count() == 76


def test_the_benchmarks_machines_are_none_of_the_demos(contoso: Tenant, fabrikam: Tenant) -> None:
    factories.machines(fabrikam, 60)
    bench_seed.seed(tenant=contoso, count=60, now=timezone.now(), hashes=True)
    assert Registration.objects.of(contoso).live().count() == 60


def test_a_statement_without_an_index_is_noticed(seeded: Tenant) -> None:
    plans = bench_import.Plans()
    with connection.execute_wrapper(plans), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM devices_registration WHERE registered_by = 'nobody'")
    [scan] = plans.scans
    assert "Seq Scan on devices_registration" in scan
