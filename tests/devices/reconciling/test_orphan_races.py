"""A check beside a fix: what was mended is not found again."""

import threading
import time

import pytest
from django.db import connection, transaction
from django.utils import timezone

from devices.models import EntraDevice, Orphan
from devices.services.reconciling import checking, fixing
from tenants.models import Job
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


def wait_until_blocked() -> None:
    """Until another connection of this database waits for a lock."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                "AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone() != (0,):
                return
        time.sleep(0.05)
    raise AssertionError("Nothing waited for a lock.")


def test_a_check_beside_an_unfinished_fix_does_not_bring_its_records_back(contoso, admin):
    factories.machines(contoso, 1)
    EntraDevice.objects.of(contoso).update(deleted_at=timezone.now())
    defect = Orphan.Defect.NO_ENTRA_DEVICE
    checking.refresh(tenant=contoso, defect=defect, now=timezone.now())
    rows = Orphan.objects.of(contoso)
    job = fixing.start(tenant=contoso, actor=factories.actor(admin), rows=rows)

    def check() -> None:
        checking.refresh(tenant=contoso, defect=defect, now=timezone.now())
        connection.close()

    checker = threading.Thread(target=check)
    with transaction.atomic():
        fixing.step(Job.objects.of(contoso).get(pk=job.pk), now=timezone.now())
        checker.start()
        wait_until_blocked()
    checker.join(timeout=20)
    assert not Orphan.objects.of(contoso).exists()
