"""Groups: made with or without a rule, filled by hand, by paste or by the rule, deleted when unused."""

import pytest
from django.utils import timezone

from devices.models import AutopilotDevice, Group
from devices.services.directory import groups
from devices.services.profiles.rules import templates
from portal.errors import Refused
from tenants.models import AuditEvent
from tests import factories

pytestmark = pytest.mark.django_db
NOW = timezone.now()
KIOSK = templates.order_id("KIOSK")


@pytest.fixture
def scene(contoso, admin):
    """The tenant and actor every command takes."""
    return {"tenant": contoso, "actor": factories.actor(admin)}


def every_device(tenant):
    return AutopilotDevice.objects.of(tenant)


def test_a_group_with_a_rule_is_filled_at_once(contoso, scene):
    factories.listed(contoso, "SN-1", group_tag="KIOSK")
    group, job = groups.create(name="Kiosks", rule_text=KIOSK, now=NOW, **scene)
    group.refresh_from_db()
    assert (group.members.count(), group.rule_text, group.evaluated_at, job) == (1, KIOSK, NOW, None)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "LAB"}, "name"),
        ({"name": "New", "rule_text": "device.displayName -eq"}, "rule_text"),
    ],
)
def test_a_bad_value_is_refused_at_its_field(contoso, scene, values, field):
    factories.make_group(contoso, "Lab")
    with pytest.raises(Refused) as caught:
        groups.create(now=NOW, **values, **scene)
    assert caught.value.context["field"] == field


def test_two_tenants_may_use_one_name(contoso, fabrikam, scene):
    factories.make_group(fabrikam, "Lab")
    group, _job = groups.create(name="Lab", now=NOW, **scene)
    assert group.tenant == contoso


def test_adding_members_gives_them_the_groups_profile(contoso, scene):
    group = factories.make_group(contoso, "Lab")
    profile = factories.make_profile(contoso, "Lab profile", group)
    device = factories.listed(contoso, "SN-1")
    assert groups.add_members(group=group, devices=every_device(contoso), now=NOW, **scene) == 1
    device.refresh_from_db()
    assert device.assigned_profile == profile
    objects = [device.entra_device_id]
    assert groups.remove_members(group=group, entra_device_ids=objects, now=NOW, **scene) == 1
    device.refresh_from_db()
    assert device.assigned_profile is None


def test_adding_twice_adds_nothing_and_writes_no_second_event(contoso, scene):
    group = factories.make_group(contoso, "Lab")
    factories.listed(contoso, "SN-1")
    for _time in range(2):
        groups.add_members(group=group, devices=every_device(contoso), now=NOW, **scene)
    assert AuditEvent.objects.filter(activity="group.members_added").count() == 1


def test_another_tenants_devices_are_not_added(contoso, fabrikam, scene):
    group = factories.make_group(contoso, "Lab")
    factories.listed(fabrikam, "SN-F")
    assert groups.add_members(group=group, devices=every_device(fabrikam), now=NOW, **scene) == 0


def test_members_of_a_dynamic_group_cannot_be_changed_by_hand(contoso, scene):
    group = factories.make_group(contoso, "All", rule="all_autopilot")
    device = factories.listed(contoso, "SN-1")
    with pytest.raises(groups.MembersByRule):
        groups.add_members(group=group, devices=every_device(contoso), now=NOW, **scene)
    with pytest.raises(groups.MembersByRule):
        groups.remove_members(group=group, entra_device_ids=[device.entra_device_id], now=NOW, **scene)


def test_a_group_a_profile_uses_is_not_deleted_and_the_profile_is_named(contoso, scene):
    group = factories.make_group(contoso, "Lab")
    factories.make_profile(contoso, "Lab profile", group)
    with pytest.raises(groups.GroupInUse, match="Lab profile"):
        groups.delete(group=group, **scene)


def test_an_unused_group_is_deleted_with_its_memberships(contoso, scene):
    group = factories.make_group(contoso, "Lab")
    factories.listed(contoso, "SN-1")
    groups.add_members(group=group, devices=every_device(contoso), now=NOW, **scene)
    groups.delete(group=group, **scene)
    assert not Group.objects.of(contoso).exists()


def test_a_stale_rename_is_refused(contoso, scene):
    group = factories.make_group(contoso, "Lab")
    groups.update(group=group, name="First", description="", revision=1, now=NOW, **scene)
    with pytest.raises(groups.GroupChanged):
        groups.update(group=group, name="Second", description="", revision=1, now=NOW, **scene)


def test_pasted_serials_are_found_whatever_their_case_and_separator(contoso):
    for serial in ("SN-1", "SN-2", "sn-3"):
        factories.listed(contoso, serial)
    found = groups.find_serials(tenant=contoso, text='sn-1; "SN-2",\nSN-3\r\n\nsn-1\tNOPE')
    assert {device.serial_number for device in found.devices} == {"SN-1", "SN-2", "sn-3"}
    assert found.unknown == ["NOPE"]


def test_a_serial_several_devices_share_names_none_of_them(contoso):
    for _number in range(2):
        factories.listed(contoso, "Default string")
    found = groups.find_serials(tenant=contoso, text="Default string")
    assert (found.devices, len(found.ambiguous["Default string"])) == ([], 2)


def test_a_device_without_its_entra_object_is_reported(contoso):
    device = factories.listed(contoso, "SN-1")
    AutopilotDevice.objects.of(contoso).filter(pk=device.pk).update(entra_device=None)
    assert groups.find_serials(tenant=contoso, text="SN-1").without_entra_device == ["SN-1"]


def test_more_serials_than_one_paste_may_hold_are_refused(contoso):
    with pytest.raises(groups.TooManySerials):
        groups.find_serials(tenant=contoso, text="\n".join(str(number) for number in range(5001)))


def test_nul_bytes_and_endless_cells_are_unknown_serials(contoso):
    found = groups.find_serials(tenant=contoso, text="SN\x00-1\n" + "A" * 100_000)
    assert len(found.unknown) == 2
