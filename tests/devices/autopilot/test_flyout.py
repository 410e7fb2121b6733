"""A device's own address: properties, editing, sections, and what stays after its removal."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from devices.models import AutopilotDevice, ManagedDevice, UndoKit
from devices.services.autopilot import deregistration
from tenants.permissions import Actor
from tenants.services import audit
from tests import factories
from tests.devices.autopilot.test_deregistration import run

pytestmark = pytest.mark.django_db


@pytest.fixture
def device(contoso):
    return factories.machines(contoso, group_tag="KIOSK")[0]


@pytest.fixture
def client(client_of, admin):
    return client_of(admin)


def address(device):
    return f"/t/contoso/autopilot-devices/{device.pk}/"


def test_a_direct_visit_shows_the_list_with_the_flyout_open(client, device):
    text = client.get(address(device)).content.decode()
    assert 'id="list"' in text
    assert "data-flyout" in text
    assert "no profile" not in text
    assert "built-in default profile" in text


def test_a_reloaded_flyout_stands_over_the_list_it_was_opened_from(client, contoso, device):
    (other,) = factories.machines(contoso, first=2, group_tag="LAB")
    rows = client.get("/t/contoso/autopilot-devices/", {"group_tag": "KIOSK"}).content.decode()
    kept = f"{address(device)}?group_tag=KIOSK"
    assert f'href="{kept}"' in rows
    reloaded = client.get(kept).content.decode()
    assert other.serial_number not in reloaded
    assert 'href="?tab=history&amp;group_tag=KIOSK"' in reloaded
    assert reloaded.count('href="/t/contoso/autopilot-devices/?group_tag=KIOSK"') >= 2
    saved = client.post(kept, {"group_tag": "DESK", "revision": device.revision})
    assert saved["Location"] == kept


@pytest.mark.parametrize("tab", ["hardware", "records", "profile", "history"])
def test_every_section_answers(client, device, tab):
    response = client.get(address(device), {"tab": tab}, headers={"HX-Request": "true"})
    assert response.status_code == 200
    expected = {"hardware": "SMBIOS UUID", "records": "[ZTDID]:", "profile": "No profile reaches"}
    assert expected.get(tab, "Nothing has been recorded") in response.content.decode()


def test_the_history_tells_codes_as_words(client, contoso, device):
    target = audit.Target("autopilot_device", "S", device.pk, after={"mode": "self_deploying", "user": ""})
    audit.record(tenant=contoso, actor=Actor.system(), activity="device.enrolled", targets=[target])
    text = client.get(address(device), {"tab": "history"}).content.decode()
    assert "Enrollment type: Self-deploying" in text


def test_no_section_shows_the_raw_hash(client, device):
    held = factories.hash_start(device)
    for tab in ("properties", "hardware", "records"):
        assert held not in client.get(address(device), {"tab": tab}).content.decode()


def test_a_saved_tag_is_shown_at_once(client, device):
    sent = {"group_tag": "DESK", "revision": device.revision}
    response = client.post(address(device), sent, headers={"HX-Request": "true"})
    assert response["HX-Trigger"] == "hangar:saved"
    assert 'value="DESK"' in response.content.decode()


def test_the_second_of_two_tabs_gets_a_sentence(client, device):
    client.post(address(device), {"group_tag": "FIRST", "revision": device.revision})
    response = client.post(address(device), {"group_tag": "SECOND", "revision": device.revision})
    assert response.status_code == 422
    assert "Someone changed this device meanwhile" in response.content.decode()


@pytest.mark.parametrize(
    "sent",
    [
        {"display_name": "12345"},
        {"group_tag": "x" * 3000},
        {"group_tag": "a\x00b"},
        {"user_principal_name": "nobody@contoso.example"},
        {"addressable_user_name": "Ada"},
        {"revision": "100000000000000000000"},
        {"revision": "two"},
    ],
)
def test_an_impossible_value_gets_a_sentence_and_changes_nothing(client, device, sent):
    response = client.post(address(device), {"revision": device.revision, **sent})
    assert response.status_code == 422
    device.refresh_from_db()
    assert device.revision == 1


def test_a_reader_sees_no_form_and_cannot_save(client_of, reader, device):
    client = client_of(reader)
    assert "device-form" not in client.get(address(device)).content.decode()
    assert client.post(address(device), {"group_tag": "X", "revision": 1}).status_code == 403


def test_the_intune_record_is_shown_to_who_may_read_managed_devices(
    client_of, profile_manager, reader, contoso, device
):
    ManagedDevice.objects.create(
        tenant=contoso,
        autopilot_device=device,
        user_principal_name="ada@contoso.example",
        enrolled_at=timezone.now() - timedelta(days=1),
        last_check_in_at=timezone.now(),
    )
    shown = client_of(reader).get(address(device), {"tab": "records"}).content.decode()
    hidden = client_of(profile_manager).get(address(device), {"tab": "records"}).content.decode()
    for words in ("ada@contoso.example", "Management state", "Last check-in"):
        assert words in shown
        assert words not in hidden
    assert "Managed devices / Read" in hidden


def test_another_tenants_device_is_not_found(client, fabrikam, contoso):
    theirs = factories.machines(fabrikam)[0]
    assert client.get(address(theirs)).status_code == 404
    assert client.get(f"/t/contoso/autopilot-devices/{uuid.uuid4()}/").status_code == 404


def test_a_removed_device_keeps_its_address_and_can_be_registered_again(client, contoso, admin, device):
    job = deregistration.start(
        tenant=contoso,
        actor=factories.actor(admin),
        rows=AutopilotDevice.objects.of(contoso).live(),
        is_full=False,
        now=timezone.now(),
    )
    run(job)
    text = client.get(address(device)).content.decode()
    assert "Register again" in text
    assert "Device deleted" in text
    client.post(address(device) + "register-again/")
    again = AutopilotDevice.objects.of(contoso).live().get()
    assert again.group_tag == "KIOSK"
    assert UndoKit.objects.of(contoso).get().restored_as == again.pk
    assert "Registered again as this device" in client.get(address(device)).content.decode()
