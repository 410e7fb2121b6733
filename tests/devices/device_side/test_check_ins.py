"""Check-ins: facts, remote actions and their answers, resets; by the device's own secret only."""

import pytest
from django.utils import timezone

from devices.models import AutopilotDevice, DeviceAction, EntraDevice, ManagedDevice
from devices.services.autopilot import enrolment
from devices.services.managed import actions, removing
from devices.services.profiles import assignment
from tenants.models import AuditEvent
from tests import factories
from tests.devices.device_side.conftest import switch_on

pytestmark = pytest.mark.django_db
ANN = "ann@contoso.example"


@pytest.fixture
def laptop(registered, ann):
    """An enrolled machine."""
    found = registered()
    found.enroll(user=ANN, osVersion="10.0.26100.1")
    return found


@pytest.fixture
def asked(contoso, admin):
    """Ask the one Windows device for something, as an administrator."""

    def ask(what, **values):
        who = {"tenant": contoso, "actor": factories.actor(admin), "now": timezone.now()}
        if what == "wipe":
            return actions.wipe(device_ids=[managed(contoso).pk], **who)
        return actions.rename(device=managed(contoso), **who, **values)

    return ask


def managed(tenant):
    return ManagedDevice.objects.of(tenant).live().get()


def state(tenant):
    return AutopilotDevice.objects.of(tenant).get().enrollment_state


def test_a_check_in_tells_when_and_with_which_windows(contoso, laptop):
    before = timezone.now()
    answer = laptop.check_in(osVersion="10.0.26200.9")
    found = managed(contoso)
    assert found.last_check_in_at >= before
    assert AutopilotDevice.objects.of(contoso).get().last_contacted_at >= before
    assert (found.os_version, found.entra_device.os_version) == ("10.0.26200.9", "10.0.26200.9")
    assert (answer["state"], answer["remediationState"]) == ("managed", "noRemediationRequired")


@pytest.mark.parametrize("secret", ["", "wrong", "hangar-device-\x7f"])
def test_without_its_secret_a_device_is_not_heard(secret, laptop):
    laptop.secret = secret
    answer = laptop.ask("check-ins")
    assert (answer.status_code, answer.json()["code"]) == (401, "unknown_device_secret")


def test_a_device_deleted_from_windows_devices_is_told_that_it_is_managed_no_longer(contoso, admin, laptop):
    removing.delete(
        tenant=contoso,
        actor=factories.actor(admin),
        device_ids=[managed(contoso).pk],
        now=timezone.now(),
    )
    answer = laptop.ask("check-ins")
    assert (answer.status_code, answer.json()["code"]) == (410, "no_longer_enrolled")


def test_a_wipe_waits_for_the_device_and_ends_with_its_answer(contoso, laptop, asked):
    assert asked("wipe") == (1, 0)
    assert managed(contoso).state == "wipe_issued"
    [action] = laptop.check_in()["actions"]
    assert action["kind"] == "wipe"
    assert laptop.check_in()["actions"] == [action]
    answer = laptop.check_in(acknowledged=[{"id": action["id"], "outcome": "done"}])
    assert (answer["state"], answer["actions"]) == ("reset", [])
    assert state(contoso) == "not_contacted"
    assert laptop.ask("check-ins").status_code == 401
    assert AuditEvent.objects.filter(activity="managed_device.wiped").count() == 1


def test_a_wiped_device_fetches_its_profile_and_enrolls_again(contoso, laptop, asked):
    first = managed(contoso)
    asked("wipe")
    [action] = laptop.check_in()["actions"]
    laptop.check_in(acknowledged=[{"id": action["id"], "outcome": "done"}])
    laptop.forget()
    assert laptop.fetch()["registration"] == "registered"
    laptop.enroll(user=ANN)
    assert (state(contoso), managed(contoso).pk != first.pk) == ("enrolled", True)
    assert managed(contoso).entra_device == first.entra_device


def test_a_wipe_that_failed_leaves_the_device_managed(contoso, laptop, asked):
    asked("wipe")
    [action] = laptop.check_in()["actions"]
    answer = laptop.check_in(acknowledged=[{"id": action["id"], "outcome": "failed"}])
    assert (answer["state"], answer["actions"]) == ("managed", [])
    assert DeviceAction.objects.of(contoso).get().outcome == "failed"


def test_a_wipe_is_asked_for_once(laptop, asked):
    assert [asked("wipe"), asked("wipe")] == [(1, 0), (0, 0)]


def test_a_simulated_device_is_wiped_at_once(contoso, admin, ann):
    device = factories.machines(contoso, 1)[0]
    who = {"tenant": contoso, "actor": factories.actor(admin), "now": timezone.now()}
    enrolment.enroll(device=device, user=ann, simulated=True, **who)
    assert actions.wipe(device_ids=[managed(contoso).pk], **who) == (0, 1)
    assert (managed(contoso).state, state(contoso)) == ("reset", "not_contacted")
    device.refresh_from_db()
    enrolment.enroll(device=device, user=ann, simulated=True, **who)
    assert managed(contoso).state == "managed"


def test_a_new_name_reaches_every_record_when_the_device_took_it(contoso, laptop, asked):
    assert asked("rename", name="LOBBY-1")
    [action] = laptop.check_in()["actions"]
    assert (action["kind"], action["newName"]) == ("rename", "LOBBY-1")
    assert managed(contoso).device_name != "LOBBY-1"
    laptop.check_in(acknowledged=[{"id": action["id"], "outcome": "done"}])
    assert managed(contoso).device_name == "LOBBY-1"
    assert EntraDevice.objects.of(contoso).get().display_name == "LOBBY-1"
    assert AutopilotDevice.objects.of(contoso).get().display_name == "LOBBY-1"


def test_the_newest_name_asked_for_is_the_one_given_out(laptop, asked):
    asked("rename", name="LOBBY-1")
    asked("rename", name="LOBBY-2")
    assert [each["newName"] for each in laptop.check_in()["actions"]] == ["LOBBY-2"]


def test_a_hybrid_joined_device_is_not_renamed(contoso, registered, ann, asked):
    factories.make_profile(contoso, "P", is_for_all_devices=True, join_type="hybrid")
    registered().enroll(user=ANN)
    with pytest.raises(actions.NotRenamed, match="domain"):
        asked("rename", name="LOBBY-1")


def test_a_device_that_resets_itself_ends_pending_reset_and_its_secret(contoso, laptop):
    factories.make_profile(contoso, "New", is_for_all_devices=True)
    assignment.refresh(tenant=contoso, now=timezone.now())
    assert state(contoso) == "pending_reset"
    assert laptop.send("resets", {}).json()["state"] == "reset"
    assert state(contoso) == "not_contacted"
    assert laptop.ask("check-ins").status_code == 401
    laptop.forget()
    assert laptop.fetch()["profile"]["displayName"] == "New"


def test_another_tenants_key_does_not_open_the_device(laptop, fabrikam):
    laptop.key = switch_on(fabrikam)
    assert laptop.ask("check-ins").status_code == 401
