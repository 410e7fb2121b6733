"""A deletion split into small ones: what one person asked for within 24 hours counts as one."""

import threading
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from devices import tasks
from devices.models import AutopilotDevice, Deregistration, UndoKit
from devices.services.autopilot import deregistration, replacing, restoring, undo_kits
from devices.services.autopilot.deregistration import moving, slices, starting
from tenants import permissions
from tenants.models import Approval, AuditEvent, Job
from tenants.services import approvals
from tenants.services import jobs as job_services
from tests import factories
from tests.devices.autopilot import leaving

pytestmark = pytest.mark.django_db
SPLIT = "You asked for 4 in the last 24 hours; with this one it is more than 4."
WITHOUT_RULE = 7
DELETE = "/t/contoso/autopilot-devices/delete/"


@pytest.fixture
def devices(contoso):
    """Six devices in a tenant where more than four need a second administrator."""
    contoso.approval_above = 4
    contoso.save()
    return factories.machines(contoso, 6)


def rows(tenant, *devices):
    return AutopilotDevice.objects.of(tenant).live().filter(pk__in=[device.pk for device in devices])


def ask(tenant, person, *devices, is_full=False):
    return leaving.start(tenant, person, is_full=is_full, rows=rows(tenant, *devices))


def is_held(job):
    return Approval.unscoped.filter(job=job, state="waiting").exists()


def replace(tenant, person, old, new):
    successor = replacing.Successor.registered(new)
    given = {"old": old, "new": successor, "now": timezone.now()}
    return replacing.replace(tenant=tenant, actor=factories.actor(person), **given)


def test_small_deletions_add_up_whether_they_wait_or_have_run(contoso, admin, devices):
    contoso.cooling_off_hours = 2
    assert not is_held(ask(contoso, admin, *devices[:2]))
    contoso.cooling_off_hours = 0
    leaving.run(ask(contoso, admin, *devices[2:4]))
    held = ask(contoso, admin, devices[4])
    approval = Approval.unscoped.get(job=held)
    assert (approval.count, approval.earlier, approval.limit) == (1, 4, 4)
    after = AuditEvent.objects.get(activity="approval.requested").targets.get().after
    assert after == {"devices": 1, "earlier": 4}
    assert held.state == "queued"


def test_what_is_older_than_a_day_does_not_count(contoso, admin, devices):
    job = ask(contoso, admin, *devices[:4])
    Job.unscoped.filter(pk=job.pk).update(created_at=timezone.now() - timedelta(hours=24, seconds=1))
    assert not is_held(ask(contoso, admin, devices[4]))


def test_everyone_has_a_sum_of_their_own_in_each_tenant(contoso, fabrikam, admin, intune_admin, devices):
    fabrikam.approval_above = 4
    ask(contoso, admin, *devices[:4])
    assert not is_held(ask(contoso, intune_admin, devices[4]))
    assert not is_held(ask(fabrikam, admin, *factories.machines(fabrikam, 4, first=50)))


def test_a_request_that_was_taken_back_or_declined_does_not_count(contoso, admin, devices):
    second = factories.make_person("second@contoso.example")
    factories.join(contoso, second, permissions.GLOBAL_ADMINISTRATOR)
    contoso.cooling_off_hours = 2
    taken_back = ask(contoso, admin, *devices[:4])
    job_services.cancel(job=taken_back, actor=factories.actor(admin))
    assert not is_held(ask(contoso, admin, devices[5]))
    tasks.deregister_autopilot_devices(str(taken_back.pk))
    declined = ask(contoso, admin, *devices[:4])
    assert is_held(declined)
    words = {"actor": factories.actor(second), "reason": "In use", "now": timezone.now()}
    approvals.decline(job=declined, **words)
    assert not is_held(ask(contoso, admin, devices[4]))


def test_a_request_stopped_half_way_counts_the_devices_it_touched(contoso, admin, devices):
    for device in devices[:4]:
        leaving.enroll(contoso, admin, device)
    job = ask(contoso, admin, *devices[:4], is_full=True)
    while not Deregistration.unscoped.filter(job=job, step="user").exists():
        deregistration.step(job, now=timezone.now())
        job.save()
    job_services.cancel(job=job, actor=factories.actor(admin))
    leaving.run(job)
    assert set(Deregistration.unscoped.values_list("state", flat=True)) == {"stopped"}
    assert is_held(ask(contoso, admin, devices[4]))


def test_a_device_that_was_registered_again_does_not_count(contoso, admin, devices):
    leaving.run(ask(contoso, admin, *devices[:4]))
    kit = UndoKit.objects.of(contoso).first()
    restoring.restore(tenant=contoso, actor=factories.actor(admin), kit=kit, now=timezone.now())
    assert not is_held(ask(contoso, admin, devices[4]))
    assert is_held(ask(contoso, admin, devices[5]))


def test_erasing_undo_kits_hides_nothing(contoso, admin, devices):
    leaving.run(ask(contoso, admin, *devices[:4]))
    undo_kits.erase(tenant=contoso, actor=factories.actor(admin), kits=UndoKit.objects.of(contoso))
    assert is_held(ask(contoso, admin, devices[4]))


def test_trying_the_same_devices_again_counts_them_once(contoso, admin, devices, monkeypatch):
    service = leaving.BreakingService()
    service.poison = devices[0].pk
    monkeypatch.setattr(slices, "connector_for", lambda tenant: service)
    job = leaving.run(ask(contoso, admin, *devices[:4]))
    failed = Deregistration.objects.of(contoso).filter(state="failed")
    assert not is_held(retry(contoso, admin, job, failed))
    assert is_held(ask(contoso, admin, devices[4]))


def retry(tenant, person, job, rows):
    actor, now = factories.actor(person), timezone.now()
    return deregistration.retry(tenant=tenant, actor=actor, job=job, rows=rows, now=now)


def test_a_retry_and_a_move_are_held_by_the_sum(contoso, fabrikam, admin, devices, monkeypatch):
    service = leaving.BreakingService()
    service.poison = devices[0].pk
    monkeypatch.setattr(slices, "connector_for", lambda tenant: service)
    job = leaving.run(ask(contoso, admin, devices[0]))
    ask(contoso, admin, *devices[1:4])
    contoso.approval_above = 3
    assert is_held(retry(contoso, admin, job, Deregistration.objects.of(contoso).filter(job=job)))
    actor, now = factories.actor(admin), timezone.now()
    words = {"tenant": contoso, "target": fabrikam, "actor": actor, "is_full": False, "now": now}
    assert is_held(moving.start(rows=rows(contoso, devices[4]), **words))


def test_the_command_line_has_a_sum_of_its_own(contoso, admin, devices, capsys):
    ask(contoso, admin, *devices[:1])
    call_command(
        "deregister", "--tenant", "contoso", "--yes", "--ids", *(str(each.pk) for each in devices[1:5])
    )
    with pytest.raises(SystemExit) as stop:
        call_command("deregister", "--tenant", "contoso", "--yes", "--ids", str(devices[5].pk))
    assert stop.value.code == 3
    assert "Asked for here in the last 24 hours: 4 devices; with 1 more" in capsys.readouterr().err


def test_replacements_add_up_with_deletions(contoso, admin, devices):
    ask(contoso, admin, *devices[:3])
    replace(contoso, admin, devices[3], devices[4])
    with pytest.raises(replacing.ApprovalNeeded, match="You asked for 4 in the last 24 hours"):
        replace(contoso, admin, devices[4], devices[5])
    assert is_held(ask(contoso, admin, devices[5]))


@pytest.mark.parametrize("address", ["delete/", "move/"])
def test_the_dialog_says_so_before_and_the_job_after(client_of, contoso, admin, fabrikam, devices, address):
    ask(contoso, admin, *devices[:4])
    client, only = client_of(admin), {"only": str(devices[4].pk)}
    dialog = client.post(f"/t/contoso/autopilot-devices/{address}", only).content.decode()
    assert f"{SPLIT} A second administrator has to approve." in dialog
    job = ask(contoso, admin, devices[4])
    text = client.get(f"/t/contoso/jobs/{job.pk}/").content.decode()
    assert "asked to remove 1 device, after 4 in the last 24 hours; above 4" in text


def test_the_retry_dialog_says_so(client_of, contoso, admin, devices, monkeypatch):
    service = leaving.BreakingService()
    service.poison = devices[0].pk
    monkeypatch.setattr(slices, "connector_for", lambda tenant: service)
    job = leaving.run(ask(contoso, admin, devices[0]))
    ask(contoso, admin, *devices[1:5])
    url = reverse("devices:deregistration_retry", kwargs={"tenant_slug": "contoso", "pk": job.pk})
    only = {"only": str(Deregistration.unscoped.get(job=job).pk)}
    assert SPLIT in client_of(admin).post(url, only).content.decode()


def test_a_tenant_without_the_rule_counts_nothing(client_of, contoso, admin, django_assert_num_queries):
    devices = factories.machines(contoso, 2)
    client, only = client_of(admin), {"only": str(devices[0].pk)}
    client.post(DELETE, only)
    with django_assert_num_queries(WITHOUT_RULE):
        client.post(DELETE, only)
    contoso.approval_above = 1
    contoso.save()
    with django_assert_num_queries(WITHOUT_RULE + 1):
        client.post(DELETE, only)


@pytest.mark.django_db(transaction=True)
def test_two_tabs_at_once_do_not_both_slip_under(contoso, admin, devices, monkeypatch):
    counted, may_commit = threading.Event(), threading.Event()
    hold, jobs = starting.hold, []

    def hold_then_pause(*given):
        hold(*given)
        if not counted.is_set():
            counted.set()
            may_commit.wait(20)

    def tab(half):
        try:
            jobs.append(ask(contoso, admin, *half))
        finally:
            connection.close()

    monkeypatch.setattr(starting, "hold", hold_then_pause)
    first, second = (threading.Thread(target=tab, args=(half,)) for half in (devices[:3], devices[3:]))
    first.start()
    assert counted.wait(20)
    second.start()
    while second.is_alive() and not someone_waits_for_a_lock():
        second.join(0.05)
    may_commit.set()
    first.join(20)
    second.join(20)
    assert sorted(map(is_held, jobs)) == [False, True]


def someone_waits_for_a_lock():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database "
            "WHERE NOT l.granted AND d.datname = current_database()"
        )
        return cursor.fetchone()[0] > 0
