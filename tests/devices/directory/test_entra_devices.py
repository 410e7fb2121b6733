"""Deleting Entra objects: refused while linked, or with an override that breaks what it says."""

import pytest
from django.utils import timezone

from devices.models import EntraDevice, GroupMember
from devices.services.directory import entra_devices
from portal.errors import Forbidden
from tests import factories

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture
def delete(contoso, admin):
    def delete(device, user=admin, **options):
        entra_devices.delete(tenant=contoso, actor=factories.actor(user), device=device, now=NOW, **options)

    return delete


@pytest.fixture
def device(contoso):
    return factories.listed(contoso, "SN-1", group_tag="KIOSK")


def test_an_object_that_carries_a_ztdid_is_not_deleted(delete, device):
    with pytest.raises(entra_devices.LinkedToAutopilot):
        delete(device.entra_device)


def test_an_unlinked_object_is_deleted(contoso, delete):
    free = EntraDevice.objects.create(tenant=contoso, display_name="OLD")
    delete(free)
    assert not EntraDevice.objects.of(contoso).live().exists()


def test_the_override_needs_the_serial_typed_exactly(delete, device):
    with pytest.raises(entra_devices.SerialNotTyped):
        delete(device.entra_device, is_override=True, typed_serial="sn-1")


def test_the_override_needs_its_own_permission(delete, device, profile_manager):
    with pytest.raises(Forbidden):
        delete(device.entra_device, user=profile_manager, is_override=True, typed_serial="SN-1")


def test_an_override_takes_the_device_out_of_its_groups_and_its_profile(contoso, delete):
    group = factories.make_group(contoso, "Kiosks", rule="order_id", rule_value="KIOSK")
    factories.make_profile(contoso, "Kiosk", group)
    device = factories.listed(contoso, "SN-2", group_tag="KIOSK")
    delete(device.entra_device, is_override=True, typed_serial="SN-2")
    device.refresh_from_db()
    assert (device.entra_device, device.assigned_profile) == (None, None)
    assert not GroupMember.objects.exists()


def test_an_object_is_deleted_once(contoso, delete):
    free = EntraDevice.objects.create(tenant=contoso, display_name="OLD")
    delete(free)
    with pytest.raises(entra_devices.AlreadyDeleted):
        delete(free)


def test_what_it_breaks_names_keys_and_passwords(device):
    told = " ".join(entra_devices.breaks(device.entra_device))
    assert "BitLocker" in told
    assert "LAPS" in told
    assert "0x801C03F3" in told
