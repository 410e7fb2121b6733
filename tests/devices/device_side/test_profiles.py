"""What a machine in its set-up is told: its effective profile, the default one, or that it has none."""

import uuid
from dataclasses import replace

import pytest
from django.utils import timezone

from devices.models import AutopilotDevice, ManagedDevice
from tenants.models import VerifiedDomain
from tests import factories

pytestmark = pytest.mark.django_db


def numbers(answer):
    return [each["id"] for each in answer["events"]]


def events(answer):
    return [(each["id"], each["name"]) for each in answer["events"]]


def test_a_machine_gets_its_effective_profile_as_the_client_would(contoso, registered):
    VerifiedDomain.objects.create(tenant=contoso, name="contoso.example")
    profile = factories.make_profile(
        contoso,
        "Sales",
        is_for_all_devices=True,
        user_type="standard",
        eula_hidden=True,
        privacy_settings_hidden=True,
        device_name_template="S-%RAND:4%",
        locale="de-DE",
    )
    laptop = registered(1, user_principal_name="ann@contoso.example", addressable_user_name="Ann")
    device = AutopilotDevice.objects.of(contoso).get()
    answer = laptop.fetch()
    assert (answer["registration"], answer["ztdid"]) == ("registered", str(device.pk))
    assert (answer["tenantId"], answer["tenantDomain"]) == (str(contoso.pk), "contoso.example")
    assert answer["user"] == {"userPrincipalName": "ann@contoso.example", "addressableUserName": "Ann"}
    assert (answer["profile"]["id"], answer["profile"]["displayName"]) == (str(profile.pk), "Sales")
    assert answer["profile"]["reason"] == "allDevices"
    kept = answer["configuration"]
    assert kept["CloudAssignedOobeConfig"] == 2 + 4 + 8 + 16 + 256
    assert kept["CloudAssignedDeviceName"] == answer["deviceName"]
    assert (kept["CloudAssignedDomainJoinMethod"], kept["CloudAssignedLanguage"]) == (0, "de-DE")
    assert kept["AadDeviceId"] == str(device.entra_device.device_id)
    assert answer["events"] == []


def test_every_reboot_of_the_set_up_may_ask_again_and_hears_the_same_name(contoso, registered):
    factories.make_profile(contoso, "P", is_for_all_devices=True, device_name_template="K-%RAND:8%")
    laptop = registered()
    assert laptop.fetch()["deviceName"] == laptop.fetch()["deviceName"]


def test_asking_is_the_last_contact(contoso, registered):
    before = timezone.now()
    registered().fetch()
    assert AutopilotDevice.objects.of(contoso).get().last_contacted_at >= before


def test_event_815_ztd_device_has_no_assigned_profile_and_the_built_in_default_applies(registered):
    answer = registered().fetch()
    assert (answer["profile"]["displayName"], answer["profile"]["isDefault"]) == ("Default (built-in)", True)
    assert answer["configuration"]["CloudAssignedOobeConfig"] == 8 + 256
    assert answer["configuration"]["CloudAssignedForcedEnrollment"] == 0
    assert events(answer) == [(815, "ZtdDeviceHasNoAssignedProfile")]


def test_event_807_ztd_device_is_not_registered_and_no_profile_is_given(contoso, machine):
    answer = machine().fetch()
    assert answer["registration"] == "notRegistered"
    assert events(answer) == [(807, "ZtdDeviceIsNotRegistered")]
    assert "profile" not in answer
    assert not AutopilotDevice.objects.of(contoso).exists()


def test_another_disk_is_the_same_device_and_another_board_a_new_one(registered):
    laptop = registered()
    laptop.exchange(new_disk=7)
    assert laptop.fetch()["registration"] == "registered"
    laptop.exchange(new_board=7)
    assert laptop.fetch()["registration"] == "notRegistered"


@pytest.mark.parametrize(
    ("other", "mismatch"),
    [
        ({"system_serial": "ANOTHER-1"}, "SerialNumberMismatch"),
        ({"product_key_id": "9999000000001"}, "ProductKeyIdMismatch"),
    ],
)
def test_event_908_a_number_that_contradicts_the_registration(other, mismatch, registered, ann):
    laptop = registered()
    laptop.hardware = replace(laptop.hardware, **other)
    assert (908, mismatch) in events(laptop.fetch())
    refused = laptop.ask("enrollments", mode="userDriven", user=ann.user_principal_name)
    assert (refused.status_code, refused.json()["errorCode"]) == (409, "908")
    assert mismatch in refused.json()["detail"]


def test_event_809_ztd_profile_is_not_registered_where_the_kept_profile_was_deleted(contoso, registered):
    laptop = registered()
    assert (809, "ZtdProfileIsNotRegistered") in events(laptop.fetch(profileId=str(uuid.uuid4())))
    kept = factories.make_profile(contoso, "P")
    assert 809 not in numbers(laptop.fetch(profileId=str(kept.pk)))


def test_a_device_that_needs_attention_gets_no_profile(contoso, registered):
    laptop = registered()
    AutopilotDevice.objects.of(contoso).update(remediation_state="attention_required")
    answer = laptop.fetch()
    assert answer["registration"] == "attentionRequired"
    assert "profile" not in answer


def test_a_machine_of_a_partner_that_no_sync_has_brought_yet_gets_the_default(contoso, registered):
    laptop = registered()
    AutopilotDevice.objects.of(contoso).delete()
    answer = laptop.fetch()
    assert (answer["registration"], answer["profile"]["isDefault"]) == ("registered", True)
    assert not AutopilotDevice.objects.of(contoso).exists()


def test_a_machine_that_has_its_secret_still_was_not_reset(contoso, registered, ann):
    laptop = registered()
    laptop.enroll(user=ann.user_principal_name)
    laptop.fetch()
    assert ManagedDevice.objects.of(contoso).get().state == "managed"
    laptop.forget()
    laptop.fetch()
    assert ManagedDevice.objects.of(contoso).get().state == "reset"


def test_a_prepared_device_waits_for_its_user_and_was_not_reset(contoso, registered):
    factories.make_profile(contoso, "P", is_for_all_devices=True, preprovisioning_allowed=True)
    laptop = registered()
    laptop.enroll("preProvisioning")
    laptop.forget()
    laptop.fetch()
    assert ManagedDevice.objects.of(contoso).get().state == "managed"
