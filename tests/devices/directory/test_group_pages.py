"""The pages of groups and Entra devices: members by paste and by the blade, tabs, deletion, rights."""

import pytest
from django.urls import reverse

from devices.models import EntraDevice, Group
from devices.services.profiles.rules import templates
from devices.services.syncs import mirroring
from tests import factories
from tests.devices.profiles.test_assignment import NOW

pytestmark = pytest.mark.django_db
KIOSK = templates.order_id("KIOSK")


def at(tenant, name, **keys):
    return reverse(f"devices:{name}", kwargs={"tenant_slug": tenant.slug, **keys})


@pytest.fixture
def visitor(admin, client_of):
    return client_of(admin)


def confirm(visitor, address, **sent):
    return visitor.post(address, {"step": "confirm", **sent})


def test_a_group_with_a_rule_shows_the_rule_and_its_members(contoso, visitor):
    factories.listed(contoso, "SN-1", group_tag="KIOSK")
    confirm(visitor, at(contoso, "group_new"), name="Kiosks", membership="dynamic", rule_text=KIOSK)
    group = Group.objects.of(contoso).get()
    page = visitor.get(at(contoso, "group_detail", pk=group.pk)).content.decode()
    assert "[OrderID]:KIOSK" in page
    assert "SN-1" in page
    assert "Add members" not in page


def test_pasted_serials_are_checked_before_anything_is_added(contoso, visitor):
    group = factories.make_group(contoso, "Lab")
    factories.listed(contoso, "SN-1")
    address = at(contoso, "group_add", pk=group.pk)
    page = confirm(visitor, address, serials="SN-1\nNOPE").content.decode()
    assert "NOPE" in page
    assert group.members.count() == 0
    confirm(visitor, address, serials="SN-1\nNOPE", accepted="yes")
    assert group.members.count() == 1


def test_serials_that_are_all_known_are_added_at_once(contoso, visitor):
    group = factories.make_group(contoso, "Lab")
    factories.listed(contoso, "SN-1")
    confirm(visitor, at(contoso, "group_add", pk=group.pk), serials="SN-1")
    assert group.members.count() == 1


def test_devices_are_added_from_the_autopilot_blade_and_taken_out_again(contoso, visitor):
    group, device = factories.make_group(contoso, "Lab"), factories.listed(contoso, "SN-1")
    confirm(visitor, at(contoso, "add_to_group"), selection=[device.pk], group=group.pk)
    assert group.members.count() == 1
    sent = {"selection": [device.entra_device_id]}
    confirm(visitor, at(contoso, "group_remove", pk=group.pk), **sent)
    assert group.members.count() == 0


def test_a_group_in_use_is_not_deleted(contoso, visitor):
    group = factories.make_group(contoso, "Lab")
    factories.make_profile(contoso, "Lab profile", group)
    address = at(contoso, "group_delete", pk=group.pk)
    assert "Lab profile" in visitor.get(address).content.decode()
    assert confirm(visitor, address).status_code == 409


def test_the_tab_of_profiles_shows_inclusion_and_exclusion(contoso, visitor):
    group = factories.make_group(contoso, "Lab")
    factories.make_profile(contoso, "Lab profile", group)
    page = visitor.get(at(contoso, "group_profiles", pk=group.pk)).content.decode()
    assert "Lab profile" in page
    assert "Included" in page


def test_another_tenants_group_is_not_found(contoso, fabrikam, visitor):
    foreign = factories.make_group(fabrikam, "Theirs")
    for name in ("group_detail", "group_profiles", "group_edit", "group_delete", "group_add"):
        assert visitor.get(at(contoso, name, pk=foreign.pk)).status_code == 404


def test_a_reader_changes_no_group(contoso, reader, client_of):
    group, visitor = factories.make_group(contoso, "Lab"), client_of(reader)
    for name in ("group_edit", "group_delete", "group_add", "group_remove"):
        assert confirm(visitor, at(contoso, name, pk=group.pk)).status_code == 403
    page = visitor.get(at(contoso, "group_detail", pk=group.pk)).content.decode()
    assert "Delete group" not in page


def test_a_linked_entra_object_is_deleted_only_with_its_serial_typed(contoso, visitor):
    device = factories.listed(contoso, "SN-1")
    address = at(contoso, "entra_device_delete", pk=device.entra_device_id)
    assert "BitLocker" in visitor.get(address).content.decode()
    assert confirm(visitor, address, typed="SN-2").status_code == 422
    assert EntraDevice.objects.of(contoso).live().exists()
    confirm(visitor, address, typed="SN-1")
    assert not EntraDevice.objects.of(contoso).live().exists()


def test_an_entra_objects_flyout_links_the_other_records_and_groups(contoso, visitor):
    factories.make_group(contoso, "Everything", rule="all_autopilot")
    device = factories.listed(contoso, "SN-1", group_tag="KIOSK")
    page = visitor.get(at(contoso, "entra_device", pk=device.entra_device_id)).content.decode()
    assert f"[ZTDID]:{device.pk}" in page
    assert "Everything" in page


@pytest.mark.parametrize("name", ["entra_devices", "groups"])
def test_ten_and_a_thousand_rows_take_the_same_number_of_queries(
    contoso, fabrikam, visitor, django_assert_num_queries, name
):
    for tenant, number in ((contoso, 10), (fabrikam, 1000)):
        factories.make_group(tenant, "Everything", rule="all_autopilot")
        factories.register_many(tenant, number)
        mirroring.mirror(tenant=tenant, now=NOW)
    visitor.get(at(contoso, name))
    for tenant in (contoso, fabrikam):
        with django_assert_num_queries(5):
            assert visitor.get(at(tenant, name)).status_code == 200
