"""Which profile a device gets: oldest wins, exclusions, All devices, the built-in default."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from devices import tasks
from devices.models import AutopilotDevice, EntraDevice, GroupMember, ManagedDevice, ProfileAssignment
from devices.registry import edits
from devices.registry.records import Change
from devices.services.profiles import assignment, membership
from devices.services.profiles.rules import templates
from devices.services.syncs import mirroring
from portal.ui.search import time_limit
from tenants.models import Job
from tests import factories

pytestmark = pytest.mark.django_db
NOW = timezone.now()
MATCHED = 'device.devicePhysicalIds -any (_ -match "^.OrderID.:KIOSK$")'
NARROWED = f'{templates.order_id("KIOSK")} -and device.deviceOwnership -eq "Company"'


def kiosk(tenant, **fields):
    return factories.make_group(tenant, "Kiosks", rule="order_id", rule_value="KIOSK", **fields)


def refreshed(tenant, device):
    assignment.refresh(tenant=tenant, now=timezone.now())
    device.refresh_from_db()
    return device


def members(group):
    return set(group.members.values_list("device__serial_number", flat=True))


def test_a_tag_puts_a_device_into_the_group_of_that_tag(contoso):
    group = kiosk(contoso)
    factories.listed(contoso, "SN-1", group_tag="KIOSK")
    factories.listed(contoso, "SN-2", group_tag="KIOSK2")
    factories.listed(contoso, "SN-3")
    assert members(group) == {"SN-1"}


def test_a_rule_ignores_case_as_entra_does(contoso):
    group = kiosk(contoso)
    factories.listed(contoso, "SN-1", group_tag="Kiosk")
    assert members(group) == {"SN-1"}


def test_a_purchase_order_rule_holds_the_devices_of_the_order(contoso):
    group = factories.make_group(contoso, "PO", rule="purchase_order", rule_value="4711")
    factories.listed(contoso, "SN-1", purchase_order="4711")
    factories.listed(contoso, "SN-2", purchase_order="47110")
    assert members(group) == {"SN-1"}


def test_the_rule_of_all_autopilot_devices_holds_objects_with_a_ztdid_only(contoso):
    group = factories.make_group(contoso, "All", rule="all_autopilot")
    EntraDevice.objects.create(tenant=contoso, display_name="BYOD", serial_number="BYOD")
    factories.listed(contoso, "SN-1")
    assert members(group) == {"SN-1"}


def test_another_tenants_devices_never_enter_a_group(contoso, fabrikam):
    group = kiosk(contoso)
    factories.listed(fabrikam, "SN-F", group_tag="KIOSK")
    assert members(group) == set()


def test_810_ztd_profile_assigned_to_other_tenant_never_happens_even_from_a_stray_row(contoso, fabrikam):
    group = kiosk(contoso)
    factories.make_profile(fabrikam, "Stray", group)
    factories.make_profile(fabrikam, "Everyone", is_for_all_devices=True)
    device = refreshed(contoso, factories.listed(contoso, "SN-1", group_tag="KIOSK"))
    assert members(group) == {"SN-1"}
    assert (device.assigned_profile, device.profile_reason) == (None, "default")


def test_a_changed_tag_moves_the_device_to_the_other_group_and_profile(contoso):
    sales = factories.make_group(contoso, "Sales", rule="order_id", rule_value="SALES")
    group = kiosk(contoso)
    factories.make_profile(contoso, "Kiosk profile", group)
    other = factories.make_profile(contoso, "Sales profile", sales)
    device = factories.listed(contoso, "SN-1", group_tag="KIOSK")
    change = Change(device.pk, {"group_tag": "SALES"})
    edits.edit(tenant=contoso, changes=[change], now=NOW)
    mirroring.mirror(tenant=contoso, device_ids=[device.pk], now=NOW)
    device.refresh_from_db()
    assert (members(group), members(sales), device.assigned_profile) == (set(), {"SN-1"}, other)


def test_assigned_membership_survives_a_refresh(contoso):
    group = factories.make_group(contoso, "By hand")
    device = factories.listed(contoso, "SN-1")
    GroupMember.objects.create(group=group, device=device.entra_device)
    refreshed(contoso, device)
    assert members(group) == {"SN-1"}


def test_a_deleted_object_leaves_every_group(contoso):
    group = factories.make_group(contoso, "By hand")
    device = factories.listed(contoso, "SN-1")
    GroupMember.objects.create(group=group, device=device.entra_device)
    EntraDevice.objects.of(contoso).update(deleted_at=NOW)
    refreshed(contoso, device)
    assert members(group) == set()


def test_an_object_without_a_device_keeps_its_groups_right(contoso):
    group = kiosk(contoso)
    entra = EntraDevice.objects.create(
        tenant=contoso, display_name="PC", serial_number="SN-1", physical_ids=["[OrderID]:KIOSK"]
    )
    assert assignment.refresh_objects(tenant=contoso, entra_device_ids=[entra.pk], now=NOW) == 0
    assert members(group) == {"SN-1"}
    EntraDevice.objects.of(contoso).update(physical_ids=[])
    assignment.refresh_objects(tenant=contoso, entra_device_ids=[entra.pk], now=NOW)
    assert members(group) == set()


def test_the_profile_follows_a_change_of_the_object_behind_a_device(contoso):
    profile = factories.make_profile(contoso, "Kiosk", kiosk(contoso))
    device = factories.listed(contoso, "SN-1")
    EntraDevice.objects.of(contoso).update(physical_ids=["[OrderID]:KIOSK"])
    changed = assignment.refresh_objects(tenant=contoso, entra_device_ids=[device.entra_device_id], now=NOW)
    device.refresh_from_db()
    assert (changed, device.assigned_profile) == (1, profile)


def test_the_oldest_created_profile_wins(contoso):
    group = kiosk(contoso)
    factories.make_profile(contoso, "A younger", group)
    older = factories.make_profile(contoso, "Z older", group, created_at=NOW - timedelta(days=1))
    device = factories.listed(contoso, "SN-1", group_tag="KIOSK")
    assert (device.assigned_profile, device.profile_reason) == (older, "group")
    assert device.profile_reason_group == group


def test_an_excluded_group_takes_a_device_out_of_a_profile(contoso):
    group, lab = kiosk(contoso), factories.make_group(contoso, "Lab")
    older = factories.make_profile(contoso, "Older", group, created_at=NOW - timedelta(days=1))
    younger = factories.make_profile(contoso, "Younger", group)
    ProfileAssignment.objects.create(profile=older, group=lab, kind="exclude")
    device = factories.listed(contoso, "SN-1", group_tag="KIOSK")
    GroupMember.objects.create(group=lab, device=device.entra_device)
    assert refreshed(contoso, device).assigned_profile == younger


def test_without_a_group_the_profile_of_all_devices_applies_and_is_assigned_at_once(contoso):
    profile = factories.make_profile(contoso, "Everyone", is_for_all_devices=True)
    device = factories.listed(contoso, "SN-1")
    assert (device.assigned_profile, device.profile_reason) == (profile, "all_devices")
    assert device.profile_status == "assigned"
    assert device.profile_assigned_at is not None


def test_a_group_beats_an_older_profile_of_all_devices(contoso):
    group = kiosk(contoso)
    factories.make_profile(contoso, "Everyone", is_for_all_devices=True, created_at=NOW - timedelta(days=9))
    profile = factories.make_profile(contoso, "Kiosk", group)
    assert factories.listed(contoso, "SN-1", group_tag="KIOSK").assigned_profile == profile


def test_without_any_profile_a_device_stays_not_assigned_with_the_built_in_default(contoso):
    device = factories.listed(contoso, "SN-1")
    assert (device.assigned_profile, device.profile_reason) == (None, "default")
    assert device.profile_status == "not_assigned"


def test_a_group_profile_is_assigning_until_the_job_has_assigned_it(contoso):
    factories.make_profile(contoso, "Kiosk", kiosk(contoso))
    device = factories.listed(contoso, "SN-1", group_tag="KIOSK")
    assert (device.profile_status, device.profile_assigned_at) == ("assigning", None)
    job = Job.objects.of(contoso).get(task="devices.assign_profiles")
    tasks.assign_profiles(str(job.pk))
    device.refresh_from_db()
    job.refresh_from_db()
    assert (device.profile_status, job.state) == ("assigned", Job.State.SUCCEEDED)
    assert device.profile_assigned_at is not None


def test_there_is_one_assigning_job_a_tenant_at_a_time(contoso):
    factories.make_profile(contoso, "Kiosk", kiosk(contoso))
    factories.listed(contoso, "SN-1", group_tag="KIOSK")
    factories.listed(contoso, "SN-2", group_tag="KIOSK")
    assert Job.objects.of(contoso).filter(task="devices.assign_profiles").count() == 1


def test_the_assigning_job_waits_for_what_other_jobs_of_the_tenant_bring(contoso):
    factories.make_profile(contoso, "Kiosk", kiosk(contoso))
    device = factories.listed(contoso, "SN-1", group_tag="KIOSK")
    Job.objects.create(tenant=contoso, task="devices.commit_import", title="Import")
    job = Job.objects.of(contoso).get(task="devices.assign_profiles")
    tasks.assign_profiles(str(job.pk))
    device.refresh_from_db()
    job.refresh_from_db()
    assert (device.profile_status, job.state) == ("assigned", Job.State.QUEUED)
    assert job.run_after > timezone.now()


def test_the_assigning_job_does_not_wait_for_a_job_that_is_held_back(contoso):
    factories.make_profile(contoso, "Kiosk", kiosk(contoso))
    factories.listed(contoso, "SN-1", group_tag="KIOSK")
    later = timezone.now() + timedelta(hours=72)
    Job.objects.create(tenant=contoso, task="devices.change", title="Held back", run_after=later)
    job = Job.objects.of(contoso).get(task="devices.assign_profiles")
    tasks.assign_profiles(str(job.pk))
    job.refresh_from_db()
    assert job.state == Job.State.SUCCEEDED


def test_the_tick_starts_a_job_for_devices_left_in_assigning(contoso):
    device = factories.listed(contoso, "SN-1")
    AutopilotDevice.objects.of(contoso).filter(pk=device.pk).update(assignment_status="assigning")
    assignment.start_forgotten()
    assignment.start_forgotten()
    assert Job.objects.of(contoso).count() == 1


def test_an_enrolled_device_with_another_profile_waits_for_a_reset_and_no_longer_when_it_returns(contoso):
    group = factories.make_group(contoso, "By hand")
    factories.make_profile(contoso, "New", group)
    device = factories.listed(contoso, "SN-1")
    ManagedDevice.objects.create(
        tenant=contoso, device_name="PC", serial_number="SN-1", autopilot_device=device
    )
    AutopilotDevice.objects.of(contoso).update(enrollment_state="enrolled")
    link = GroupMember.objects.create(group=group, device=device.entra_device)
    assert refreshed(contoso, device).enrollment_state == "pending_reset"
    link.delete()
    assert refreshed(contoso, device).enrollment_state == "enrolled"


def test_a_second_refresh_changes_nothing(contoso):
    factories.make_profile(contoso, "Kiosk", kiosk(contoso))
    factories.listed(contoso, "SN-1", group_tag="KIOSK")
    assert assignment.refresh(tenant=contoso, now=NOW) == 0
    assert membership.refresh_members(tenant=contoso) == 0


def test_ten_and_a_thousand_devices_take_the_same_number_of_queries(contoso, fabrikam):
    counts = []
    for tenant, number in ((contoso, 10), (fabrikam, 999)):
        rows = factories.register_many(tenant, number, group_tag="KIOSK")
        mirroring.mirror(tenant=tenant, now=NOW)
        factories.make_profile(tenant, "Kiosk", kiosk(tenant))
        factories.make_group(tenant, "Kiosks by pattern", rule_text=MATCHED)
        factories.make_group(tenant, "Company kiosks", rule_text=NARROWED)
        with CaptureQueriesContext(connection) as queries:
            changed = assignment.refresh(tenant=tenant, device_ids=[row.pk for row in rows], now=NOW)
        assert changed == number
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_many_groups_with_patterns_prepare_each_pattern_once_for_all_devices(contoso):
    factories.register_many(contoso, 200)
    for number in range(40):
        rule = f"device.displayName -match '(\\w?){{90}}z{number}'"
        factories.make_group(contoso, f"Pattern {number}", rule_text=rule)
    with time_limit(True, 30):  # prepared anew for every device, they take minutes
        assert membership.refresh_members(tenant=contoso) == 0


def test_a_large_tenant_is_re_evaluated_by_a_job_in_slices(contoso, admin, monkeypatch):
    monkeypatch.setattr(assignment, "AT_ONCE", 3)
    monkeypatch.setattr(assignment, "SLICE", 2)
    group = kiosk(contoso)
    factories.register_many(contoso, 5, group_tag="KIOSK")
    mirroring.mirror(tenant=contoso, now=NOW)
    factories.make_profile(contoso, "Kiosk", group)
    job = assignment.reevaluate(tenant=contoso, actor=factories.actor(admin), now=NOW)
    tasks.reevaluate_profiles(str(job.pk))
    job.refresh_from_db()
    assert (job.state, job.done, job.counters) == (Job.State.SUCCEEDED, 5, {"changed": 5})
