"""*Replace* on its pages: the flyout's dialog in two steps, and the row of a plan."""

import re

import pytest
from django.urls import reverse

from devices.hardware import synthetic
from devices.hardware.encode import encode_base64
from devices.models import AutopilotDevice, EntraDevice
from devices.services.imports import planning
from tests import factories
from tests.devices.imports.importing import LATER, check, commit, line, row

pytestmark = pytest.mark.django_db
MACHINE = synthetic.machine(seed=1)
BOARD = synthetic.recapture(MACHINE, at=LATER, new_board=5)


@pytest.fixture
def old(contoso):
    return factories.machines(contoso, group_tag="KIOSK", display_name="FRONT-1")[0]


@pytest.fixture
def client(client_of, admin):
    return client_of(admin)


def url_of(old):
    return reverse("devices:autopilot_replace", args=["contoso", old.pk])


def sent_by(answer, **values):
    """The dialog's hidden fields, and what the person chose."""
    text = answer.content.decode()
    hidden = dict(re.findall(r'<input type="hidden" name="([a-z_]+)" value="([^"]*)"', text))
    return {**hidden, "step": "confirm", **values}


def live(tenant):
    return list(AutopilotDevice.objects.of(tenant).live())


def test_without_a_hash_the_dialog_asks_for_it(client, old):
    answer = client.post(url_of(old), {"step": "confirm", "new": "hash", "hardware_hash": ""})
    assert answer.status_code == 422
    assert "Paste the hash that was captured with the new board." in answer.content.decode()


def test_a_pasted_hash_is_looked_at_first_and_then_replaces(client, contoso, old):
    chosen = {"new": "hash", "hardware_hash": encode_base64(BOARD)}
    looked = client.post(url_of(old), {"step": "confirm", **chosen})
    text = looked.content.decode()
    assert "FRONT-1" in text
    assert "same manufacturer and serial number" in text
    assert live(contoso) == [old]
    done = client.post(url_of(old), sent_by(looked, **chosen))
    [new] = live(contoso)
    assert (done.status_code, done["Location"]) == (302, f"/t/contoso/autopilot-devices/{new.pk}/")
    assert (new.group_tag, new.display_name) == ("KIOSK", "FRONT-1")
    removed = client.get(f"/t/contoso/autopilot-devices/{old.pk}/").content.decode()
    assert "replaced by another device" in removed


def test_the_dialog_says_which_groups_are_carried_over(client, contoso, old):
    [orphan] = factories.machines(contoso, first=7)
    for name in ("Front desks", "Spared"):
        factories.make_group(contoso, name).members.create(device=old.entra_device)
    text = client.post(
        url_of(old), {"step": "confirm", "new": "hash", "hardware_hash": encode_base64(BOARD)}
    ).content.decode()
    assert "Carried over with its profile: the membership in the groups Front desks, Spared." in text
    EntraDevice.objects.of(contoso).filter(pk=orphan.entra_device_id).update(deleted_at=LATER)
    text = client.get(url_of(old), {"new": orphan.pk}).content.decode()
    assert "cannot be carried over: Front desks, Spared." in text


def test_another_choice_than_the_one_looked_at_is_looked_at_again(client, contoso, old):
    [other] = factories.machines(contoso, first=7)
    looked = client.post(
        url_of(old), {"step": "confirm", "new": "hash", "hardware_hash": encode_base64(BOARD)}
    )
    again = client.post(
        url_of(old) + f"?new={other.pk}", sent_by(looked, new=str(other.pk), hardware_hash="")
    )
    assert again.status_code == 200
    assert len(live(contoso)) == 2


def test_a_hash_that_cannot_be_read_is_said_at_its_field(client, old):
    answer = client.post(url_of(old), {"step": "confirm", "new": "hash", "hardware_hash": "no"})
    assert answer.status_code == 422
    assert 'id="id_hardware_hash_error"' in answer.content.decode()


def test_a_refusal_is_said_in_the_dialog(client, contoso, old):
    same = encode_base64(synthetic.recapture(MACHINE, at=LATER, new_disk=1))
    answer = client.post(url_of(old), {"step": "confirm", "new": "hash", "hardware_hash": same})
    assert answer.status_code == 422
    assert "This is the same machine" in answer.content.decode()


def test_the_device_under_the_same_serial_number_is_offered(client, contoso, old):
    [board] = factories.machines(contoso, first=90)
    AutopilotDevice.objects.of(contoso).filter(pk=board.pk).update(
        serial_number=old.serial_number, manufacturer=old.manufacturer
    )
    text = client.get(url_of(old)).content.decode()
    assert f'value="{board.pk}"' in text
    looked = client.get(url_of(old), {"new": board.pk})
    client.post(url_of(old), sent_by(looked, new=str(board.pk)))
    assert [device.pk for device in live(contoso)] == [board.pk]


def test_a_flyout_offers_replace_and_more_so_where_attention_is_required(client, contoso, old):
    page = reverse("devices:autopilot_device", args=["contoso", old.pk])
    assert url_of(old) in client.get(page).content.decode()
    AutopilotDevice.objects.of(contoso).filter(pk=old.pk).update(remediation_state="attention_required")
    assert "Replace this device" in client.get(page).content.decode()


def test_who_may_not_import_or_delete_is_not_offered_it(client_of, reader, school_admin, old):
    page = reverse("devices:autopilot_device", args=["contoso", old.pk])
    for person in (reader, school_admin):
        assert url_of(old) not in client_of(person).get(page).content.decode()
        assert client_of(person).post(url_of(old), {"step": "confirm"}).status_code == 403


def test_a_plans_row_replaces_at_once(client, contoso, old):
    import_ = check(contoso, line(BOARD, tag="FILE"))
    address = reverse("devices:import_replace", args=["contoso", import_.pk, 1])
    plan = reverse("devices:import_detail", args=["contoso", import_.pk])
    assert address in client.get(plan).content.decode()
    looked = client.get(address)
    text = looked.content.decode()  # both have a tag: the old one's is chosen, and may be unchosen
    assert "Keep the new device" in text
    assert re.search(r'name="keeps" value="old"[^>]*checked', text)
    done = client.post(address, sent_by(looked, keeps="old"))
    assert done["Location"] == plan
    [new] = live(contoso)
    assert (new.group_tag, row(import_).device_id) == ("KIOSK", new.pk)
    assert address not in client.get(plan).content.decode()


def test_an_imported_board_leads_to_replacing_the_old_device(client, contoso, old):
    import_ = check(contoso, line(BOARD))
    planning.tick(import_=import_, numbers=[1], is_ticked=True)
    commit(import_)
    new = row(import_).device_id
    text = client.get(reverse("devices:import_detail", args=["contoso", import_.pk])).content.decode()
    assert f"{url_of(old)}?new={new}" in text
    looked = client.get(url_of(old), {"new": new})
    client.post(url_of(old), sent_by(looked, new=str(new)))
    [device] = live(contoso)
    assert (device.pk, device.group_tag, device.remediation_state) == (new, "KIOSK", "none")
