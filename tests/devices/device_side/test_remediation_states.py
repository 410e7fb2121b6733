"""Remediation, a test for each state of the documentation's table, named as the portal names it."""

import pytest
from django.urls import reverse

from devices.models import AutopilotDevice
from devices.services.autopilot import unblocking
from tests import factories

pytestmark = pytest.mark.django_db
ANN = "ann@contoso.example"


@pytest.fixture
def laptop(contoso, registered, ann):
    """An enrolled machine with a profile."""
    factories.make_profile(contoso, "Standard", is_for_all_devices=True)
    found = registered()
    found.enroll(user=ANN)
    return found


@pytest.fixture
def status(contoso, admin, client_of):
    """The profile status as the flyout shows it."""

    def read():
        device = AutopilotDevice.objects.of(contoso).get()
        address = reverse("devices:autopilot_device", kwargs={"tenant_slug": "contoso", "pk": device.pk})
        assert device.get_profile_status_display() in client_of(admin).get(address).content.decode()
        return device.get_profile_status_display()

    return read


def test_normal_no_change_was_detected(laptop, status):
    assert laptop.check_in()["remediationState"] == "noRemediationRequired"
    assert status() == "Assigned"


def test_fix_pending_a_change_was_detected_and_the_service_tries(laptop, status):
    laptop.exchange(new_board=3)
    assert laptop.check_in()["remediationState"] == "automaticRemediationRequired"
    assert status() == "Fix pending"


def test_fix_pending_returns_to_assigned_at_the_next_check_in(laptop, status):
    laptop.exchange(new_board=3)
    laptop.check_in()
    laptop.check_in()
    assert status() == "Assigned"


def test_attention_required_gives_no_profile_until_reset_and_registered_again(
    contoso, fabrikam, laptop, status
):
    laptop.exchange(new_board=3)
    factories.claim(fabrikam, laptop.hardware)
    laptop.check_in()
    assert laptop.check_in()["remediationState"] == "manualRemediationRequired"
    assert status() == "Attention required"
    laptop.forget()
    assert "profile" not in laptop.fetch()


def test_unknown_is_left_by_the_next_check_in(contoso, laptop, status):
    AutopilotDevice.objects.of(contoso).update(remediation_state="unknown")
    laptop.check_in()
    assert status() == "Assigned"
    assert AutopilotDevice.objects.of(contoso).get().remediation_state == "none"


def test_userless_block_lasts_until_unblock_device(contoso, registered):
    factories.make_profile(contoso, "Kiosk", is_for_all_devices=True, device_usage_type="shared")
    kiosk = registered()
    kiosk.enroll("selfDeploying")
    kiosk.forget()
    assert kiosk.ask("enrollments", mode="selfDeploying").json()["errorCode"] == "0x80180014"
    device = AutopilotDevice.objects.of(contoso).get()
    assert (device.enrollment_state, device.userless_enrollment) == ("blocked", "blocked")
    unblocking.allow(tenant=contoso, device_ids=[device.pk])
    device.refresh_from_db()
    assert device.userless_enrollment == "allowed"
    kiosk.enroll("selfDeploying")
    device.refresh_from_db()
    assert (device.enrollment_state, device.userless_enrollment) == ("enrolled", "blocked")
