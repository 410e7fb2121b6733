"""Enrolment through the device side: what the device gets, and the failure that the portal shows."""

import pytest

from devices.models import AutopilotDevice, EnrollmentFailure, EntraDevice, ManagedDevice
from tenants.models import VerifiedDomain
from tests import factories

pytestmark = pytest.mark.django_db
ANN = "ann@contoso.example"


def the_device(tenant):
    return AutopilotDevice.objects.of(tenant).get()


def test_a_licensed_user_brings_the_device_among_windows_devices(contoso, registered, ann):
    laptop = registered()
    told = laptop.fetch()["deviceName"]
    answer = laptop.enroll(user=ANN, osVersion="10.0.26100.1")
    managed = ManagedDevice.objects.of(contoso).get()
    device = the_device(contoso)
    assert (answer["managedDeviceId"], answer["autopilotDeviceId"]) == (str(managed.pk), str(device.pk))
    assert answer["azureADDeviceId"] == str(device.entra_device.device_id)
    assert answer["deviceName"] == managed.device_name == told
    assert (managed.user, managed.os_version, managed.is_simulated) == (ann, "10.0.26100.1", False)
    assert laptop.secret not in [str(getattr(managed, field.name)) for field in managed._meta.fields]


def test_a_self_deploying_device_shows_its_tpm(contoso, machine, registered):
    factories.make_profile(contoso, "P", is_for_all_devices=True, device_usage_type="shared")
    assert registered().enroll("selfDeploying")["userPrincipalName"] is None
    without = machine(2, tpm=False)
    factories.claim(contoso, without.hardware)
    refused = without.ask("enrollments", mode="selfDeploying")
    assert (refused.status_code, refused.json()["code"]) == (403, "tpm_missing")


@pytest.mark.parametrize(
    ("profile", "mode", "user", "status", "code", "error_code"),
    [
        ({}, "userDriven", "guest@contoso.example", 400, "unlicensed_user", "0x80180018"),
        ({}, "userDriven", "nobody@contoso.example", 400, "unknown_user", None),
        ({}, "userDriven", "eve@fabrikam.example", 403, "wrong_tenant", None),
        ({}, "selfDeploying", "", 403, "mode_not_allowed", None),
        ({}, "preProvisioning", "", 403, "pre_provisioning_not_allowed", "0x80180005"),
        ({"device_usage_type": "shared"}, "userDriven", ANN, 403, "mode_not_allowed", None),
    ],
    ids=["0x80180018", "nobody", "tenant", "self-deploying", "0x80180005", "user-driven"],
)
def test_a_refusal_is_told_to_the_device_and_kept_for_the_portal(
    profile, mode, user, status, code, error_code, contoso, registered, ann
):
    VerifiedDomain.objects.create(tenant=contoso, name="contoso.example")
    factories.make_directory_user(contoso, "guest@contoso.example", is_licensed=False)
    factories.make_profile(contoso, "P", is_for_all_devices=True, **profile)
    answer = registered().ask("enrollments", mode=mode, user=user)
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["errorCode"]) == (status, code, error_code)
    assert problem["nextStep"]
    device, failure = the_device(contoso), EnrollmentFailure.objects.of(contoso).get()
    assert device.enrollment_state == "failed"
    assert (failure.autopilot_device, failure.reason, failure.user_principal_name) == (device, code, user)
    assert (failure.sentence, failure.next_step) == (problem["detail"], problem["nextStep"])
    assert not ManagedDevice.objects.of(contoso).exists()


def test_0x801c03f3_a_deleted_object_fails_for_the_tpm_and_lets_a_user_join_anew(contoso, registered, ann):
    laptop = registered()
    EntraDevice.objects.of(contoso).update(deleted_at="2026-11-20T00:00Z")
    refused = laptop.ask("enrollments", mode="selfDeploying")
    assert (refused.status_code, refused.json()["errorCode"]) == (409, "0x801C03F3")
    laptop.enroll(user=ANN)
    assert ManagedDevice.objects.of(contoso).get().entra_device.ztdid is None
    assert the_device(contoso).enrollment_state == "enrolled"


def test_0x80180014_a_second_enrolment_by_itself_is_blocked_and_shown_as_blocked(contoso, registered):
    factories.make_profile(contoso, "P", is_for_all_devices=True, device_usage_type="shared")
    kiosk = registered()
    kiosk.enroll("selfDeploying")
    kiosk.forget()
    refused = kiosk.ask("enrollments", mode="selfDeploying")
    assert (refused.status_code, refused.json()["errorCode"]) == (403, "0x80180014")
    assert the_device(contoso).enrollment_state == "blocked"


def test_the_failure_of_an_unregistered_machine_is_kept_without_a_device(contoso, machine, ann):
    stranger = machine()
    refused = stranger.ask("enrollments", mode="userDriven", user=ANN)
    assert (refused.status_code, refused.json()["errorCode"]) == (404, "807")
    failure = EnrollmentFailure.objects.of(contoso).get()
    assert (failure.autopilot_device, failure.serial_number) == (None, stranger.hardware.serial)


def test_an_unregistered_machine_joins_by_a_user(contoso, machine, ann):
    answer = machine().join("entraJoin", user=ANN)
    assert (answer["managedDeviceOwnerType"], answer["autopilotDeviceId"]) == ("company", None)
    assert machine(2).join("workAccount", user=ANN)["managedDeviceOwnerType"] == "personal"
    assert not AutopilotDevice.objects.of(contoso).exists()


def test_a_registered_machine_that_adds_a_work_account_is_the_companys(contoso, registered, ann):
    answer = registered().join("workAccount", user=ANN)
    assert (answer["managedDeviceOwnerType"], answer["joinType"]) == ("company", "Workplace")
    assert answer["autopilotDeviceId"] == str(the_device(contoso).pk)


def test_a_device_that_no_sync_has_brought_yet_is_listed_when_it_enrolls(contoso, registered, ann):
    laptop = registered()
    AutopilotDevice.objects.of(contoso).delete()
    laptop.enroll(user=ANN)
    assert the_device(contoso).enrollment_state == "enrolled"
