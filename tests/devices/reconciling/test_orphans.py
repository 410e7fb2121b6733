"""Orphans: each defect is found, named once, and mended by its fix, which looks again first."""

import pytest
from django.utils import timezone

from devices import tasks
from devices.models import (
    AutopilotDevice,
    EntraDevice,
    IdentityKey,
    ManagedDevice,
    Orphan,
    OrphanCheck,
    Registration,
    UndoKit,
)
from devices.services.autopilot import undo_kits
from devices.services.reconciling import checking, fixing
from devices.services.reconciling.defects import KINDS
from portal.errors import Forbidden
from tenants.models import AuditTarget, JobItem, Schedule
from tests import factories
from tests.cut_off import CutOff, cut_off

pytestmark = pytest.mark.django_db
NOW = timezone.now()
Defect = Orphan.Defect


@pytest.fixture
def device(contoso):
    return factories.machines(contoso, 1, group_tag="KIOSK")[0]


@pytest.fixture
def check(contoso, admin):
    """Run the check through its job; the defects found, by word."""

    def check():
        job = checking.start(tenant=contoso, actor=factories.actor(admin))
        tasks.check_orphans(str(job.pk))
        return {row.defect: row for row in Orphan.objects.of(contoso)}

    return check


@pytest.fixture
def fix(contoso, admin):
    """Mend everything that was found, as a person; the job's items."""

    def fix(user=admin):
        rows = Orphan.objects.of(contoso)
        job = fixing.start(tenant=contoso, actor=factories.actor(user), rows=rows)
        tasks.fix_orphans(str(job.pk))
        return list(job.items.order_by("position"))

    return fix


def enrolled(device, **fields):
    values = {"device_name": "PC-1", "serial_number": device.serial_number, **fields}
    values = {"autopilot_device": device, "entra_device": device.entra_device, **values}
    return ManagedDevice.objects.create(tenant=device.tenant, **values)


def without_object(device):
    EntraDevice.objects.of(device.tenant).update(deleted_at=NOW)
    AutopilotDevice.objects.of(device.tenant).update(entra_device=None)
    return device.pk


def with_dead_ztdid(device):
    Registration.objects.of(device.tenant).update(ended_at=NOW)
    AutopilotDevice.objects.of(device.tenant).update(removed_at=NOW)
    return device.entra_device_id


def with_stale_twin(device):
    values = {"display_name": "PC-1", "trust_type": "ServerAd", "has_enrolled": True}
    return EntraDevice.objects.create(tenant=device.tenant, twin_of=device.entra_device, **values).pk


def with_another_tag(device):
    EntraDevice.objects.of(device.tenant).update(physical_ids=[f"[ZTDID]:{device.pk}", "[OrderID]:OLD"])
    return device.pk


def disabled(device):
    EntraDevice.objects.of(device.tenant).update(is_enabled=False)
    return device.entra_device_id


def with_a_user_who_left(device):
    AutopilotDevice.objects.of(device.tenant).update(user_principal_name="gone@contoso.example")
    Registration.objects.of(device.tenant).update(user_principal_name="gone@contoso.example")
    return device.pk


def enrolled_only(device):
    actor = factories.actor(factories.make_person("packer@contoso.example"))
    undo_kits.pack(tenant=device.tenant, actor=actor, device_ids=[device.pk], reason="deleted", now=NOW)
    managed = enrolled(device)
    EntraDevice.objects.of(device.tenant).update(ztdid=None, physical_ids=[], has_enrolled=True)
    Registration.objects.of(device.tenant).update(ended_at=NOW)
    IdentityKey.objects.update(is_live=False)
    AutopilotDevice.objects.of(device.tenant).update(removed_at=NOW)
    return managed.pk


BREAKERS = {
    Defect.NO_ENTRA_DEVICE: without_object,
    Defect.ZTDID_WITHOUT_REGISTRATION: with_dead_ztdid,
    Defect.STALE_TWIN: with_stale_twin,
    Defect.TAG_DIFFERS: with_another_tag,
    Defect.DISABLED: disabled,
    Defect.USER_GONE: with_a_user_who_left,
    Defect.NOT_REGISTERED: enrolled_only,
}


def test_every_defect_has_a_breaker_here():
    assert set(BREAKERS) == set(KINDS) == set(Defect.values)


def test_records_that_agree_are_no_orphans(contoso, device, check):
    enrolled(device)
    assert check() == {}
    assert OrphanCheck.objects.get(tenant=contoso).checked_at is not None


@pytest.mark.parametrize("defect", BREAKERS, ids=str)
def test_each_defect_is_found_alone(defect, device, check):
    broken = BREAKERS[defect](device)
    found = check()
    assert set(found) == {defect}
    assert found[defect].object_id == broken


@pytest.mark.parametrize("defect", BREAKERS, ids=str)
def test_the_fix_of_each_defect_mends_it(defect, device, check, fix):
    BREAKERS[defect](device)
    check()
    assert [item.outcome for item in fix()] == [JobItem.Outcome.DONE]
    assert check() == {}


def test_another_tenants_records_are_not_looked_at(contoso, fabrikam, check):
    without_object(factories.machines(fabrikam, 1)[0])
    assert check() == {}


def test_a_second_check_keeps_what_it_found_and_drops_what_was_mended(contoso, device, check):
    disabled(device)
    first = check()[Defect.DISABLED]
    with_a_user_who_left(device)
    EntraDevice.objects.of(contoso).update(is_enabled=True)
    assert set(check()) == {Defect.USER_GONE}
    disabled(device)
    assert check()[Defect.DISABLED].pk != first.pk


def test_an_enrolled_device_with_a_new_object_stays_enrolled(contoso, device, check, fix):
    managed = enrolled(device)
    without_object(device)
    check()
    fix()
    managed.refresh_from_db()
    again = AutopilotDevice.objects.of(contoso).live().get()
    assert again.pk != device.pk
    assert (managed.autopilot_device_id, again.enrollment_state) == (again.pk, "enrolled")
    assert (again.group_tag, again.entra_device.ztdid) == ("KIOSK", again.pk)


def test_groups_follow_the_tag_that_was_written_on_the_object(contoso, device, check, fix):
    group = factories.make_group(contoso, "Kiosks", rule="order_id", rule_value="KIOSK")
    profile = factories.make_profile(contoso, "Kiosk", group)
    with_another_tag(device)
    check()
    fix()
    device.refresh_from_db()
    assert device.assigned_profile == profile


def test_an_enrolled_object_of_a_dead_registration_is_kept(contoso, device, check, fix):
    with_dead_ztdid(device)
    EntraDevice.objects.of(contoso).update(has_enrolled=True)
    check()
    fix()
    kept = EntraDevice.objects.of(contoso).live().get()
    assert (kept.ztdid, kept.physical_ids) == (None, [])


def test_what_was_mended_meanwhile_is_not_touched(contoso, device, check, fix):
    disabled(device)
    check()
    EntraDevice.objects.of(contoso).update(is_enabled=True)
    assert [item.outcome for item in fix()] == [JobItem.Outcome.UNCHANGED]
    assert not Orphan.objects.of(contoso).exists()


def test_a_personal_device_is_no_orphan(contoso, check):
    ManagedDevice.objects.create(
        tenant=contoso, device_name="HOME", serial_number="H", ownership=ManagedDevice.Ownership.PERSONAL
    )
    assert check() == {}


def test_a_device_without_a_kept_hash_cannot_be_fixed_here(contoso, device, check):
    enrolled_only(device)
    UndoKit.objects.of(contoso).update(blob=None)
    assert not check()[Defect.NOT_REGISTERED].is_fixable


def test_the_fix_needs_the_right_of_what_it_does(contoso, device, check, fix, school_admin):
    without_object(device)
    check()
    with pytest.raises(Forbidden):
        fix(user=school_admin)


def test_the_fix_is_in_the_history_of_the_record(device, check, fix):
    with_another_tag(device)
    check()
    fix()
    target = AuditTarget.objects.get(event__activity="orphan.fixed")
    assert (target.object_id, target.before) == (device.pk, {"defect": "tag_differs"})


def test_a_second_check_waits_for_the_first(contoso, admin):
    checking.start(tenant=contoso, actor=factories.actor(admin))
    with pytest.raises(checking.CheckRunning):
        checking.start(tenant=contoso, actor=factories.actor(admin))


def test_a_check_is_due_every_twelve_hours(contoso):
    checking.start_due()
    assert checking.running(tenant=contoso) is None
    Schedule.objects.filter(name=checking.SCHEDULE).update(next_run_at=NOW)
    checking.start_due()
    assert checking.running(tenant=contoso) is not None


def test_a_due_check_whose_start_was_cut_off_is_still_due(contoso, monkeypatch):
    checking.start_due()
    Schedule.objects.filter(name=checking.SCHEDULE).update(next_run_at=NOW)
    monkeypatch.setattr(checking, "start", cut_off)
    with pytest.raises(CutOff):
        checking.start_due()
    assert Schedule.objects.get(name=checking.SCHEDULE).next_run_at == NOW


def test_the_check_takes_as_many_queries_for_many_devices(contoso, admin, django_assert_max_num_queries):
    for device in factories.machines(contoso, 30):
        disabled(device)
    with django_assert_max_num_queries(5):
        checking.refresh(tenant=contoso, defect=Defect.DISABLED, now=NOW)
    assert Orphan.objects.of(contoso).count() == 30
