"""Deregistration as a state machine: order, evidence, slow and failing services, retry, going on."""

import re
import uuid
from datetime import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from devices.connectors import connector_for
from devices.models import (
    AutopilotDevice,
    Deregistration,
    EntraDevice,
    ManagedDevice,
    Registration,
    UndoKit,
)
from devices.services.autopilot import deregistration
from devices.services.autopilot.bulk import NothingToDo
from devices.services.autopilot.deregistration import evidence, slices
from portal.errors import Forbidden
from tenants.models import AuditEvent, AuditTarget, Job
from tenants.services.kept_values import LABELS
from tests import factories
from tests.devices.autopilot import leaving

pytestmark = pytest.mark.django_db

FULL = ["undo_kit", "managed_device", "user", "registration", "entra_device"]


@pytest.fixture
def device(contoso):
    return factories.machines(contoso, 1, group_tag="KIOSK", user_principal_name="ann@contoso.example")[0]


@pytest.fixture
def service(monkeypatch):
    """Put another service behind the tenant."""

    def put(connector):
        monkeypatch.setattr(slices, "connector_for", lambda tenant: connector)
        return connector

    return put


def test_an_entra_joined_device_leaves_in_the_documented_order(contoso, admin, device):
    leaving.enroll(contoso, admin, device)
    job = leaving.run(leaving.start(contoso, admin))
    row = Deregistration.objects.of(contoso).get()
    assert leaving.results(job) == list(
        zip(FULL, ["kept", "removed", "unassigned", "released", "kept"], strict=True)
    )
    assert (row.join_type, row.state, job.items.get().outcome) == ("entra", "done", "done")


def test_every_step_keeps_before_request_answer_after_and_their_times(contoso, admin, device):
    leaving.enroll(contoso, admin, device)
    managed = ManagedDevice.objects.of(contoso).get()
    leaving.run(leaving.start(contoso, admin))
    steps = {each["step"]: each for each in Deregistration.objects.of(contoso).get().steps}
    assert list(steps) == FULL
    for name in ("managed_device", "user", "registration"):
        assert {"before", "request", "requested_at", "accepted_at", "after", "confirmed_at"} <= set(
            steps[name]
        )
    assert steps["managed_device"]["object"] == str(managed.pk)
    assert steps["managed_device"]["before"]["device_name"] == managed.device_name
    assert steps["user"]["before"] == {"user": "ann@contoso.example"}
    assert steps["registration"]["request"].endswith(str(device.pk))


def test_what_was_kept_reads_as_words_and_local_times(contoso, admin, device):
    leaving.enroll(contoso, admin, device)
    leaving.run(leaving.start(contoso, admin))
    parts = evidence.story(Deregistration.objects.of(contoso).get())
    facts = {label: (before, after) for part in parts for label, before, after in part.facts}
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d", facts["Removed at"][1])
    assert all("" not in both for both in facts.values())
    assert facts["Hash held"][1] == "Yes"


def test_every_name_that_evidence_keeps_has_a_word_to_translate(contoso, admin, device):
    leaving.enroll(contoso, admin, device, is_hybrid=True)
    leaving.run(leaving.start(contoso, admin))
    steps = Deregistration.objects.of(contoso).get().steps
    names = {name for each in steps for kept in ("before", "after") for name in each.get(kept) or {}}
    assert {"computer", "exists", "has_hash", "removed_at"} <= names
    assert names <= set(LABELS)


def test_a_hybrid_device_names_the_computer_object_that_waits_for_a_person(contoso, admin, device):
    leaving.enroll(contoso, admin, device, is_hybrid=True)
    job = leaving.run(leaving.start(contoso, admin))
    row = Deregistration.objects.of(contoso).get()
    twin = EntraDevice.objects.of(contoso).get(display_name="CORP-1")
    assert (row.join_type, row.state, row.plan) == ("hybrid", "by_hand", [*FULL, "on_premises"])
    assert row.steps[-1]["object"] == str(twin.pk)
    assert row.steps[-1]["before"]["computer"] == "CORP-1"
    assert twin.deleted_at is None
    assert job.counters == {"done": 1}


def test_a_twin_of_another_device_is_left_alone(contoso, admin, device):
    other = factories.machines(contoso, 1, first=9)[0]
    leaving.enroll(contoso, admin, other, is_hybrid=True)
    rows = AutopilotDevice.objects.of(contoso).filter(pk=device.pk)
    leaving.run(leaving.start(contoso, admin, rows=rows))
    assert Deregistration.objects.of(contoso).get().join_type == ""
    assert EntraDevice.objects.of(contoso).live().filter(display_name="CORP-1").exists()
    assert ManagedDevice.objects.of(contoso).live().count() == 1


def test_removing_the_registration_only_never_touches_the_intune_record(contoso, admin, device):
    leaving.enroll(contoso, admin, device)
    job = leaving.run(leaving.start(contoso, admin, is_full=False))
    assert [step for step, _result in leaving.results(job)] == ["undo_kit", "registration", "entra_device"]


def test_what_the_service_accepted_is_waited_for_until_it_shows(contoso, admin, device, service):
    slow = service(leaving.SlowService())
    job = leaving.start(contoso, admin)
    for _turn in range(3):
        leaving.turn(job)
    row = Deregistration.objects.of(contoso).get()
    device.refresh_from_db()
    assert (row.state, row.step, row.phase) == ("active", "registration", "accepted")
    assert (job.state, device.removed_at) == ("queued", None)
    assert job.run_after > timezone.now() - timezone.timedelta(seconds=5)
    slow.is_done = True
    leaving.run(job)
    device.refresh_from_db()
    assert device.removed_at
    assert Deregistration.objects.of(contoso).get().state == "done"


def test_what_is_never_confirmed_fails_after_an_hour_of_looking(contoso, admin, device, service):
    service(leaving.SlowService())
    job = leaving.start(contoso, admin)
    leaving.turn(job)
    rows = Deregistration.objects.of(contoso)
    assert rows.filter(tries__gt=0).update(tries=64) == 1
    assert leaving.turn(job).state == "queued"
    assert rows.update(tries=70) == 1
    leaving.turn(job)
    row = Deregistration.objects.of(contoso).get()
    assert (row.state, row.step, row.code) == ("failed", "registration", "not_confirmed")


def test_a_busy_service_is_asked_again_with_growing_pauses(contoso, admin, device, service):
    busy = service(leaving.BusyService())
    type(busy).times = 3
    job = leaving.start(contoso, admin)
    pauses = []
    while not leaving.turn(job).is_ended:
        row = Deregistration.objects.of(contoso).get()
        tried_at = datetime.fromisoformat(row.steps[-1]["tries"][-1]["at"])
        pauses.append(int((row.next_try_at - tried_at).total_seconds()))
    row = Deregistration.objects.of(contoso).get()
    step = next(each for each in row.steps if each["step"] == "registration")
    assert pauses == [5, 15, 60]
    assert [each["code"] for each in step["tries"]] == ["service_busy"] * 3
    assert (row.state, step["result"]) == ("done", "released")


def test_a_step_that_keeps_failing_fails_its_device_at_that_step(contoso, admin, device, service):
    type(service(leaving.BusyService())).times = 10**6
    job = leaving.run(leaving.start(contoso, admin))
    row = Deregistration.objects.of(contoso).get()
    item = job.items.get()
    device.refresh_from_db()
    assert (row.state, row.step, item.outcome, item.code) == (
        "failed",
        "registration",
        "failed",
        "service_busy",
    )
    assert "Windows Autopilot registration" in item.message
    assert (device.deletion_requested_at, device.deletion_job, device.removed_at) == (None, None, None)


def test_one_device_that_breaks_the_service_does_not_stop_the_others(contoso, admin, service):
    devices = factories.machines(contoso, 7)
    service(leaving.BreakingService()).poison = devices[3].pk
    job = leaving.run(leaving.start(contoso, admin))
    assert job.counters == {"done": 6, "failed": 1}
    assert Deregistration.objects.of(contoso).get(state="failed").device_id == devices[3].pk
    assert AutopilotDevice.objects.of(contoso).live().get().pk == devices[3].pk


def test_retry_goes_on_where_the_device_failed_and_for_it_alone(contoso, admin, service):
    devices = factories.machines(contoso, 3, user_principal_name="ann@contoso.example")
    connector = service(leaving.BreakingService())
    connector.poison = devices[1].pk
    job = leaving.run(leaving.start(contoso, admin))
    connector.poison = None
    failed = Deregistration.objects.of(contoso).open().filter(job=job)
    again = deregistration.retry(
        tenant=contoso, actor=factories.actor(admin), job=job, rows=failed, now=timezone.now()
    )
    assert leaving.run(again).counters == {"done": 1}
    row = Deregistration.objects.of(contoso).get(job=again)
    assert [each["step"] for each in row.steps] == FULL
    assert row.continues.job == job
    kit = UndoKit.objects.of(contoso).get(device_id=devices[1].pk)
    assert (kit.user_principal_name, kit.job_id) == ("ann@contoso.example", again.pk)
    with pytest.raises(NothingToDo):
        deregistration.retry(
            tenant=contoso, actor=factories.actor(admin), job=job, rows=failed, now=timezone.now()
        )


def test_retry_needs_the_rights_of_the_deletion(contoso, admin, profile_manager, device, service):
    type(service(leaving.BusyService())).times = 10**6
    job = leaving.run(leaving.start(contoso, admin))
    with pytest.raises(Forbidden):
        deregistration.retry(
            tenant=contoso,
            actor=factories.actor(profile_manager),
            job=job,
            rows=Deregistration.objects.of(contoso),
            now=timezone.now(),
        )


def test_a_new_deletion_after_a_failed_one_keeps_the_user_in_the_kit(contoso, admin, device, service):
    type(service(leaving.BusyService())).times = 10**6
    leaving.run(leaving.start(contoso, admin))
    type(service(leaving.BusyService())).times = 0
    leaving.run(leaving.start(contoso, admin))
    kit = UndoKit.objects.of(contoso).get()
    assert (kit.group_tag, kit.user_principal_name) == ("KIOSK", "ann@contoso.example")


def test_a_stopped_job_says_how_far_each_device_came_and_gives_them_back(contoso, admin, device, service):
    service(leaving.SlowService())
    job = leaving.start(contoso, admin)
    leaving.turn(job)
    Job.objects.of(contoso).filter(pk=job.pk).update(cancel_requested_at=timezone.now())
    assert leaving.turn(job).state == "cancelled"
    row = Deregistration.objects.of(contoso).get()
    device.refresh_from_db()
    assert (row.state, row.step) == ("stopped", "registration")
    assert (device.deletion_job, device.deletion_requested_at) == (None, None)


def test_a_device_that_left_meanwhile_is_unchanged(contoso, admin, device):
    job = leaving.start(contoso, admin)
    AutopilotDevice.objects.of(contoso).update(removed_at=timezone.now())
    leaving.run(job)
    assert (job.items.get().outcome, job.counters) == ("unchanged", {"unchanged": 1})


def test_the_right_is_asked_again_while_the_job_runs(contoso, admin, intune_admin, device):
    job = leaving.start(contoso, intune_admin)
    intune_admin.memberships.update(roles=["policy_and_profile_manager"])
    leaving.run(job)
    device.refresh_from_db()
    assert (job.state, job.error_code, device.deletion_requested_at) == ("failed", "forbidden", None)
    assert Registration.objects.of(contoso).live().exists()


def test_807_a_device_the_service_does_not_hold(contoso, admin, device):
    Registration.objects.of(contoso).update(ended_at=timezone.now())
    job = leaving.run(leaving.start(contoso, admin, is_full=False))
    assert (job.items.get().code, "ZtdDeviceIsNotRegistered" in job.items.get().message) == ("807", True)


def test_807_and_811_are_the_answers_for_ids_of_nobody_and_of_another_tenant(contoso, fabrikam, device):
    ids = [uuid.uuid4(), device.pk]
    results = connector_for(fabrikam).release(tenant=fabrikam, device_ids=ids, reason="x", now=timezone.now())
    assert [(each.is_released, each.code, each.name) for each in results] == [
        (False, 807, "ZtdDeviceIsNotRegistered"),
        (False, 811, "ZtdDeviceRegisteredByOtherTenant"),
    ]
    assert Registration.objects.of(contoso).live().exists()


def test_811_fails_the_device_and_says_who_has_to_deregister(contoso, fabrikam, admin, device):
    Registration.objects.of(contoso).update(tenant=fabrikam)
    job = leaving.run(leaving.start(contoso, admin, is_full=False))
    item = job.items.get()
    assert (item.outcome, item.code) == ("failed", "811")
    assert "Whoever registered it" in item.message
    assert Registration.objects.of(fabrikam).live().exists()


def test_one_audit_event_a_job_names_every_device_with_its_tag_and_user(contoso, admin, device):
    factories.machines(contoso, 2, first=5)
    leaving.run(leaving.start(contoso, admin))
    event = AuditEvent.objects.get(activity="device.deregistered")
    target = AuditTarget.objects.get(event=event, object_id=device.pk)
    assert (event.target_count, target.before) == (
        3,
        {"group_tag": "KIOSK", "user": "ann@contoso.example"},
    )


def test_ten_and_a_hundred_devices_take_the_same_number_of_statements(contoso, fabrikam, admin):
    counts = []
    for tenant, number in ((contoso, 10), (fabrikam, 100)):
        factories.machines(tenant, number, first=1 + len(counts) * 500, user_principal_name="x@y.example")
        job = leaving.start(tenant, admin)
        with CaptureQueriesContext(connection) as queries:
            leaving.run(job)
        assert job.counters == {"done": number}
        counts.append(len(queries))
    assert counts[0] == counts[1]
