"""*Syncs*: the button, its countdown, the running and the held sync, rights."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from devices import tasks
from devices.models import AutopilotDevice, Registration, SyncRun, SyncState
from tests import factories

pytestmark = pytest.mark.django_db


def at(tenant, name, **keys):
    return reverse(f"devices:{name}", kwargs={"tenant_slug": tenant.slug, **keys})


@pytest.fixture
def visitor(admin, client_of):
    return client_of(admin)


def start(visitor, tenant):
    return visitor.post(at(tenant, "sync_start"), {"step": "confirm"})


def work(tenant):
    run = SyncRun.objects.of(tenant).latest("started_at")
    tasks.sync(str(run.job_id))
    return run


def test_the_button_starts_a_sync_whose_progress_the_page_follows(contoso, visitor):
    start(visitor, contoso)
    run = SyncRun.objects.of(contoso).get()
    assert at(contoso, "sync_progress", pk=run.pk) in visitor.get(at(contoso, "syncs")).content.decode()
    assert "HX-Refresh" not in visitor.get(at(contoso, "sync_progress", pk=run.pk))
    work(contoso)
    assert visitor.get(at(contoso, "sync_progress", pk=run.pk))["HX-Refresh"] == "true"


def test_a_second_press_is_told_that_one_is_running(contoso, visitor):
    start(visitor, contoso)
    assert start(visitor, contoso).status_code == 409
    assert SyncRun.objects.of(contoso).count() == 1


def test_a_throttled_page_counts_down(contoso, visitor):
    start(visitor, contoso)
    work(contoso)
    assert "data-countdown" in visitor.get(at(contoso, "syncs")).content.decode()
    assert start(visitor, contoso).status_code == 429


def held(tenant, visitor):
    factories.register_many(tenant, 30)
    start(visitor, tenant)
    work(tenant)
    SyncState.objects.filter(tenant=tenant).update(last_requested_at=None)
    Registration.objects.of(tenant).update(ended_at="2026-01-01T00:00Z")
    start(visitor, tenant)
    return work(tenant)


def test_a_held_sync_names_the_devices_and_asks(contoso, visitor):
    run = held(contoso, visitor)
    page = visitor.get(at(contoso, "syncs")).content.decode()
    assert "would remove 30 devices" in page
    assert "MANY-" in page
    visitor.post(at(contoso, "sync_confirm", pk=run.pk))
    work(contoso)
    assert not AutopilotDevice.objects.of(contoso).live().exists()


def test_a_held_sync_can_be_cancelled(contoso, visitor):
    run = held(contoso, visitor)
    visitor.post(at(contoso, "sync_cancel", pk=run.pk))
    assert AutopilotDevice.objects.of(contoso).live().count() == 30


def test_a_reader_sees_syncs_and_starts_and_confirms_none(contoso, visitor, reader, client_of):
    run, onlooker = held(contoso, visitor), client_of(reader)
    assert "Remove 30 devices" not in onlooker.get(at(contoso, "syncs")).content.decode()
    assert start(onlooker, contoso).status_code == 403
    assert onlooker.post(at(contoso, "sync_confirm", pk=run.pk)).status_code == 403


def test_another_tenants_sync_is_not_found(contoso, fabrikam, visitor):
    start(visitor, fabrikam)
    run = SyncRun.objects.of(fabrikam).get()
    assert visitor.get(at(contoso, "sync_progress", pk=run.pk)).status_code == 404
    assert visitor.post(at(contoso, "sync_confirm", pk=run.pk)).status_code == 404


def test_the_command_starts_a_sync_and_says_why_it_refuses_a_second(contoso):
    out = StringIO()
    call_command("sync", "--tenant", "contoso", "--no-wait", stdout=out)
    assert "started" in out.getvalue()
    with pytest.raises(CommandError, match="sync_in_progress"):
        call_command("sync", "--tenant", "contoso", "--no-wait")


def test_the_command_knows_no_such_tenant(contoso):
    with pytest.raises(CommandError, match="no tenant") as refusal:
        call_command("sync", "--tenant", "nowhere")
    assert refusal.value.returncode == 2


def test_a_search_asked_of_a_list_without_one_is_answered_in_words(contoso, visitor):
    for part in ("", "&fragment=count"):
        assert visitor.get(f"{at(contoso, 'syncs')}?q=sync{part}").status_code == 200
    assert "This list has no search." in visitor.get(f"{at(contoso, 'syncs')}?q=sync").content.decode()
