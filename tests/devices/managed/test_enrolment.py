"""Enrolment: a registered device and a licensed user, and nothing else, make a Windows device."""

import pytest
from django.utils import timezone

from devices.models import AutopilotDevice, EntraDevice, ManagedDevice
from devices.services.autopilot import enrolment
from devices.services.autopilot.enrolment import joining
from devices.services.managed import removing
from tests import factories

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture
def user(contoso):
    return factories.make_directory_user(contoso, "ann@contoso.example")


@pytest.fixture
def device(contoso):
    return factories.listed(contoso, "SN-1")


@pytest.fixture
def enroll(contoso, admin, user):
    def enroll(device, user=user, simulated=True):
        return enrolment.enroll(
            tenant=contoso,
            actor=factories.actor(admin),
            device=device,
            user=user,
            simulated=simulated,
            now=NOW,
        )

    return enroll


def test_registration_alone_puts_nothing_into_windows_devices(contoso, device):
    assert not ManagedDevice.objects.of(contoso).exists()


def test_a_sign_in_makes_a_windows_device_linked_both_ways(contoso, device, enroll, user):
    managed = enroll(device)
    assert (managed.autopilot_device, managed.entra_device) == (device, device.entra_device)
    assert (managed.user, managed.ownership, managed.is_simulated) == (user, "company", True)
    assert device.enrollment_state == "enrolled"
    assert device.last_contacted_at == NOW
    assert device.managed_devices.get() == managed


def test_the_entra_object_is_joined_renamed_and_marked_as_enrolled(contoso, device, enroll):
    managed = enroll(device)
    entra = EntraDevice.objects.of(contoso).get()
    assert (entra.trust_type, entra.has_enrolled) == ("AzureAd", True)
    assert entra.display_name == managed.device_name


def test_the_device_is_named_by_the_profiles_template(contoso, enroll):
    factories.make_profile(contoso, "P", is_for_all_devices=True, device_name_template="K-%SERIAL%")
    assert enroll(factories.listed(contoso, "SN-9")).device_name == "K-SN-9"


def test_the_devices_own_name_beats_the_template(contoso, enroll):
    factories.make_profile(contoso, "P", is_for_all_devices=True, device_name_template="K-%SERIAL%")
    assert enroll(factories.listed(contoso, "SN-9", display_name="LOBBY-1")).device_name == "LOBBY-1"


def test_hybrid_join_ignores_the_devices_own_name(contoso, enroll):
    factories.make_profile(contoso, "P", is_for_all_devices=True, join_type="hybrid")
    managed = enroll(factories.listed(contoso, "SN-9", display_name="LOBBY-1"))
    assert managed.device_name.startswith("DESKTOP-")
    assert managed.entra_device.trust_type == "ServerAd"


def test_the_name_is_the_same_at_every_asking(contoso):
    profile = factories.make_profile(contoso, "P", is_for_all_devices=True, device_name_template="K-%RAND:6%")
    one, two = factories.listed(contoso, "SN-1"), factories.listed(contoso, "SN-2")
    assert joining.name_of(one, profile) == joining.name_of(one, profile)
    assert joining.name_of(one, profile) != joining.name_of(two, profile)


def test_an_unlicensed_user_never_makes_a_windows_device(contoso, device, enroll):
    guest = factories.make_directory_user(contoso, "guest@contoso.example", is_licensed=False)
    with pytest.raises(enrolment.UnlicensedUser):
        enroll(device, user=guest)
    assert not ManagedDevice.objects.of(contoso).exists()


def test_a_licence_lost_meanwhile_counts(contoso, device, enroll, user):
    type(user).objects.of(contoso).update(is_licensed=False)
    with pytest.raises(enrolment.UnlicensedUser):
        enroll(device)


def test_another_tenants_user_is_unknown(fabrikam, device, enroll):
    with pytest.raises(enrolment.UnknownUser):
        enroll(device, user=factories.make_directory_user(fabrikam, "eve@fabrikam.example"))


def test_an_unknown_user_is_refused_by_name(contoso):
    with pytest.raises(enrolment.UnknownUser, match="nobody@"):
        enrolment.find_user(tenant=contoso, upn="nobody@contoso.example\x00")


def test_another_tenants_device_is_not_registered_here(fabrikam, enroll):
    with pytest.raises(enrolment.NotRegistered):
        enroll(factories.listed(fabrikam, "SN-F"))


def test_a_device_enrolls_once(device, enroll):
    enroll(device)
    with pytest.raises(enrolment.AlreadyEnrolled):
        enroll(device)


def test_a_device_that_is_being_deleted_does_not_enroll(contoso, device, enroll):
    AutopilotDevice.objects.of(contoso).update(deletion_requested_at=NOW)
    with pytest.raises(enrolment.BeingDeleted):
        enroll(device)


def test_without_its_entra_object_a_user_joins_a_new_one_without_ztdid(contoso, device, enroll):
    EntraDevice.objects.of(contoso).update(deleted_at=NOW)
    managed = enroll(device)
    assert (managed.entra_device.ztdid, managed.entra_device.physical_ids) == (None, [])
    assert managed.entra_device.trust_type == "AzureAd"
    assert EntraDevice.objects.of(contoso).live().get() == managed.entra_device


def test_deleting_the_windows_device_keeps_the_registration_not_contacted(contoso, admin, device, enroll):
    managed = enroll(device)
    actor = factories.actor(admin)
    assert removing.delete(tenant=contoso, actor=actor, device_ids=[managed.pk], now=NOW) == 1
    device.refresh_from_db()
    assert (device.removed_at, device.enrollment_state) == (None, "not_contacted")
    assert not ManagedDevice.objects.of(contoso).live().exists()
    enroll(device)


def test_deleting_another_tenants_windows_device_does_nothing(contoso, fabrikam, admin, device, enroll):
    managed, actor = enroll(device), factories.actor(admin)
    assert removing.delete(tenant=fabrikam, actor=actor, device_ids=[managed.pk], now=NOW) == 0
