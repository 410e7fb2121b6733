"""The benchmark of the lists: it fills them as the tables are now, and each page it times answers."""

from typing import Any

from django.test import Client
from django.utils import timezone

from devices.management import bench_lists, bench_seed
from tenants.models import Tenant


def test_every_list_is_filled_and_every_page_that_is_timed_answers(
    contoso: Tenant, admin: Any, client: Client
) -> None:
    bench_seed.seed(tenant=contoso, count=30, now=timezone.now())
    assert all(rows for _name, rows in bench_lists.fill(tenant=contoso, unit=1))
    client.force_login(admin)
    pages = list(bench_lists.addresses(tenant=contoso))
    answers = {name: client.get(address).status_code for name, address in pages}
    assert set(answers.values()) == {200}
