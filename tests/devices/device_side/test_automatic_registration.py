"""*Convert all targeted devices to Autopilot*: who is registered at a check-in, and who never is."""

import pytest
from django.utils import timezone

from devices.models import AutopilotDevice, EntraDevice, ManagedDevice, ProfileAssignment, Registration
from devices.services.profiles import profiles
from tenants.models import AuditEvent
from tests import factories
from tests.devices.imports import importing

pytestmark = pytest.mark.django_db
ANN = "ann@contoso.example"


@pytest.fixture
def group(contoso):
    """A group with a profile that converts."""
    group = factories.make_group(contoso, "Convert")
    factories.make_profile(contoso, "Converting", group, hardware_hash_extraction_enabled=True)
    return group


@pytest.fixture
def joined(contoso, machine, ann):
    """An enrolled machine that is not registered, in the group."""

    def make(group, mode="entraJoin", seed=1):
        found = machine(seed)
        found.join(mode, user=ANN)
        entra = ManagedDevice.objects.of(contoso).latest("enrolled_at").entra_device
        if group is not None and entra is not None:
            group.members.create(device=entra)
        return found

    return make


def the_device(tenant):
    return AutopilotDevice.objects.of(tenant).get()


def test_a_corporate_enrolled_device_of_the_group_is_registered_at_its_next_check_in(contoso, group, joined):
    laptop = joined(group)
    answer = laptop.check_in()
    device, managed = the_device(contoso), ManagedDevice.objects.of(contoso).get()
    row = Registration.objects.of(contoso).get()
    assert answer["autopilotDeviceId"] == str(device.pk)
    assert (row.channel, device.registered_by) == ("automatic", "Automatic registration")
    assert (managed.autopilot_device, device.serial_number) == (device, laptop.hardware.serial)
    assert AuditEvent.objects.filter(activity="device.registered_automatically").count() == 1
    laptop.check_in()
    assert Registration.objects.of(contoso).count() == 1


def test_the_object_the_device_joined_carries_the_registrations_ids(contoso, group, joined):
    joined(group).check_in()
    entra = EntraDevice.objects.of(contoso).get()
    device = the_device(contoso)
    assert (entra.ztdid, device.entra_device) == (device.pk, entra)
    assert entra.physical_ids == [f"[ZTDID]:{device.pk}"]
    assert device.assigned_profile.display_name == "Converting"
    assert device.enrollment_state == "pending_reset"


def test_a_joined_machine_is_814_for_an_import_and_registered_by_the_profile_that_converts(
    contoso, group, joined
):
    laptop = joined(group)
    import_ = importing.add(contoso, importing.line(laptop.hardware))
    assert importing.row(import_).code == 814
    laptop.check_in()
    import_ = importing.add(contoso, importing.line(laptop.hardware))
    assert importing.row(import_).code == 806


def test_a_hybrid_joined_device_is_registered_but_not_converted(contoso, group, joined):
    joined(group, "hybridJoin").check_in()
    hybrid = EntraDevice.objects.of(contoso).get(trust_type="ServerAd")
    made = the_device(contoso).entra_device
    assert (hybrid.ztdid, hybrid.twin_of) == (None, made)
    assert (made.trust_type, ManagedDevice.objects.of(contoso).get().entra_device) == ("", hybrid)


@pytest.mark.parametrize("mode", ["workAccount", "mdmOnly"])
def test_a_personal_device_is_skipped(mode, contoso, group, joined):
    joined(group, mode).check_in()
    assert not Registration.objects.of(contoso).exists()


def test_a_device_outside_the_groups_is_not_registered(contoso, group, joined):
    joined(None).check_in()
    assert not Registration.objects.of(contoso).exists()


def test_an_excluded_device_is_not_registered(contoso, group, joined):
    excluded = factories.make_group(contoso, "Not these")
    profile = ProfileAssignment.objects.get().profile
    ProfileAssignment.objects.create(profile=profile, group=excluded, kind="exclude")
    laptop = joined(group)
    excluded.members.create(device=EntraDevice.objects.of(contoso).get())
    laptop.check_in()
    assert not Registration.objects.of(contoso).exists()


def test_a_profile_of_all_devices_converts_too(contoso, joined):
    factories.make_profile(contoso, "P", is_for_all_devices=True, hardware_hash_extraction_enabled=True)
    joined(None).check_in()
    assert the_device(contoso).registered_by == "Automatic registration"


def test_switching_it_off_or_unassigning_never_deregisters(contoso, admin, group, joined):
    laptop = joined(group)
    laptop.check_in()
    profile = ProfileAssignment.objects.get().profile
    values = {name: getattr(profile, name) for name in profiles.SETTINGS}
    profiles.update(
        tenant=contoso,
        actor=factories.actor(admin),
        profile=profile,
        values={**values, "hardware_hash_extraction_enabled": False},
        revision=profile.revision,
        now=timezone.now(),
    )
    ProfileAssignment.objects.all().delete()
    laptop.check_in()
    assert Registration.objects.of(contoso).live().count() == 1


def test_a_machine_registered_elsewhere_is_refused_once_and_not_named(contoso, fabrikam, group, joined):
    laptop = joined(group)
    factories.claim(fabrikam, laptop.hardware)
    laptop.check_in()
    laptop.check_in()
    assert not Registration.objects.of(contoso).exists()


def test_a_machine_that_was_imported_after_it_had_joined_is_associated_and_the_companys(contoso, joined):
    laptop = joined(None, "workAccount")
    device = factories.claim(contoso, laptop.hardware)[0]
    assert laptop.check_in()["autopilotDeviceId"] == str(device.pk)
    managed = ManagedDevice.objects.of(contoso).get()
    assert (managed.ownership, managed.autopilot_device) == ("company", device)
    assert the_device(contoso).enrollment_state == "enrolled"
