"""Syncs: throttled by hand, scheduled every twelve hours, counted, and braked on removals."""

from datetime import timedelta

import pytest
from django.utils import timezone

from devices import tasks
from devices.connectors import NoConnector
from devices.models import AutopilotDevice, Registration, SyncRun
from devices.services.syncs import running, syncing
from tenants.models import Job, Schedule
from tests import factories
from tests.cut_off import CutOff, cut_off

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture
def actor(admin):
    return factories.actor(admin)


def request_sync(tenant, actor, now=None):
    return syncing.request_sync(tenant=tenant, actor=actor, now=now or timezone.now())


def work(run):
    run.refresh_from_db()
    tasks.sync(str(run.job_id))
    run.refresh_from_db()
    return run


def end(tenant, count):
    """End some registrations behind the list's back."""
    gone = Registration.objects.of(tenant).order_by("pk").values("pk")[:count]
    Registration.objects.of(tenant).filter(pk__in=list(gone.values_list("pk", flat=True))).update(
        ended_at=timezone.now()
    )


def test_a_sync_counts_what_it_created_updated_left_and_removed(contoso, actor):
    factories.register_many(contoso, 60)
    work(request_sync(contoso, actor))
    end(contoso, 2)
    factories.register(contoso, "NEW")
    changed = Registration.objects.of(contoso).live().exclude(serial_number="NEW").first()
    Registration.objects.of(contoso).filter(pk=changed.pk).update(group_tag="T")
    run = work(request_sync(contoso, actor, timezone.now() + timedelta(hours=1)))
    assert (run.created, run.updated, run.unchanged, run.removed) == (1, 1, 57, 2)
    assert run.state == SyncRun.State.COMPLETED


def test_a_second_sync_by_hand_within_ten_minutes_is_refused_with_the_seconds_left(contoso, actor):
    work(request_sync(contoso, actor, NOW))
    with pytest.raises(syncing.SyncThrottled) as caught:
        request_sync(contoso, actor, NOW + timedelta(minutes=4))
    assert (caught.value.status, caught.value.context["seconds_left"]) == (429, 360)
    assert request_sync(contoso, actor, NOW + timedelta(minutes=10))


def test_a_running_sync_refuses_a_second_one_even_after_ten_minutes(contoso, actor):
    request_sync(contoso, actor, NOW)
    with pytest.raises(syncing.SyncInProgress) as caught:
        request_sync(contoso, actor, NOW + timedelta(hours=1))
    assert caught.value.status == 409


def test_two_tenants_do_not_throttle_each_other(contoso, fabrikam, actor):
    request_sync(contoso, actor)
    assert request_sync(fabrikam, actor)


@pytest.mark.parametrize(
    ("missing", "listed", "is_braked"),
    [(20, 1000, False), (21, 1000, True), (5, 100, False), (6, 100, True), (1, 10, True), (0, 0, False)],
)
def test_the_brake_holds_above_twenty_devices_or_five_percent(missing, listed, is_braked):
    assert running.is_braked(missing=missing, listed=listed) is is_braked


def held(tenant, actor):
    factories.register_many(tenant, 30)
    work(request_sync(tenant, actor, NOW - timedelta(hours=1)))
    end(tenant, 25)
    return work(request_sync(tenant, actor, NOW))


def test_a_sync_that_would_remove_too_many_stops_and_removes_nothing(contoso, actor):
    run = held(contoso, actor)
    assert (run.state, run.would_remove, run.removed) == (SyncRun.State.HELD, 25, 0)
    assert AutopilotDevice.objects.of(contoso).live().count() == 30


def test_a_held_sync_keeps_the_next_one_from_starting(contoso, actor):
    held(contoso, actor)
    with pytest.raises(syncing.SyncInProgress, match="confirmed"):
        request_sync(contoso, actor, NOW + timedelta(hours=1))


def test_confirmed_removals_are_made(contoso, actor):
    run = held(contoso, actor)
    syncing.confirm_removals(tenant=contoso, actor=actor, run=run, now=NOW)
    run = work(run)
    assert (run.state, run.removed) == (SyncRun.State.COMPLETED, 25)
    assert run.removal_confirmed_by == "admin@contoso.example"
    assert AutopilotDevice.objects.of(contoso).live().count() == 5


def test_a_device_registered_again_meanwhile_survives_the_confirmation(contoso, actor):
    run = held(contoso, actor)
    back = Registration.objects.of(contoso).exclude(ended_at=None).first()
    Registration.objects.of(contoso).filter(pk=back.pk).update(ended_at=None)
    syncing.confirm_removals(tenant=contoso, actor=actor, run=run, now=NOW)
    assert work(run).removed == 24
    assert AutopilotDevice.objects.of(contoso).live().filter(pk=back.pk).exists()


def test_a_cancelled_sync_removes_nothing_and_lets_the_next_one_start(contoso, actor):
    run = held(contoso, actor)
    syncing.cancel(tenant=contoso, actor=actor, run=run, now=NOW)
    assert AutopilotDevice.objects.of(contoso).live().count() == 30
    assert request_sync(contoso, actor, NOW + timedelta(hours=1))


def test_the_second_of_two_tabs_that_confirm_is_told_so(contoso, actor):
    run = held(contoso, actor)
    syncing.confirm_removals(tenant=contoso, actor=actor, run=run, now=NOW)
    with pytest.raises(syncing.SyncNotHeld):
        syncing.cancel(tenant=contoso, actor=actor, run=run, now=NOW)


def test_every_tenant_gets_a_schedule_of_twelve_hours(contoso):
    syncing.start_due()
    syncing.start_due()
    assert Schedule.objects.get(tenant=contoso).every == timedelta(hours=12)
    assert not SyncRun.objects.of(contoso).exists()


def test_a_due_sync_starts_once(contoso):
    syncing.start_due()
    Schedule.objects.update(next_run_at=timezone.now())
    syncing.start_due()
    syncing.start_due()
    run = SyncRun.objects.of(contoso).get()
    assert (run.trigger, run.requested_by) == ("scheduled", "Hangar")
    assert work(run).state == SyncRun.State.COMPLETED


def test_a_due_sync_whose_start_was_cut_off_is_still_due(contoso, monkeypatch):
    syncing.start_due()
    Schedule.objects.update(next_run_at=NOW)
    monkeypatch.setattr(syncing, "_begin", cut_off)
    with pytest.raises(CutOff):
        syncing.start_due()
    assert Schedule.objects.get(tenant=contoso).next_run_at == NOW


def test_a_due_sync_is_left_out_while_another_is_running(contoso, actor):
    syncing.start_due()
    request_sync(contoso, actor)
    Schedule.objects.update(next_run_at=timezone.now())
    syncing.start_due()
    assert SyncRun.objects.of(contoso).count() == 1


def test_the_clock_shows_request_success_next_and_countdown(contoso, actor):
    syncing.start_due()
    work(request_sync(contoso, actor, NOW))
    clock = syncing.clock(tenant=contoso, now=NOW + timedelta(minutes=9))
    assert clock.last_requested_at == NOW
    assert clock.last_succeeded_at is not None
    assert clock.next_at is not None
    assert (clock.seconds_left, clock.unfinished) == (60, None)


def test_a_sync_of_someone_who_lost_the_right_fails_and_frees_the_next(contoso, intune_admin):
    run = request_sync(contoso, factories.actor(intune_admin))
    intune_admin.memberships.update(roles=["read_only_operator"])
    assert work(run).state == SyncRun.State.FAILED
    assert Job.objects.of(contoso).get().error_code == "forbidden"
    assert syncing.clock(tenant=contoso, now=NOW).unfinished is None


def test_a_tenant_without_a_connector_is_neither_synced_nor_scheduled(actor):
    real = factories.make_tenant("Real", authority="msgraph")
    syncing.start_due()
    assert not Schedule.objects.filter(tenant=real).exists()
    with pytest.raises(NoConnector):
        request_sync(real, actor)
