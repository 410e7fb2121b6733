"""Commands on selected devices: dialogs, previews, confirmation, who may."""

import re
import uuid

import pytest
from django.utils import timezone

from devices import tasks
from devices.models import AutopilotDevice, UndoKit
from tenants.models import Job
from tests import factories
from tests.devices.autopilot.test_deregistration import run

pytestmark = pytest.mark.django_db

BASE = "/t/contoso/autopilot-devices/"
COMMANDS = "assign-user unassign-user edit-group-tag assign-profile unassign-profile unblock delete".split()


@pytest.fixture
def client(client_of, admin):
    return client_of(admin)


@pytest.fixture
def devices(contoso):
    return factories.machines(contoso, 3, group_tag="OLD")


def post(client, command, devices, **sent):
    ids = [str(device.pk) for device in devices]
    return client.post(f"{BASE}{command}/", {"selection": ids, **sent})


def confirmed(client, command, devices, **sent):
    """Fill in, look at the preview, and press the button again."""
    sent = {"step": "confirm", "one_time_key": str(uuid.uuid4()), **sent}
    response = post(client, command, devices, **sent)
    stamp = re.search(r'name="reviewed" value="([^"]*)"', response.content.decode())
    if response.status_code != 200 or stamp is None:
        return response
    reviewed = stamp[1].replace("&#x27;", "'").replace("&quot;", '"').replace("&amp;", "&")
    return post(client, command, devices, reviewed=reviewed, **sent)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_opens_its_dialog(client, devices, command):
    response = post(client, command, devices)
    assert response.status_code == 200
    assert 'name="one_time_key"' in response.content.decode()
    assert not Job.unscoped.exists()


def test_nobody_is_called_licensed_before_a_user_is_typed(client, devices):
    assert "Greeting:" not in post(client, "assign-user", devices).content.decode()


def test_unblocking_offers_no_button_where_nothing_is_blocked(client, devices):
    page = post(client, "unblock", devices).content.decode()
    assert "None of the 3 selected devices is blocked" in page
    assert "data-submit" not in page


def test_unassigning_offers_no_button_where_no_device_has_a_user(client, devices):
    page = post(client, "unassign-user", devices).content.decode()
    assert "None of the 3 selected devices has a user" in page
    assert "data-submit" not in page


@pytest.mark.parametrize("command", COMMANDS)
def test_a_reader_can_do_nothing(client_of, reader, devices, command):
    response = post(client_of(reader), command, devices, step="confirm")
    assert response.status_code == 403
    assert not Job.unscoped.exists()


@pytest.mark.parametrize("command", COMMANDS)
def test_another_tenants_devices_are_never_touched(client, fabrikam, contoso, command):
    theirs = factories.machines(fabrikam, 1)
    sent = {"step": "confirm", "operation": "clear", "way": "registration", "upn": "x@contoso.example"}
    assert post(client, command, theirs, **sent).status_code in (200, 400, 409, 422)
    assert not Job.unscoped.exists()


@pytest.mark.parametrize("sent", [{}, {"selection": "not-a-uuid"}, {"selection": ["x"] * 1001}])
def test_an_impossible_selection_gets_a_sentence(client, contoso, sent):
    assert client.post(f"{BASE}delete/", sent).status_code == 400


def test_a_reader_sees_the_commands_dimmed_with_the_missing_right(client_of, reader, devices):
    text = client_of(reader).get(BASE).content.decode()
    assert 'aria-disabled="true" title="Your roles in this tenant do not include' in text
    assert "Enrollment programs / Delete device" in text


def test_tags_change_after_a_preview(client, contoso, devices):
    response = confirmed(client, "edit-group-tag", devices, operation="set", text="NEW")
    job = Job.objects.of(contoso).get(task="devices.change_autopilot_devices")
    assert response.status_code == 302
    assert str(job.pk) in response["Location"]
    run(job, tasks.change_autopilot_devices)
    assert set(AutopilotDevice.objects.of(contoso).values_list("group_tag", flat=True)) == {"NEW"}


def test_values_changed_after_the_preview_are_previewed_again(client, contoso, devices):
    sent = {"step": "confirm", "operation": "set", "text": "NEW", "reviewed": "something else"}
    assert 'name="reviewed"' in post(client, "edit-group-tag", devices, **sent).content.decode()
    assert not Job.objects.of(contoso).exists()


def test_everything_that_matches_is_frozen(client, contoso, devices):
    factories.machines(contoso, 2, first=50, group_tag="OTHER")
    selection = {"selection": ["matching"], "query": "group_tag=OLD", "step": "confirm"}
    key = {"one_time_key": str(uuid.uuid4())}
    client.post(f"{BASE}unassign-user/", {**selection, **key})
    assert Job.objects.of(contoso).get(task="devices.change_autopilot_devices").total == 3


@pytest.mark.parametrize("query", ["colour=red", "after=" + "x" * 9000, "registered_at=never"])
def test_a_selection_that_cannot_be_understood_selects_nothing(client, contoso, devices, query):
    sent = {"selection": ["matching"], "query": query, "step": "confirm"}
    assert client.post(f"{BASE}unassign-user/", sent).status_code == 400
    assert not Job.objects.of(contoso).filter(task="devices.change_autopilot_devices").exists()


def test_a_double_click_starts_one_job(client, contoso, devices):
    sent = {"step": "confirm", "way": "registration", "one_time_key": str(uuid.uuid4())}
    first, second = (post(client, "delete", devices, **sent) for _ in range(2))
    assert first["Location"] == second["Location"]
    assert Job.objects.of(contoso).filter(task="devices.deregister_autopilot_devices").count() == 1


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"upn": "nobody@contoso.example"}, "There is no user"),
        ({"upn": "free@contoso.example"}, "not licensed"),
        ({"upn": ""}, "required"),
        ({"upn": "a\x00b"}, "Null characters"),
    ],
)
def test_a_user_who_cannot_be_assigned_is_explained(client, contoso, devices, sent, field):
    factories.make_directory_user(contoso, "free@contoso.example", is_licensed=False)
    response = confirmed(client, "assign-user", devices, **sent)
    assert response.status_code == 422
    assert field in response.content.decode()


def test_the_profile_dialog_counts_where_an_older_profile_wins(client, contoso, devices):
    group = factories.make_group(contoso, "Old", rule="order_id", rule_value="OLD")
    factories.make_profile(contoso, "Older", group)
    newer = factories.make_profile(contoso, "Newer")
    AutopilotDevice.objects.of(contoso).update(revision=1)
    from devices.services.profiles import assignment

    assignment.refresh(tenant=contoso, now=timezone.now())
    response = post(client, "assign-profile", devices, step="confirm", profile=str(newer.pk))
    assert "“Older” would still win on 3 devices" in response.content.decode()


def test_more_than_20_devices_are_deleted_only_after_typing(client, contoso):
    devices = factories.machines(contoso, 21)
    sent = {"step": "confirm", "way": "registration"}
    assert post(client, "delete", devices, **sent).status_code == 422
    assert post(client, "delete", devices, typed="21 fabrikam", **sent).status_code == 422
    assert post(client, "delete", devices, typed="21 Contoso", **sent).status_code == 302


def test_deregistering_fully_is_dimmed_without_the_right(client_of, profile_manager, devices):
    client = client_of(profile_manager)
    text = post(client, "delete", devices).content.decode()
    assert re.search(r'value="full" disabled', text)
    assert "Managed devices / Delete" in text
    response = post(client, "delete", devices, step="confirm", way="full")
    assert response.status_code == 403


def test_a_whole_job_is_registered_again_from_its_page(client, contoso, devices):
    post(client, "delete", devices, step="confirm", way="registration")
    job = run(Job.objects.of(contoso).get(task="devices.deregister_autopilot_devices"))
    address = f"{BASE}register-again/{job.pk}/"
    assert "3 removed devices" in client.get(address).content.decode()
    client.post(address, {"step": "confirm", "one_time_key": str(uuid.uuid4())})
    done = run(Job.objects.of(contoso).get(task="devices.register_again"), tasks.register_again)
    assert f'<a class="button" href="{BASE}">' in client.get(f"/t/contoso/jobs/{done.pk}/").content.decode()
    assert AutopilotDevice.objects.of(contoso).live().count() == 3
    assert not UndoKit.objects.of(contoso).filter(restored_at=None).exists()
    assert client.get(f"{BASE}register-again/{uuid.uuid4()}/").status_code == 404
