"""Assigning by hand: one visible direct group a profile, and what an older profile does to it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from devices.connectors import connector_for
from devices.models import Group, GroupMember, ProfileAssignment
from devices.services.profiles import direct, explaining, profiles
from tests import factories

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture
def assign(contoso, admin):
    def assign(profile, *devices, **options):
        return direct.assign(
            tenant=contoso,
            actor=factories.actor(admin),
            profile=profile,
            device_ids=[device.pk for device in devices],
            now=NOW,
            **options,
        )

    return assign


def older(tenant, device):
    """An older profile that reaches the device through a group."""
    group = factories.make_group(tenant, "Older group")
    GroupMember.objects.create(group=group, device=device.entra_device)
    return factories.make_profile(tenant, "Older", group, created_at=NOW - timedelta(days=1))


def test_a_device_is_put_into_the_visible_group_of_the_profile(contoso, assign):
    profile, device = factories.make_profile(contoso, "Kiosk"), factories.listed(contoso, "SN-1")
    assert assign(profile, device).moved == [device.pk]
    device.refresh_from_db()
    assert Group.objects.of(contoso).get().name == "Kiosk (direct)"
    assert device.assigned_profile == profile


def test_a_device_is_in_at_most_one_direct_group(contoso, assign):
    first, second = factories.make_profile(contoso, "First"), factories.make_profile(contoso, "Second")
    device = factories.listed(contoso, "SN-1")
    assign(first, device)
    assign(second, device)
    device.refresh_from_db()
    links = GroupMember.objects.filter(device=device.entra_device)
    assert [link.group.name for link in links] == ["Second (direct)"]
    assert device.assigned_profile == second


def test_assigning_twice_changes_nothing(contoso, assign):
    profile, device = factories.make_profile(contoso, "Kiosk"), factories.listed(contoso, "SN-1")
    assign(profile, device)
    again = assign(profile, device)
    assert (again.moved, again.unchanged) == ([], [device.pk])


def test_the_preview_counts_where_an_older_profile_would_win(contoso):
    device, free = factories.listed(contoso, "SN-1"), factories.listed(contoso, "SN-2")
    old, new = older(contoso, device), factories.make_profile(contoso, "New")
    seen = direct.preview(tenant=contoso, profile=new, device_ids=[device.pk, free.pk])
    assert (seen.total, seen.losing, seen.group_name) == (2, 1, "New (direct)")
    assert [(each.profile, each.count) for each in seen.older] == [(old, 1)]
    assert not Group.objects.of(contoso).filter(name="New (direct)").exists()


def test_devices_on_which_an_older_profile_wins_are_skipped(contoso, assign):
    device, free = factories.listed(contoso, "SN-1"), factories.listed(contoso, "SN-2")
    older(contoso, device)
    outcome = assign(factories.make_profile(contoso, "New"), device, free)
    assert (outcome.moved, outcome.older_wins) == ([free.pk], [device.pk])


def test_excluding_the_group_from_every_older_profile_lets_the_new_one_win(contoso, assign):
    device = factories.listed(contoso, "SN-1")
    old = older(contoso, device)
    oldest = factories.make_profile(
        contoso, "Oldest", Group.objects.of(contoso).get(), created_at=NOW - timedelta(days=2)
    )
    new = factories.make_profile(contoso, "New")
    assign(new, device, on_older=direct.EXCLUDE)
    device.refresh_from_db()
    excluded = ProfileAssignment.objects.filter(kind="exclude").values_list("profile", flat=True)
    assert (device.assigned_profile, set(excluded)) == (new, {old.pk, oldest.pk})


def test_unassigning_takes_the_device_out_of_its_direct_group(contoso, admin, assign):
    profile, device = factories.make_profile(contoso, "Kiosk"), factories.listed(contoso, "SN-1")
    assign(profile, device)
    actor = factories.actor(admin)
    outcome = direct.unassign(tenant=contoso, actor=actor, device_ids=[device.pk], now=NOW)
    device.refresh_from_db()
    assert (outcome.moved, device.assigned_profile) == ([device.pk], None)
    assert not GroupMember.objects.filter(device=device.entra_device).exists()


def test_a_profile_of_all_devices_cannot_be_assigned_by_hand(contoso, assign):
    profile = factories.make_profile(contoso, "Everyone", is_for_all_devices=True)
    with pytest.raises(direct.AlreadyForAllDevices, match="Everyone"):
        assign(profile, factories.listed(contoso, "SN-1"))


def test_a_group_that_already_has_the_name_does_not_stand_in_the_way(contoso, assign):
    factories.make_group(contoso, "kiosk (Direct)")
    assign(factories.make_profile(contoso, "Kiosk"), factories.listed(contoso, "SN-1"))
    assert Group.objects.of(contoso).filter(name="Kiosk (direct) 2").exists()


def test_809_ztd_profile_is_not_registered_for_the_profile_of_another_tenant(contoso, fabrikam, assign):
    device, foreign = factories.listed(contoso, "SN-1"), factories.make_profile(fabrikam, "Kiosk")
    with pytest.raises(profiles.ProfileNotRegistered, match="809 ZtdProfileIsNotRegistered") as refused:
        assign(foreign, device)
    assert refused.value.context["number"] == 809
    assert "Fabrikam" not in str(refused.value)
    with pytest.raises(profiles.ProfileNotRegistered):
        direct.preview(tenant=contoso, profile=foreign, device_ids=[device.pk])
    assert not Group.objects.of(contoso).exists()


def test_another_tenants_device_is_left_alone(contoso, fabrikam, assign):
    foreign = factories.listed(fabrikam, "SN-F")
    assert assign(factories.make_profile(contoso, "Kiosk"), foreign).moved == []


def test_the_explanation_names_groups_the_winner_and_the_exclusion(contoso, assign):
    device = factories.listed(contoso, "SN-1")
    old, new = older(contoso, device), factories.make_profile(contoso, "New")
    assign(new, device, on_older=direct.EXCLUDE)
    device.refresh_from_db()
    told = explaining.explain(device)
    assert (told.reason, told.winner) == ("group", new)
    assert [each.profile for each in told.candidates] == [old, new]
    assert told.candidates[0].excluded_by[0].group_name == "New (direct)"
    assert told.candidates[1].is_winner


def test_the_explanation_of_a_device_without_any_profile_is_the_default(contoso):
    told = explaining.explain(factories.listed(contoso, "SN-1"))
    assert (told.reason, told.winner, told.candidates) == ("default", None, [])


def test_a_profile_is_deleted_with_its_direct_group_once_the_last_device_there_has_left(
    contoso, admin, assign
):
    profile, device = factories.make_profile(contoso, "P"), factories.listed(contoso, "SN-1")
    assign(profile, device)
    connector_for(contoso).release(tenant=contoso, device_ids=[device.pk], reason="deleted", now=NOW)
    profiles.delete(tenant=contoso, actor=factories.actor(admin), profile=profile)
    assert not Group.objects.of(contoso).exists()
