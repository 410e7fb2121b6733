"""The two ways to remove devices, the undo kit, and *Register again*."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from devices import tasks
from devices.models import (
    AutopilotDevice,
    Deregistration,
    EntraDevice,
    IdentityKey,
    ManagedDevice,
    Registration,
    RegistrationHash,
    UndoKit,
)
from devices.services.autopilot import bulk, deregistration, enrolment, impact, purging, restoring
from devices.services.profiles import direct
from portal.errors import Forbidden
from tenants.models import AuditTarget, Job
from tests import factories

pytestmark = pytest.mark.django_db


def start(tenant, user, *, is_full=False, rows=None):
    return deregistration.start(
        tenant=tenant,
        actor=factories.actor(user),
        rows=AutopilotDevice.objects.of(tenant).live() if rows is None else rows,
        is_full=is_full,
        now=timezone.now(),
    )


def run(job, task=tasks.deregister_autopilot_devices):
    while not job.is_ended:
        task(str(job.pk))
        job.refresh_from_db()
    return job


def steps_of(job):
    row = Deregistration.unscoped.get(job=job)
    return [(each["step"], each.get("result")) for each in row.steps]


@pytest.fixture
def device(contoso):
    return factories.machines(contoso, 1, group_tag="KIOSK", display_name="PC-1")[0]


@pytest.fixture
def enrolled(contoso, admin, device):
    user = factories.make_directory_user(contoso, "ada@contoso.example")
    enrolment.enroll(
        tenant=contoso,
        actor=factories.actor(admin),
        device=device,
        user=user,
        simulated=True,
        now=timezone.now(),
    )
    device.refresh_from_db()
    return device


def test_the_device_shows_as_being_deleted_until_the_job_ran(contoso, admin, device):
    job = start(contoso, admin)
    device.refresh_from_db()
    assert device.deletion_requested_at
    assert device.removed_at is None
    run(job)
    device.refresh_from_db()
    assert (device.removal_reason, bool(device.removed_at)) == ("deleted", True)


def test_the_service_releases_the_machine(contoso, admin, device):
    run(start(contoso, admin))
    assert not Registration.objects.of(contoso).live().exists()
    assert not IdentityKey.objects.filter(is_live=True).exists()


def test_the_entra_object_goes_with_a_device_that_never_enrolled(contoso, admin, device):
    job = run(start(contoso, admin))
    assert not EntraDevice.objects.of(contoso).live().exists()
    assert steps_of(job)[-1] == ("entra_device", "removed")


def test_removing_the_registration_keeps_an_enrolled_device_managed(contoso, admin, enrolled):
    run(start(contoso, admin))
    assert ManagedDevice.objects.of(contoso).live().count() == 1
    assert EntraDevice.objects.of(contoso).live().count() == 1


def test_deregistering_fully_removes_the_linked_intune_record_alone(contoso, admin, enrolled):
    twin = ManagedDevice.objects.create(
        tenant=contoso, device_name="twin", serial_number=enrolled.serial_number
    )
    job = run(start(contoso, admin, is_full=True))
    assert list(ManagedDevice.objects.of(contoso).live()) == [twin]
    assert steps_of(job) == [
        ("undo_kit", "kept"),
        ("managed_device", "removed"),
        ("user", "none"),
        ("registration", "released"),
        ("entra_device", "kept"),
    ]


def test_full_deregistration_needs_the_right_to_delete_managed_devices(contoso, profile_manager, device):
    with pytest.raises(Forbidden) as refusal:
        start(contoso, profile_manager, is_full=True)
    assert refusal.value.permission == "managed_devices.delete"
    assert run(start(contoso, profile_manager)).state == Job.State.SUCCEEDED


def test_a_registration_the_service_does_not_hold_is_807(contoso, admin, device):
    Registration.objects.of(contoso).update(ended_at=timezone.now())
    job = run(start(contoso, admin))
    item = job.items.get()
    device.refresh_from_db()
    assert (item.outcome, item.code) == ("failed", "807")
    assert device.deletion_requested_at is None
    assert not UndoKit.objects.of(contoso).exists()


def test_a_stopped_job_leaves_the_rest_in_the_list(contoso, admin, device):
    job = start(contoso, admin)
    Job.objects.of(contoso).update(cancel_requested_at=timezone.now())
    run(job)
    device.refresh_from_db()
    assert (device.deletion_requested_at, device.removed_at) == (None, None)


def test_register_again_restores_tag_user_name_and_profile(contoso, admin, device):
    factories.make_directory_user(contoso, "ada@contoso.example", display_name="Ada")
    rows = AutopilotDevice.objects.of(contoso).live()
    actor = factories.actor(admin)
    job = bulk.start(
        tenant=contoso, actor=actor, kind="assign_user", rows=rows, arguments={"upn": "ada@contoso.example"}
    )
    run(job, tasks.change_autopilot_devices)
    profile = factories.make_profile(contoso, "Desk")
    direct.assign(tenant=contoso, actor=actor, profile=profile, device_ids=[device.pk], now=timezone.now())
    run(start(contoso, admin, is_full=True))
    kit = UndoKit.objects.of(contoso).get()
    pk = restoring.restore(tenant=contoso, actor=actor, kit=kit, now=timezone.now())
    again = AutopilotDevice.objects.of(contoso).live().get(pk=pk)
    assert (again.serial_number, again.group_tag, again.display_name) == (
        device.serial_number,
        "KIOSK",
        "PC-1",
    )
    assert (again.user_principal_name, again.addressable_user_name) == ("ada@contoso.example", "Ada")
    assert again.assigned_profile == profile
    assert RegistrationHash.objects.filter(registration=pk).exists()


def test_a_kit_is_used_once(contoso, admin, device):
    run(start(contoso, admin))
    kit = UndoKit.objects.of(contoso).get()
    actor = factories.actor(admin)
    restoring.restore(tenant=contoso, actor=actor, kit=kit, now=timezone.now())
    with pytest.raises(restoring.AlreadyRestored):
        restoring.restore(tenant=contoso, actor=actor, kit=kit, now=timezone.now())


def test_a_kit_without_hash_says_so(contoso, admin):
    factories.listed(contoso, "SN-1")
    run(start(contoso, admin))
    kit = UndoKit.objects.of(contoso).get()
    with pytest.raises(restoring.NoHash):
        restoring.restore(tenant=contoso, actor=factories.actor(admin), kit=kit, now=timezone.now())


def test_a_machine_that_went_to_another_tenant_stays_there(contoso, fabrikam, admin, device):
    run(start(contoso, admin))
    factories.machines(fabrikam, 1)
    kit = UndoKit.objects.of(contoso).get()
    with pytest.raises(restoring.StillRefused) as refusal:
        restoring.restore(tenant=contoso, actor=factories.actor(admin), kit=kit, now=timezone.now())
    assert refusal.value.context["number"] == 808


def test_a_whole_job_is_registered_again(contoso, admin):
    factories.machines(contoso, 5, group_tag="T")
    factories.listed(contoso, "NO-HASH")
    first = run(start(contoso, admin))
    job = restoring.start(
        tenant=contoso,
        actor=factories.actor(admin),
        kits=UndoKit.objects.of(contoso).filter(job_id=first.pk),
    )
    run(job, tasks.register_again)
    assert AutopilotDevice.objects.of(contoso).live().filter(group_tag="T").count() == 5
    assert job.counters == {"done": 5, "failed": 1}


def test_the_impact_names_enrolled_devices_first(contoso, admin, enrolled):
    factories.machines(contoso, 3, first=2)
    found = impact.measure(rows=AutopilotDevice.objects.of(contoso).live(), now=timezone.now())
    assert (found.total, found.enrolled, found.recent, found.without_hash) == (4, 1, 1, 0)
    assert found.devices[0].pk == enrolled.pk


def test_retention_erases_expired_kits_hashes_and_keys(contoso, admin, device):
    run(start(contoso, admin))
    purging.purge(now=timezone.now())
    assert UndoKit.objects.of(contoso).exists()
    purging.purge(now=timezone.now() + timedelta(days=91))
    assert not UndoKit.objects.of(contoso).exists()
    assert not RegistrationHash.objects.exists()
    assert not IdentityKey.objects.exists()
    assert Registration.objects.of(contoso).exists()


def test_no_evidence_or_audit_holds_a_hash(contoso, admin, device):
    held = factories.hash_start(device)
    job = run(start(contoso, admin, is_full=True))
    assert held not in json.dumps(Deregistration.unscoped.get(job=job).steps)
    assert held not in json.dumps(job.items.get().evidence)
    targets = AuditTarget.objects.filter(event__job_id=job.pk).values_list("before", "after")
    assert targets
    assert held not in json.dumps(list(targets))
