"""The life of a device, a test for each step of the documentation's table, over all its records."""

import pytest
from django.utils import timezone

from devices import tasks
from devices.connectors import connector_for
from devices.connectors.base import Claim
from devices.hardware.encode import encode
from devices.models import AutopilotDevice, EntraDevice, ManagedDevice, Registration
from devices.services.autopilot import deregistration
from devices.services.imports import committing
from devices.services.managed import removing
from devices.services.profiles import assignment
from devices.services.syncs import mirroring
from portal import jobs
from tenants.models import Job
from tenants.permissions import Actor
from tests import factories
from tests.devices.imports import importing

pytestmark = pytest.mark.django_db
ANN = "ann@contoso.example"


def the(model, tenant):
    return model.objects.of(tenant).get()


def has_records(tenant):
    """Whether the tenant has any of the three records of a device, or the registration behind them."""
    models = (Registration, AutopilotDevice, EntraDevice, ManagedDevice)
    return any(model.objects.of(tenant).exists() for model in models)


def accept(tenant, machine, **fields):
    """The service accepts an import; nothing is synced yet."""
    claim = Claim(1, machine.hardware, encode(machine.hardware), **fields)
    now = timezone.now()
    [answer] = connector_for(tenant).register(
        tenant=tenant, claims=[claim], registered_by="Test", channel="import", now=now
    )
    return answer


def sync(tenant):
    mirroring.mirror(tenant=tenant, now=timezone.now())


def test_an_accepted_import_is_pending_and_nothing_exists_yet(contoso, machine):
    import_ = importing.check(contoso, importing.line(machine().hardware))
    committing.start(import_=import_, actor=Actor.command())
    import_.refresh_from_db()
    assert (import_.state, importing.row(import_).outcome) == ("committing", "")
    assert not has_records(contoso)


def test_the_service_accepts_the_device_has_an_object_and_is_not_listed(contoso, machine):
    answer = accept(contoso, machine(), group_tag="KIOSK")
    entra = the(EntraDevice, contoso)
    assert (entra.display_name, entra.ztdid) == (machine().hardware.serial, answer.device_id)
    assert entra.physical_ids == [f"[ZTDID]:{answer.device_id}", "[OrderID]:KIOSK"]
    assert not AutopilotDevice.objects.of(contoso).exists()
    assert not ManagedDevice.objects.of(contoso).exists()


def test_the_service_refuses_with_code_and_name_and_nothing_exists(contoso, fabrikam, machine):
    accept(fabrikam, machine())
    import_ = importing.check(contoso, importing.line(machine().hardware))
    importing.commit(import_, accepts_foreign=True)
    found = importing.row(import_)
    assert (found.outcome, found.code) == ("failed", 808)
    assert found.code_name == "ZtdDeviceAssignedToOtherTenant"
    assert not has_records(contoso)


def test_the_service_refuses_a_machine_that_is_registered_here_a_second_time(contoso, machine):
    accept(contoso, machine())
    assert (accept(contoso, machine()).code, Registration.objects.of(contoso).count()) == (806, 1)


def test_a_sync_lists_the_device_not_contacted_and_not_assigned(contoso, machine):
    accept(contoso, machine())
    sync(contoso)
    device = the(AutopilotDevice, contoso)
    assert (device.enrollment_state, device.assignment_status) == ("not_contacted", "not_assigned")
    assert (device.last_contacted_at, device.profile_assigned_at) == (None, None)


def test_a_sync_has_the_object_evaluated_for_dynamic_groups(contoso, machine):
    group = factories.make_group(contoso, "Kiosks", rule="order_id", rule_value="KIOSK")
    accept(contoso, machine(), group_tag="KIOSK")
    assert not group.members.exists()
    sync(contoso)
    assert group.members.get().device == the(EntraDevice, contoso)


def test_a_group_and_a_profile_take_it_through_assigning_to_assigned(contoso, machine):
    group = factories.make_group(contoso, "Kiosks")
    factories.make_profile(contoso, "Kiosk", group)
    accept(contoso, machine())
    sync(contoso)
    group.members.create(device=the(EntraDevice, contoso))
    assignment.refresh(tenant=contoso, now=timezone.now())
    assert the(AutopilotDevice, contoso).assignment_status == "assigning"
    job = Job.objects.of(contoso).get(task=assignment.ASSIGN_TASK)
    jobs.run(str(job.pk), step=lambda job: assignment.assign_step(job, now=timezone.now()))
    device = the(AutopilotDevice, contoso)
    assert (device.assignment_status, device.profile_assigned_at is not None) == ("assigned", True)


def test_set_up_and_sign_in_enroll_join_and_rename_it(contoso, registered, ann):
    laptop = registered()
    laptop.fetch()
    laptop.enroll(user=ANN)
    device, managed = the(AutopilotDevice, contoso), the(ManagedDevice, contoso)
    assert (device.enrollment_state, managed.autopilot_device) == ("enrolled", device)
    assert (managed.ownership, managed.user) == ("company", ann)
    entra = the(EntraDevice, contoso)
    assert (entra.trust_type, entra.display_name) == ("AzureAd", managed.device_name)


def test_another_profile_is_pending_until_the_reset(contoso, registered, ann):
    laptop = registered()
    laptop.enroll(user=ANN)
    factories.make_profile(contoso, "New", is_for_all_devices=True)
    assignment.refresh(tenant=contoso, now=timezone.now())
    assert the(AutopilotDevice, contoso).enrollment_state == "pending_reset"
    laptop.send("resets", {})
    laptop.forget()
    laptop.fetch()
    assert the(AutopilotDevice, contoso).enrollment_state == "not_contacted"
    laptop.enroll(user=ANN)
    assert the(AutopilotDevice, contoso).enrollment_state == "enrolled"


def test_a_board_swapped_with_the_system_kept_goes_through_fix_pending(contoso, registered, ann):
    laptop = registered()
    laptop.enroll(user=ANN)
    managed = the(ManagedDevice, contoso)
    laptop.exchange(new_board=4)
    states = [laptop.check_in()["remediationState"] for _time in range(2)]
    assert states == ["automaticRemediationRequired", "noRemediationRequired"]
    assert the(ManagedDevice, contoso) == managed


def test_reuse_without_a_user_is_blocked_until_the_intune_record_is_deleted(contoso, registered):
    factories.make_profile(contoso, "Kiosk", is_for_all_devices=True, device_usage_type="shared")
    kiosk = registered()
    kiosk.enroll("selfDeploying")
    kiosk.forget()
    assert kiosk.ask("enrollments", mode="selfDeploying").json()["code"] == "userless_blocked"
    managed = the(ManagedDevice, contoso)
    removing.delete(tenant=contoso, actor=Actor.system(), device_ids=[managed.pk], now=timezone.now())
    kiosk.enroll("selfDeploying")
    assert ManagedDevice.objects.of(contoso).live().get() != managed


def deleted(tenant, admin):
    """*Delete* on the blade, registration only."""
    job = deregistration.start(
        tenant=tenant,
        actor=factories.actor(admin),
        rows=AutopilotDevice.objects.of(tenant).live(),
        is_full=False,
        now=timezone.now(),
    )
    while not job.is_ended:
        tasks.deregister_autopilot_devices(str(job.pk))
        job.refresh_from_db()


def test_delete_of_an_enrolled_device_leaves_it_managed_and_its_object(contoso, admin, registered, ann):
    laptop = registered()
    laptop.enroll(user=ANN)
    deleted(contoso, admin)
    assert the(AutopilotDevice, contoso).removed_at is not None
    assert the(ManagedDevice, contoso).removed_at is None
    entra = the(EntraDevice, contoso)
    assert (entra.deleted_at, entra.ztdid) == (None, None)
    assert laptop.check_in()["autopilotDeviceId"] is None


def test_a_deleted_device_whose_object_stayed_is_imported_again(contoso, admin, registered, ann):
    laptop = registered()
    laptop.enroll(user=ANN)
    deleted(contoso, admin)
    import_ = importing.add(contoso, importing.line(laptop.hardware))
    assert importing.row(import_).outcome == "added"


def test_a_device_whose_object_was_deleted_by_hand_is_imported_again(contoso, admin, registered, ann):
    laptop = registered()
    EntraDevice.objects.of(contoso).update(deleted_at=timezone.now())
    laptop.enroll(user=ANN)
    deleted(contoso, admin)
    import_ = importing.add(contoso, importing.line(laptop.hardware))
    assert importing.row(import_).outcome == "added"


def test_delete_of_a_device_that_never_enrolled_removes_its_object(contoso, admin, registered):
    registered()
    deleted(contoso, admin)
    assert the(EntraDevice, contoso).deleted_at is not None
