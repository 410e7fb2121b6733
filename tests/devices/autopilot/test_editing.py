"""Editing one device: rules, revision, the profile that follows the tag."""

import pytest
from django.utils import timezone

from devices.models import AutopilotDevice, Registration
from devices.services.autopilot import editing
from devices.services.autopilot.users import UnknownUser, UnlicensedUser
from tenants.models import AuditTarget
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def device(contoso):
    return factories.machines(contoso)[0]


def save(tenant, admin, device, *, revision=None, **fields):
    written = editing.edit(
        tenant=tenant,
        actor=factories.actor(admin),
        device=device,
        fields=fields,
        revision=device.revision if revision is None else revision,
        now=timezone.now(),
    )
    device.refresh_from_db()
    return written


def test_a_saved_tag_reaches_the_service_and_the_list(contoso, admin, device):
    save(contoso, admin, device, group_tag=" KIOSK ")
    assert device.group_tag == "KIOSK"
    assert Registration.objects.of(contoso).get(pk=device.pk).group_tag == "KIOSK"
    assert "[OrderID]:KIOSK" in device.entra_device.physical_ids


def test_the_profile_follows_the_tag(contoso, admin, device):
    group = factories.make_group(contoso, "Kiosks", rule="order_id", rule_value="KIOSK")
    profile = factories.make_profile(contoso, "Kiosk profile", group)
    save(contoso, admin, device, group_tag="KIOSK")
    assert device.assigned_profile == profile
    save(contoso, admin, device, group_tag="")
    assert device.assigned_profile is None


def test_the_audit_event_holds_only_what_changed(contoso, admin, device):
    save(contoso, admin, device, group_tag="KIOSK", display_name="")
    target = AuditTarget.objects.get(object_id=device.pk, event__activity="device.updated")
    assert (target.before, target.after) == ({"group_tag": ""}, {"group_tag": "KIOSK"})


def test_saving_without_a_change_changes_nothing(contoso, admin, device):
    assert save(contoso, admin, device, group_tag="", display_name="") is None
    assert device.revision == AutopilotDevice.objects.of(contoso).get(pk=device.pk).revision == 1


@pytest.mark.parametrize("name", ["0123456789012345", "has space", "12345", "ümlaut"])
def test_an_impossible_device_name_is_refused(contoso, admin, device, name):
    with pytest.raises(editing.BadValue) as refusal:
        save(contoso, admin, device, display_name=name)
    assert refusal.value.context["field"] == "display_name"


@pytest.mark.parametrize("name", ["PC-1", "abcdefghijklmno", "1a"])
def test_a_possible_device_name_is_saved(contoso, admin, device, name):
    save(contoso, admin, device, display_name=name)
    assert device.display_name == name


@pytest.mark.parametrize("tag", ["x" * 513, "a\nb", "a\x00b"])
def test_an_impossible_tag_is_refused(contoso, admin, device, tag):
    with pytest.raises(editing.BadValue):
        save(contoso, admin, device, group_tag=tag)


def test_the_friendly_name_is_the_display_name_unless_given(contoso, admin, device):
    factories.make_directory_user(contoso, "ada@contoso.example", display_name="Ada Lovelace")
    save(contoso, admin, device, user_principal_name="ADA@contoso.example")
    assert device.user_principal_name == "ada@contoso.example"
    assert device.addressable_user_name == "Ada Lovelace"
    assert device.user.display_name == "Ada Lovelace"


def test_a_friendly_name_needs_a_user(contoso, admin, device):
    with pytest.raises(editing.BadValue):
        save(contoso, admin, device, addressable_user_name="Ada")


def test_clearing_the_user_clears_the_friendly_name(contoso, admin, device):
    factories.make_directory_user(contoso, "ada@contoso.example")
    save(contoso, admin, device, user_principal_name="ada@contoso.example")
    save(contoso, admin, device, user_principal_name="")
    assert (device.user, device.addressable_user_name) == (None, "")


def test_an_unknown_user_is_refused(contoso, admin, device):
    with pytest.raises(UnknownUser):
        save(contoso, admin, device, user_principal_name="nobody@contoso.example")


def test_an_unlicensed_user_is_refused(contoso, admin, device):
    factories.make_directory_user(contoso, "ada@contoso.example", is_licensed=False)
    with pytest.raises(UnlicensedUser):
        save(contoso, admin, device, user_principal_name="ada@contoso.example")


def test_the_second_of_two_tabs_is_told_of_the_first(contoso, admin, device):
    save(contoso, admin, device, group_tag="FIRST")
    with pytest.raises(editing.ChangedMeanwhile):
        save(contoso, admin, device, revision=1, group_tag="SECOND")
    assert device.group_tag == "FIRST"


def test_a_device_being_deleted_is_not_edited(contoso, admin, device):
    AutopilotDevice.objects.of(contoso).update(deletion_requested_at=timezone.now())
    with pytest.raises(editing.BeingDeleted):
        save(contoso, admin, device, group_tag="LATE")
