"""One change on many devices, as a job over a frozen set."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from devices import tasks
from devices.models import AutopilotDevice
from devices.services.autopilot import bulk
from portal import jobs as portal_jobs
from portal.errors import Forbidden
from tenants.models import AuditEvent, AuditTarget, Job
from tests import factories

pytestmark = pytest.mark.django_db


def start(tenant, user, kind, rows=None, **arguments):
    key = arguments.pop("dedupe_key", None)
    return bulk.start(
        tenant=tenant,
        actor=factories.actor(user),
        kind=kind,
        rows=AutopilotDevice.objects.of(tenant).live() if rows is None else rows,
        arguments=arguments,
        dedupe_key=key,
    )


def run(job):
    while not job.is_ended:
        tasks.change_autopilot_devices(str(job.pk))
        job.refresh_from_db()
    return job


def tags(tenant):
    rows = AutopilotDevice.objects.of(tenant).live().order_by("serial_number")
    return list(rows.values_list("group_tag", flat=True))


@pytest.mark.parametrize(
    ("operation", "tag"), [("set", "NEW"), ("prefix", "NEWold"), ("append", "oldNEW"), ("clear", "")]
)
def test_every_tag_operation(contoso, admin, operation, tag):
    factories.machines(contoso, 3, group_tag="old")
    job = run(start(contoso, admin, "edit_group_tag", operation=operation, text="NEW"))
    assert job.state == Job.State.SUCCEEDED
    assert tags(contoso) == [tag] * 3


def test_a_result_for_every_device(contoso, admin):
    factories.machines(contoso, 1, group_tag="KEEP")
    factories.machines(contoso, 1, first=2, group_tag="x" * 511)
    factories.machines(contoso, 1, first=3)
    job = run(start(contoso, admin, "edit_group_tag", operation="append", text="ab"))
    assert job.counters == {"done": 2, "failed": 1}
    assert job.items.get(outcome="failed").code == "bad_value"


def test_a_preview_counts_without_changing(contoso):
    factories.machines(contoso, 2, group_tag="A")
    factories.machines(contoso, 1, first=3, group_tag="B")
    rows = AutopilotDevice.objects.of(contoso).live()
    counts = bulk.preview_tags(rows=rows, operation="set", text="A")
    assert (counts["total"], counts["unchanged"], counts["changing"], counts["overwritten"]) == (3, 2, 1, 1)


def test_devices_registered_later_are_not_in_the_frozen_set(contoso, admin):
    factories.machines(contoso, 2)
    job = start(contoso, admin, "edit_group_tag", operation="set", text="NEW")
    factories.machines(contoso, 1, first=3)
    run(job)
    assert sorted(tags(contoso)) == ["", "NEW", "NEW"]


def test_a_double_click_makes_one_job(contoso, admin):
    factories.machines(contoso, 2)
    key = str(uuid4())
    jobs = {
        start(contoso, admin, "edit_group_tag", operation="append", text="X", dedupe_key=key).pk
        for _ in range(2)
    }
    assert len(jobs) == 1
    run(Job.objects.of(contoso).get())
    assert tags(contoso) == ["X", "X"]


def test_a_job_goes_on_after_an_abandoned_lease_without_doing_an_item_twice(contoso, admin, monkeypatch):
    factories.machines(contoso, 5, group_tag="T")
    monkeypatch.setattr(bulk, "STEP", 2)
    job = start(contoso, admin, "edit_group_tag", operation="append", text="!")
    claimed = portal_jobs.claim(job.pk)
    portal_jobs._one_step(claimed, step=lambda each: bulk.step(each, now=timezone.now()), ended=None)
    assert sorted(tags(contoso)) == ["T", "T", "T", "T!", "T!"]
    Job.objects.of(contoso).update(lease_until=timezone.now() - timedelta(seconds=1))
    job.refresh_from_db()
    run(job)
    assert tags(contoso) == ["T!"] * 5
    assert (job.done, job.counters) == (5, {"done": 5})


def test_one_audit_event_a_job_with_every_device(contoso, admin, monkeypatch):
    factories.machines(contoso, 5)
    monkeypatch.setattr(bulk, "STEP", 2)
    job = run(start(contoso, admin, "edit_group_tag", operation="set", text="KIOSK"))
    event = AuditEvent.objects.get(activity="device.updated", job_id=job.pk)
    assert event.target_count == AuditTarget.objects.filter(event=event).count() == 5


def test_a_user_is_assigned_to_many_devices_and_taken_away(contoso, admin):
    factories.machines(contoso, 2)
    factories.make_directory_user(contoso, "ada@contoso.example", display_name="Ada")
    run(start(contoso, admin, "assign_user", upn="ada@contoso.example"))
    rows = AutopilotDevice.objects.of(contoso).live()
    assert set(rows.values_list("user_principal_name", "addressable_user_name")) == {
        ("ada@contoso.example", "Ada")
    }
    run(start(contoso, admin, "unassign_user"))
    assert not rows.exclude(user=None).exists()


def test_a_user_who_lost_the_licence_stops_the_job(contoso, admin):
    factories.machines(contoso, 1)
    user = factories.make_directory_user(contoso, "ada@contoso.example")
    job = start(contoso, admin, "assign_user", upn=user.user_principal_name)
    user.is_licensed = False
    user.save()
    assert (run(job).state, job.error_code) == (Job.State.FAILED, "unlicensed_user")


def test_809_ztd_profile_is_not_registered_for_one_that_was_deleted_meanwhile(contoso, admin):
    factories.machines(contoso, 1)
    profile = factories.make_profile(contoso, "Desk")
    job = start(contoso, admin, "assign_profile", profile=str(profile.pk), older="skip")
    profile.delete()
    run(job)
    assert (job.state, job.error_code) == (Job.State.FAILED, "profile_gone")
    assert job.error_message.startswith("809 ZtdProfileIsNotRegistered")


def test_a_profile_is_assigned_to_chosen_devices(contoso, admin):
    factories.machines(contoso, 3)
    profile = factories.make_profile(contoso, "Desk")
    some = AutopilotDevice.objects.of(contoso).live().order_by("pk")[:2]
    rows = AutopilotDevice.objects.of(contoso).filter(pk__in=[row.pk for row in some])
    run(start(contoso, admin, "assign_profile", rows, profile=str(profile.pk), older="skip"))
    assert AutopilotDevice.objects.of(contoso).filter(assigned_profile=profile).count() == 2
    run(start(contoso, admin, "unassign_profile", rows))
    assert not AutopilotDevice.objects.of(contoso).exclude(assigned_profile=None).exists()


def test_unblock_changes_only_blocked_devices(contoso, admin):
    blocked, _other = factories.machines(contoso, 2)
    AutopilotDevice.objects.of(contoso).filter(pk=blocked.pk).update(userless_enrollment="blocked")
    job = run(start(contoso, admin, "unblock"))
    blocked.refresh_from_db()
    assert blocked.userless_enrollment == "allowed"
    assert job.counters == {"done": 1, "unchanged": 1}


def test_a_reader_cannot_start_a_job(contoso, reader):
    factories.machines(contoso, 1)
    with pytest.raises(Forbidden):
        start(contoso, reader, "edit_group_tag", operation="clear")


def test_a_device_removed_meanwhile_is_reported(contoso, admin):
    devices = factories.machines(contoso, 2)
    job = start(contoso, admin, "edit_group_tag", operation="set", text="NEW")
    AutopilotDevice.objects.of(contoso).filter(pk=devices[0].pk).update(removed_at=timezone.now())
    run(job)
    assert job.items.get(object_id=devices[0].pk).code == "gone"


def test_another_tenants_devices_are_not_reachable(contoso, fabrikam, admin):
    theirs = factories.machines(fabrikam, 1)
    rows = AutopilotDevice.objects.of(contoso).live().filter(pk__in=[theirs[0].pk])
    with pytest.raises(bulk.NothingToDo):
        start(contoso, admin, "edit_group_tag", rows, operation="set", text="NEW")
