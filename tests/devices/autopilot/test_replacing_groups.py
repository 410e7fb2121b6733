"""Replacing a device keeps the static groups a person put it into, and what comes through them."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from devices.hardware import synthetic
from devices.models import AutopilotDevice, EntraDevice, Group, GroupMember
from devices.services.autopilot import replacing
from devices.services.autopilot.replacing import Successor
from devices.services.directory import groups as groups_service
from devices.services.profiles import direct
from tenants.models import AuditEvent
from tenants.permissions import Actor
from tests import factories
from tests.devices.autopilot import leaving
from tests.devices.autopilot.test_replacing import BOARD, replace

pytestmark = pytest.mark.django_db
QUERIES = 58


@pytest.fixture
def old(contoso):
    return factories.machines(contoso, group_tag="KIOSK")[0]


def put(device, *groups):
    """Make the device a member of static groups, by hand."""
    for group in groups:
        groups_service.add_members(
            tenant=device.tenant,
            actor=Actor.system(),
            group=group,
            devices=AutopilotDevice.objects.of(device.tenant).filter(pk=device.pk),
            now=timezone.now(),
        )
    device.refresh_from_db()


def assign(tenant, person, profile, device):
    """Assign a profile by hand, with precedence over older ones."""
    words = {"device_ids": [device.pk], "on_older": direct.EXCLUDE, "now": timezone.now()}
    direct.assign(tenant=tenant, actor=factories.actor(person), profile=profile, **words)


def groups_of(device):
    return set(device.entra_device.group_links.values_list("group__name", flat=True))


@pytest.fixture
def excepted(contoso, old):
    """The old device gets *Late* by a static group: the older *Early* excludes another one it is in."""
    by_tag = factories.make_group(contoso, "By tag", rule="order_id", rule_value="KIOSK")
    by_hand, spared = (factories.make_group(contoso, name) for name in ("By hand", "Spared"))
    early = factories.make_profile(contoso, "Early", by_tag)
    early.assignments.create(group=spared, kind="exclude")
    late = factories.make_profile(contoso, "Late", by_hand)
    put(old, by_hand, spared)
    assert old.assigned_profile == late
    return late


def test_the_profile_through_a_static_group_is_kept_and_exclusions_with_it(contoso, admin, old, excepted):
    new = replace(contoso, admin, old, Successor(identity=BOARD))
    assert (new.assigned_profile, new.profile_reason_group.name) == (excepted, "By hand")
    assert groups_of(new) == {"By tag", "By hand", "Spared"}


def test_a_registered_device_gets_the_groups_once_and_keeps_its_own(contoso, admin, old, excepted):
    new = factories.machines(contoso, first=7)[0]
    put(new, factories.make_group(contoso, "Own"), Group.objects.of(contoso).get(name="Spared"))
    found = replace(contoso, admin, old, Successor.registered(new))
    assert found.assigned_profile == excepted
    assert groups_of(found) == {"By tag", "By hand", "Spared", "Own"}
    event = AuditEvent.objects.get(activity="device.replaced")
    assert event.targets.get(object_id=found.pk).after["groups"] == "By hand"
    assert event.targets.get(kind="group").label == "By hand"


def test_a_direct_profile_of_the_old_device_ends_the_new_ones(contoso, admin, old):
    mine, own = (
        factories.make_profile(contoso, name, factories.make_group(contoso, f"G {name}"))
        for name in ("Mine", "Own")
    )
    new = factories.machines(contoso, first=7)[0]
    for profile, device in ((mine, old), (own, new)):
        assign(contoso, admin, profile, device)
    found = replace(contoso, admin, old, Successor.registered(new))
    assert (found.assigned_profile, groups_of(found)) == (mine, {"Mine (direct)"})


def test_a_direct_profile_and_static_groups_come_both(contoso, admin, old, excepted):
    mine = factories.make_profile(contoso, "Mine", factories.make_group(contoso, "Other"))
    assign(contoso, admin, mine, old)
    old.refresh_from_db()
    new = replace(contoso, admin, old, Successor(identity=BOARD))
    assert new.assigned_profile == old.assigned_profile == mine
    assert groups_of(new) == {"By tag", "By hand", "Spared", "Mine (direct)"}


def test_an_enrolled_device_whose_object_stays_is_replaced_with_its_groups(contoso, admin, old, excepted):
    leaving.enroll(contoso, admin, old)
    new = replace(contoso, admin, old, Successor(identity=BOARD))
    assert (new.assigned_profile, groups_of(new)) == (excepted, {"By tag", "By hand", "Spared"})
    assert new.entra_device != old.entra_device


def test_a_refusal_carries_nothing(contoso, fabrikam, admin, old, excepted):
    factories.machines(fabrikam, first=9)
    with pytest.raises(replacing.NewRefused):
        replace(contoso, admin, old, Successor(identity=synthetic.machine(seed=9)))
    old.refresh_from_db()
    assert groups_of(old) == {"By tag", "By hand", "Spared"}


def test_a_new_device_without_an_object_gets_no_groups_and_the_preview_says_so(contoso, admin, old, excepted):
    assign(contoso, admin, excepted, old)
    new = factories.machines(contoso, first=7)[0]
    EntraDevice.objects.of(contoso).filter(pk=new.entra_device_id).update(deleted_at=timezone.now())
    new.refresh_from_db()
    assert replacing.preview(tenant=contoso, old=old, new=Successor.registered(new)).has_no_object
    replace(contoso, admin, old, Successor.registered(new))
    assert not GroupMember.objects.filter(device=new.entra_device_id).exists()
    event = AuditEvent.objects.get(activity="device.replaced")
    assert not {"groups", "direct_profile"} & set(event.targets.get(object_id=new.pk).after)


@pytest.mark.parametrize("count", [1, 30])
def test_carrying_groups_costs_the_same_for_one_and_for_many(contoso, admin, old, count):
    groups = [factories.make_group(contoso, f"G {number}") for number in range(count)]
    GroupMember.objects.bulk_create(GroupMember(group=each, device=old.entra_device) for each in groups)
    with CaptureQueriesContext(connection) as queries:
        new = replace(contoso, admin, old, Successor(identity=BOARD))
    assert (len(queries), len(groups_of(new))) == (QUERIES, count)
