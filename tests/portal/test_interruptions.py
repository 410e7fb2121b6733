"""Faults around Hangar, and requests that are too much: a sentence each, never a bare 500."""

import socket
import time

import pytest
from django.core.cache import cache
from django.db import OperationalError
from django.test import RequestFactory
from django.urls import reverse
from psycopg.errors import DeadlockDetected
from redis.exceptions import ConnectionError as RedisAway

from portal import jobs
from portal.celery import app
from portal.ui.middleware import RefusalMiddleware
from tenants.models import Job
from tenants.permissions import Actor
from tenants.services import jobs as job_services
from tests import factories

NOWHERE = "redis://127.0.0.1:1/0"


@pytest.fixture
def broker_away(settings):
    """Nothing listens where the broker is said to be, until the yielded function is called."""
    before = app.conf.broker_url

    def move(address):
        app.conf.broker_url = address
        app._pool = app.amqp._producer_pool = None

    move(NOWHERE)
    yield lambda: move(before)
    move(before)


def start(tenant):
    return job_services.start(tenant=tenant, actor=Actor.system(), task="tests.x", title="X", permission="")


@pytest.mark.django_db(transaction=True)
def test_a_job_started_while_the_broker_is_away_waits_for_the_sweeper(contoso, broker_away):
    started = time.monotonic()
    job = start(contoso)
    job.refresh_from_db()
    assert (job.state, job.dispatched_at) == (Job.State.QUEUED, None)
    assert time.monotonic() - started < 5, "the person waits for a broker that does not come"


@pytest.mark.django_db(transaction=True)
def test_the_sweeper_sends_it_when_the_broker_is_back(contoso, broker_away):
    start(contoso)
    assert Job.unscoped.get().dispatched_at is None
    broker_away()
    assert jobs.sweep() == 1
    assert Job.unscoped.get().dispatched_at is not None


@pytest.mark.django_db(transaction=True)
def test_a_sweep_waits_only_once_for_a_broker_that_is_away(contoso, broker_away, caplog):
    for _number in range(3):
        start(contoso)
    caplog.clear()
    assert jobs.sweep() == 0
    assert len([line for line in caplog.messages if "unreachable" in line]) == 1


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_silent_is_not_waited_for(contoso, broker_away, monkeypatch):
    monkeypatch.setattr("portal.celery.DISPATCH_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:  # connects, and never says a word
        app.conf.broker_url = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        started = time.monotonic()
        job = start(contoso)
    job.refresh_from_db()
    assert (job.state, job.dispatched_at) == (Job.State.QUEUED, None)
    assert time.monotonic() - started < 5, "the person waits for a broker that does not answer"


@pytest.mark.django_db(transaction=True)
def test_a_job_that_kills_every_worker_fails_for_good(contoso):
    job = start(contoso)
    for _death in range(jobs.MAX_ATTEMPTS):
        assert jobs.claim(job.pk) is not None
        Job.unscoped.filter(pk=job.pk).update(lease_until=job.created_at)
    jobs.run(str(job.pk), step=lambda job: pytest.fail("a sixth worker must not try"))
    job.refresh_from_db()
    assert (job.state, job.error_code) == (Job.State.FAILED, "internal_error")


@pytest.mark.django_db
def test_sign_in_says_so_while_the_cache_is_away(client, contoso, settings):
    factories.make_person("a@contoso.example")
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": NOWHERE}}
    with pytest.raises(RedisAway):
        cache.get("x")
    answer = client.post(
        reverse("account_login"), {"login": "a@contoso.example", "password": factories.PASSWORD}
    )
    assert answer.status_code == 503
    assert "does not answer" in answer.content.decode()


@pytest.mark.django_db
def test_a_deadlock_is_told_as_a_conflict(contoso, admin):
    request = RequestFactory().post("/")
    request.user = admin
    error = OperationalError("deadlock detected")
    error.__cause__ = DeadlockDetected()
    answer = RefusalMiddleware(lambda request: None).process_exception(request, error)
    assert answer is not None
    assert answer.status_code == 409


@pytest.mark.django_db
@pytest.mark.parametrize("headers", [{}, {"HTTP_HX_REQUEST": "true"}])
def test_thousands_of_selected_rows_are_refused_in_words(contoso, admin, client_of, headers):
    url = reverse("devices:autopilot_edit_group_tag", kwargs={"tenant_slug": "contoso"})
    answer = client_of(admin).post(url, {"selection": ["x"] * 5000}, **headers)
    assert answer.status_code == 413
    assert "everything that matches" in answer.content.decode()


@pytest.mark.django_db
def test_a_field_of_eleven_megabytes_is_refused_in_words(contoso, admin, client_of):
    url = reverse("devices:import_new", kwargs={"tenant_slug": "contoso"})
    answer = client_of(admin).post(url, {"pasted": "x" * 11_000_000})
    assert answer.status_code == 413
    assert "Send large amounts as a file" in answer.content.decode()
