"""Jobs: claimed once, done in steps, never lost and never done twice."""

import threading
import uuid
from datetime import timedelta

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portal import jobs
from portal.celery import app
from portal.errors import Refused
from portal.tasks import tick
from tenants.models import Job, JobItem, Schedule
from tenants.permissions import Actor
from tenants.services import jobs as job_services

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def job(contoso):
    return job_services.start(
        tenant=contoso,
        actor=Actor.system(),
        task="tests.count",
        title="Count",
        permission="",
        total=3,
    )


def count_to_three(job):
    job.cursor["at"] = job.cursor.get("at", 0) + 1
    job.done = job.cursor["at"]
    return job.done == 3


def test_a_job_runs_to_its_end_in_steps(job):
    jobs.run(str(job.pk), step=count_to_three)
    job.refresh_from_db()
    assert (job.state, job.done, job.cursor) == (Job.State.SUCCEEDED, 3, {"at": 3})


def test_an_ended_job_is_not_run_again(job):
    jobs.run(str(job.pk), step=count_to_three)
    jobs.run(str(job.pk), step=count_to_three)
    job.refresh_from_db()
    assert job.cursor == {"at": 3}


def test_a_leased_job_cannot_be_claimed_by_a_second_worker(job):
    assert jobs.claim(job.pk) is not None
    assert jobs.claim(job.pk) is None


def test_a_job_whose_worker_died_is_claimed_again_after_its_lease(job):
    first = jobs.claim(job.pk)
    Job.unscoped.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    second = jobs.claim(job.pk)
    assert second is not None
    assert second.lease_token != first.lease_token


def test_a_worker_that_lost_its_lease_cannot_commit_a_step(job):
    lost = jobs.claim(job.pk)
    Job.unscoped.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    jobs.claim(job.pk)
    assert jobs._one_step(lost, step=count_to_three, ended=None) is False
    job.refresh_from_db()
    assert job.cursor == {}


def test_a_step_that_raises_leaves_no_half_work(job):
    def half(job):
        JobItem.objects.create(job=job, position=1, object_id=uuid.uuid4())
        raise RuntimeError("half-way")

    jobs.run(str(job.pk), step=half)
    job.refresh_from_db()
    assert not JobItem.objects.filter(job=job).exists()
    assert job.state == Job.State.QUEUED
    assert job.run_after > timezone.now()


def test_a_job_that_fails_five_times_ends_as_failed(job):
    def broken(job):
        raise RuntimeError("always")

    for _attempt in range(jobs.MAX_ATTEMPTS):
        Job.unscoped.filter(pk=job.pk).update(run_after=timezone.now())
        jobs.run(str(job.pk), step=broken)
    job.refresh_from_db()
    assert (job.state, job.error_code) == (Job.State.FAILED, "internal_error")


def test_a_refusal_ends_the_job_with_its_reason(job):
    def refused(job):
        raise Refused("There is no such profile.", code="no_profile")

    jobs.run(str(job.pk), step=refused)
    job.refresh_from_db()
    assert (job.state, job.error_code, job.error_message) == (
        Job.State.FAILED,
        "no_profile",
        "There is no such profile.",
    )


def test_a_cancelled_job_stops_before_its_next_step(job):
    jobs.request_cancel(job)
    jobs.run(str(job.pk), step=count_to_three)
    job.refresh_from_db()
    assert (job.state, job.done) == (Job.State.CANCELLED, 0)


def test_ended_is_told_the_final_state(job):
    seen = []
    jobs.run(str(job.pk), step=count_to_three, ended=lambda job: seen.append(job.state))
    assert seen == [Job.State.SUCCEEDED]


def test_a_long_job_gives_others_their_turn(job, monkeypatch):
    monkeypatch.setattr(jobs, "SLICE_SECONDS", -1)
    jobs.run(str(job.pk), step=count_to_three)
    job.refresh_from_db()
    assert (job.state, job.done) == (Job.State.QUEUED, 1)


def test_a_job_stops_when_its_actor_lost_the_permission(contoso, reader):
    job = job_services.start(
        tenant=contoso,
        actor=Actor(user=reader),
        task="tests.count",
        title="Count",
        permission="devices.import",
    )
    jobs.run(str(job.pk), step=count_to_three)
    job.refresh_from_db()
    assert (job.state, job.error_code) == (Job.State.FAILED, "forbidden")


def test_the_same_one_time_key_makes_one_job(contoso):
    made = [
        job_services.start(
            tenant=contoso,
            actor=Actor.system(),
            task="tests.count",
            title="Count",
            permission="",
            dedupe_key="key",
        )
        for _press in range(2)
    ]
    assert made[0].pk == made[1].pk


def test_the_sweeper_dispatches_a_job_whose_worker_died(job):
    jobs.claim(job.pk)
    past = timezone.now() - timedelta(minutes=1)
    Job.unscoped.filter(pk=job.pk).update(lease_until=past, dispatched_at=past)
    assert jobs.sweep() == 1


def test_the_sweeper_dispatches_a_job_the_broker_lost(job):
    past = timezone.now() - timedelta(minutes=1)
    Job.unscoped.filter(pk=job.pk).update(dispatched_at=past)
    assert jobs.sweep() == 1


def test_the_sweeper_leaves_a_running_job_alone(job):
    jobs.claim(job.pk)
    assert jobs.sweep() == 0


def test_two_workers_at_once_do_every_step_once(job):
    def work():
        try:
            jobs.run(str(job.pk), step=count_to_three)
        finally:
            connections.close_all()

    workers = [threading.Thread(target=work) for _worker in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    job.refresh_from_db()
    assert (job.state, job.done) == (Job.State.SUCCEEDED, 3)


def test_a_worker_may_claim_a_job_the_instant_the_broker_has_it(job, monkeypatch):
    Job.unscoped.filter(pk=job.pk).update(dispatched_at=None)
    monkeypatch.setattr(app, "send_task", lambda *args, **options: jobs.claim(job.pk))

    with CaptureQueriesContext(connection) as queries:
        jobs.send(job_id=job.pk, task=job.task)

    said = [each["sql"] for each in queries if "UPDATE" in each["sql"]]
    assert "dispatched_at" in said[0], "noted before the broker has it"
    assert "lease_token" in said[-1], "a note after it would lock the row while the worker claims it"


def test_freezing_keeps_the_objects_of_the_moment(job, contoso, admin, reader):
    from tenants.models import Membership

    rows = Membership.objects.of(contoso).order_by("user__email")
    User = type(admin)
    users = User.objects.filter(pk__in=rows.values("user")).order_by("email")
    total = job_services.freeze(job=job, rows=users, label="email")
    labels = list(job.items.order_by("position").values_list("label", flat=True))
    assert total == len(labels)
    assert labels == [user.email for user in users]


def test_a_step_that_waits_lets_go_of_the_job_until_then(job):
    def wait(job):
        job.run_after = timezone.now() + timedelta(minutes=1)
        return False

    jobs.run(str(job.pk), step=wait)
    job.refresh_from_db()
    assert job.state == Job.State.QUEUED
    assert jobs.claim(job.pk) is None


def test_the_sweeper_dispatches_a_job_whose_wait_is_over(job):
    past = timezone.now() - timedelta(seconds=1)
    Job.unscoped.filter(pk=job.pk).update(run_after=past, dispatched_at=past - timedelta(seconds=1))
    assert jobs.sweep() == 1


def test_a_tick_that_fails_stops_no_other(contoso, monkeypatch, caplog):
    def stumble():
        raise RuntimeError("the disk stumbled")

    monkeypatch.setattr("devices.services.syncs.syncing.start_due", stumble)
    tick()
    assert Schedule.objects.filter(name="devices.check_orphans", tenant=contoso).exists()
    assert "start_due failed" in caplog.text
