"""Failures where an administrator looks: on the device's flyout, and in a list of their own."""

import pytest
from django.urls import reverse
from django.utils import timezone

from devices.models import EnrollmentFailure
from devices.services.autopilot.enrolment import failures, refusals
from devices.services.autopilot.enrolment.failures import Attempt
from tenants.permissions import Actor
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def device(contoso):
    return factories.machines(contoso, 1)[0]


@pytest.fixture
def failed(contoso):
    def fail(device=None, serial="SN-X"):
        refusal = refusals.UserlessBlocked("It may do so only once.")
        serial = device.serial_number if device else serial
        attempt = Attempt("self_deploying", serial, device=device)
        now = timezone.now()
        return failures.record(
            tenant=contoso, actor=Actor.device(), attempt=attempt, refusal=refusal, now=now
        )

    return fail


def page(client, contoso, name, **keys):
    query = keys.pop("query", "")
    address = reverse(f"devices:{name}", kwargs={"tenant_slug": contoso.slug, **keys})
    return client.get(address + query).content.decode()


def test_the_flyout_says_what_happened_and_what_to_do(contoso, admin, client_of, device, failed):
    failed(device)
    found = page(client_of(admin), contoso, "autopilot_device", pk=device.pk)
    assert "The last enrollment failed (0x80180014)" in found
    assert "It may do so only once." in found
    assert "Press “Unblock device”" in found


def test_failures_are_searched_by_serial_number_and_lead_to_the_user(contoso, admin, client_of, failed):
    made = failed(serial="SN-ONE"), failed(serial="SN-TWO")
    EnrollmentFailure.objects.of(contoso).update(user_principal_name="ann@contoso.example")
    found = page(client_of(admin), contoso, "enrollment_failures", query="?q=sn-o")
    assert ("SN-ONE" in found, "SN-TWO" in found) == (True, False)
    flyout = page(client_of(admin), contoso, "enrollment_failure", pk=made[0].pk)
    assert "/t/contoso/users/?q=ann%40contoso.example" in flyout


def test_the_life_of_a_device_is_told_in_its_order(contoso, admin, client_of, device, failed):
    failed(device)
    found = page(client_of(admin), contoso, "autopilot_device", pk=device.pk, query="?tab=records")
    words = ["Registered", "Microsoft Entra object created", "Profile assigned", "Contacted the service"]
    places = [found.rindex(word) for word in [*words, "Enrollment failed", "Enrolled"]]
    assert places == sorted(places)


def test_the_list_holds_failures_of_machines_that_are_not_registered_too(
    contoso, fabrikam, admin, client_of, device, failed
):
    failed(device)
    stranger = failed(serial="SN-STRANGER")
    client = client_of(admin)
    found = page(client, contoso, "enrollment_failures")
    assert device.serial_number in found
    assert "SN-STRANGER" in found
    assert "not registered" in page(client, contoso, "enrollment_failure", pk=stranger.pk)
    assert "SN-STRANGER" not in page(client, fabrikam, "enrollment_failures")
    only = page(client, contoso, "enrollment_failures", query="?registered=no")
    assert device.serial_number not in only


def test_a_failure_outlives_its_device(contoso, admin, client_of, device, failed):
    failure = failed(device)
    device.delete()
    assert EnrollmentFailure.objects.of(contoso).get() == failure
    assert "not registered" in page(client_of(admin), contoso, "enrollment_failure", pk=failure.pk)
