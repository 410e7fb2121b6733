"""The deployment modes: who has to take part, what becomes of the records, and what each refuses."""

from dataclasses import replace

import pytest
from django.utils import timezone

from devices.models import AutopilotDevice, EntraDevice, ManagedDevice
from devices.services.autopilot import unblocking
from devices.services.autopilot.enrolment import refusals
from devices.services.managed import removing
from tests import factories
from tests.devices.enrolment.conftest import MACHINE

pytestmark = pytest.mark.django_db
LATER = replace(MACHINE, os_version="10.0.26100.2")


def test_a_self_deploying_device_enrolls_without_a_user_and_is_blocked_for_the_next_time(
    profile, device, by_itself
):
    profile(device_usage_type="shared")
    kiosk = device()
    managed = by_itself(kiosk)
    assert (managed.mode, managed.user, managed.user_principal_name) == ("self_deploying", None, "")
    assert (kiosk.enrollment_state, kiosk.userless_enrollment) == ("enrolled", "blocked")
    assert managed.entra_device == kiosk.entra_device


def test_self_deploying_needs_a_tpm(profile, device, by_itself):
    profile(device_usage_type="shared")
    with pytest.raises(refusals.TpmMissing):
        by_itself(device(), machine=replace(MACHINE, has_tpm=False))


def test_a_profile_of_another_mode_is_refused(profile, device, by_itself, by_user, ann):
    with pytest.raises(refusals.ModeNotAllowed, match="Default"):
        by_itself(device())
    profile(device_usage_type="shared")
    with pytest.raises(refusals.ModeNotAllowed, match="Standard"):
        by_user(device(), ann)


def test_0x80180014_userless_reenrolment_is_refused_until_unblocked(contoso, profile, device, by_itself):
    profile(device_usage_type="shared")
    kiosk = device()
    first = by_itself(kiosk)
    with pytest.raises(refusals.UserlessBlocked) as refused:
        by_itself(kiosk)
    assert refused.value.error_code == "0x80180014"
    unblocking.allow(tenant=contoso, device_ids=[kiosk.pk])
    second = by_itself(kiosk)
    assert ManagedDevice.objects.of(contoso).live().get() == second != first
    with pytest.raises(refusals.UserlessBlocked):
        by_itself(kiosk)


def test_deleting_the_intune_record_lets_the_device_enroll_without_a_user_again(
    contoso, admin, profile, device, by_itself
):
    profile(device_usage_type="shared")
    kiosk = device()
    managed = by_itself(kiosk)
    removing.delete(tenant=contoso, actor=factories.actor(admin), device_ids=[managed.pk], now=timezone.now())
    assert by_itself(kiosk).pk != managed.pk


def test_0x80180005_pre_provisioning_is_refused_where_the_profile_does_not_allow_it(
    profile, device, by_technician
):
    profile()
    with pytest.raises(refusals.PreProvisioningNotAllowed) as refused:
        by_technician(device())
    assert refused.value.error_code == "0x80180005"


def test_a_technician_prepares_the_device_and_its_user_signs_in_later(
    contoso, profile, device, by_technician, by_user, ann
):
    profile(preprovisioning_allowed=True)
    laptop = device()
    prepared = by_technician(laptop)
    assert (prepared.mode, prepared.user) == ("pre_provisioning", None)
    managed = by_user(laptop, ann)
    assert (managed.pk, managed.user) == (prepared.pk, ann)
    assert ManagedDevice.objects.of(contoso).live().count() == 1


def test_an_unlicensed_user_does_not_get_a_prepared_device(contoso, profile, device, by_technician, by_user):
    profile(preprovisioning_allowed=True)
    laptop = device()
    by_technician(laptop)
    guest = factories.make_directory_user(contoso, is_licensed=False)
    with pytest.raises(refusals.UnlicensedUser):
        by_user(laptop, guest)
    assert ManagedDevice.objects.of(contoso).live().get().user is None


def test_a_hybrid_join_makes_a_second_object_beside_the_first(contoso, profile, device, by_user, ann):
    profile(join_type="hybrid")
    laptop = device()
    first = laptop.entra_device
    managed = by_user(laptop, ann)
    second = managed.entra_device
    assert (second.trust_type, second.ztdid, second.twin_of) == ("ServerAd", None, first)
    first.refresh_from_db()
    assert (first.trust_type, first.ztdid) == ("", laptop.pk)
    assert laptop.entra_device == first
    assert by_user(laptop, ann).entra_device == second


def test_the_joined_object_says_what_manages_it_and_dynamic_groups_see_it(
    contoso, profile, device, by_user, ann
):
    profile(name="Office PCs", device_name_template="PC-%RAND:5%")
    laptop = device()
    managed = by_user(laptop, ann)
    entra = EntraDevice.objects.of(contoso).get()
    assert (entra.operating_system, entra.os_version) == ("Windows", "10.0.26100.1")
    assert (entra.management_type, entra.enrollment_profile) == ("MDM", "Office PCs")
    assert entra.display_name == managed.device_name
    assert managed.device_name.startswith("PC-")


@pytest.mark.parametrize("way", ["by_itself", "by_technician"])
def test_0x801c03f3_without_its_entra_object_a_device_cannot_enroll_without_a_user(
    way, contoso, profile, device, request
):
    profile(device_usage_type="shared" if way == "by_itself" else "singleUser", preprovisioning_allowed=True)
    machine = device()
    EntraDevice.objects.of(contoso).update(deleted_at=timezone.now())
    with pytest.raises(refusals.EntraDeviceMissing) as refused:
        request.getfixturevalue(way)(machine)
    assert refused.value.error_code == "0x801C03F3"


def test_a_real_machine_in_its_set_up_replaces_its_record_of_before(contoso, device, by_user, ann):
    laptop = device()
    first = by_user(laptop, ann)
    second = by_user(laptop, ann, machine=LATER)
    assert ManagedDevice.objects.of(contoso).live().get() == second != first
    assert second.entra_device == first.entra_device
    assert second.entra_device.os_version == "10.0.26100.2"


def test_without_its_object_a_reenrolled_device_keeps_the_one_it_joined(contoso, device, by_user, ann):
    laptop = device()
    EntraDevice.objects.of(contoso).update(deleted_at=timezone.now())
    first = by_user(laptop, ann)
    assert by_user(laptop, ann).entra_device == first.entra_device


def test_a_device_whose_hardware_needs_attention_gets_no_profile(contoso, device, by_user, ann):
    laptop = device()
    AutopilotDevice.objects.of(contoso).update(remediation_state="attention_required")
    with pytest.raises(refusals.AttentionRequired):
        by_user(laptop, ann)


def test_nobody_signs_in_on_a_device_whose_object_is_disabled(contoso, device, by_user, ann):
    laptop = device()
    EntraDevice.objects.of(contoso).update(is_enabled=False)
    with pytest.raises(refusals.EntraDeviceDisabled):
        by_user(laptop, ann)
