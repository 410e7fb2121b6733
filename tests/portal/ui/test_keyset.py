"""Keyset paging walks every row exactly once, whatever the ties and gaps."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import signing
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from devices.models import AutopilotDevice
from devices.models.autopilot import sortable
from portal.ui import keyset
from portal.ui.keyset import BadCursor, Sort, expression_of, page_of
from tenants.models import Tenant
from tests import factories

ORDERS = [
    Sort("serial_number", expression_of("serial_number")),
    Sort("serial_number", expression_of("serial_number"), is_descending=True),
    Sort("last_contacted_at", sortable("last_contacted_at")),
    Sort("last_contacted_at", sortable("last_contacted_at"), is_descending=True),
    Sort("pk", expression_of("pk")),
]


def make(tenant: Tenant, days: list[int | None]) -> None:
    """Devices with few distinct serials, contacted so many days after a start, or never."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    AutopilotDevice.objects.bulk_create(
        AutopilotDevice(
            tenant=tenant,
            serial_number=f"SN-{number % 3}",
            manufacturer="C",
            last_contacted_at=None if day is None else start + timedelta(days=day),
        )
        for number, day in enumerate(days)
    )


def walk(tenant: Tenant, sort: Sort, size: int) -> tuple[list[Any], list[Any]]:
    """The keys met going forward to the end, and then backward from there."""
    rows = AutopilotDevice.objects.of(tenant)
    page = page_of(rows, sort, size=size, after="", before="")
    forward = [row.pk for row in page.rows]
    last = page
    while page.after:
        page = page_of(rows, sort, size=size, after=page.after, before="")
        forward += [row.pk for row in page.rows]
        last = page
    backward = [row.pk for row in last.rows]
    while last.before:
        last = page_of(rows, sort, size=size, after="", before=last.before)
        backward = [row.pk for row in last.rows] + backward
    return forward, backward


@pytest.mark.parametrize("sort", ORDERS, ids=lambda sort: sort.word)
@pytest.mark.parametrize("size", [1, 4, 7, 50])
def test_every_row_is_met_once_in_both_directions(contoso: Tenant, sort: Sort, size: int) -> None:
    make(contoso, [None, 1, 1, 2, None, 2, 2, 5, None, 1, 3])
    forward, backward = walk(contoso, sort, size)
    assert len(forward) == len(set(forward)) == 11
    assert backward == forward


class Walks(TestCase):
    """The same for any data."""

    @settings(max_examples=30, suppress_health_check=list(HealthCheck))
    @given(
        days=st.lists(st.one_of(st.none(), st.integers(0, 4)), max_size=12),
        size=st.integers(1, 5),
        order=st.integers(0, len(ORDERS) - 1),
    )
    def test_any_rows_are_met_once(self, days: list[int | None], size: int, order: int) -> None:
        tenant = factories.make_tenant("Walkers")
        make(tenant, days)
        forward, backward = walk(tenant, ORDERS[order], size)
        assert len(forward) == len(set(forward)) == len(days)
        assert backward == forward


def test_never_sorts_before_every_date(contoso: Tenant) -> None:
    make(contoso, [3, None, 1])
    page = page_of(AutopilotDevice.objects.of(contoso), ORDERS[2], size=5, after="", before="")
    assert [row.last_contacted_at is None for row in page.rows] == [True, False, False]


def test_a_cursor_of_another_order_is_refused(contoso: Tenant) -> None:
    make(contoso, [1, 2, 3])
    rows = AutopilotDevice.objects.of(contoso)
    page = page_of(rows, ORDERS[0], size=1, after="", before="")
    with pytest.raises(BadCursor):
        page_of(rows, ORDERS[1], size=1, after=page.after, before="")


@pytest.mark.parametrize("content", ["text", [1], {"a": 1}, ["serial_number", "moment"]])
def test_a_signed_cursor_of_another_shape_is_refused(content: Any) -> None:
    with pytest.raises(BadCursor):
        keyset.read(signing.dumps(content, salt=keyset.SALT), ORDERS[0])


def test_a_page_costs_one_query(contoso: Tenant, django_assert_num_queries: Any) -> None:
    make(contoso, [1, 2, 3])
    with django_assert_num_queries(1):
        page_of(AutopilotDevice.objects.of(contoso), ORDERS[3], size=2, after="", before="")
