"""*Removed devices* and the pages of a deregistration: what is shown, registered again, erased, retried."""

import re
import uuid

import pytest
from django.urls import reverse
from django.utils import timezone

from devices import tasks
from devices.models import (
    AutopilotDevice,
    Deregistration,
    EntraDevice,
    IdentityKey,
    RegistrationHash,
    UndoKit,
)
from devices.services.autopilot import undo_kits
from devices.services.autopilot.deregistration import slices
from portal.errors import Forbidden
from tenants.models import AuditEvent, Job, Partner
from tests import factories
from tests.devices.autopilot import leaving

pytestmark = pytest.mark.django_db
REMOVED = "/t/contoso/autopilot-devices/removed/"


@pytest.fixture
def client(client_of, admin):
    return client_of(admin)


@pytest.fixture
def removed(contoso, admin):
    """The kits of three devices that were deregistered; the job that did it."""
    factories.machines(contoso, 3, group_tag="KIOSK")
    return leaving.run(leaving.start(contoso, admin))


def test_only_this_page_is_current_in_the_navigation(client, removed):
    page = client.get(REMOVED).content.decode()
    navigation = page[page.index('<nav class="navigation"') : page.index("</nav>")]
    assert navigation.count('aria-current="page"') == 1
    assert f'href="{REMOVED}" aria-current="page"' in navigation


def confirm(client, url, rows, **sent):
    sent = {"step": "confirm", "one_time_key": str(uuid.uuid4()), **sent}
    return client.post(url, {"selection": [str(row.pk) for row in rows], **sent})


def test_a_removed_device_is_listed_with_who_when_why_and_its_hash(client, contoso, removed):
    factories.machines(contoso, 1, first=9)
    text = client.get(REMOVED).content.decode()
    assert text.count("data-row") == 3
    for word in ("admin@contoso.example", "Deregistered fully", "KIOSK", "Hardware hash held"):
        assert word in text
    exported = b"".join(client.get(f"{REMOVED}export.csv").streaming_content).decode()
    assert exported.count("Deregistered fully") == 3


def test_a_kit_of_a_device_that_stayed_is_not_listed(client, contoso, admin, monkeypatch):
    factories.machines(contoso, 1)
    busy = leaving.BusyService()
    type(busy).times = 10**6
    monkeypatch.setattr(slices, "connector_for", lambda tenant: busy)
    leaving.run(leaving.start(contoso, admin))
    assert UndoKit.objects.of(contoso).count() == 1
    assert "data-row" not in client.get(REMOVED).content.decode()


def test_another_tenants_kits_are_not_seen(client_of, outsider, removed):
    kit = UndoKit.unscoped.first()
    assert (
        "data-row" not in client_of(outsider).get("/t/fabrikam/autopilot-devices/removed/").content.decode()
    )
    assert client_of(outsider).get(f"/t/fabrikam/autopilot-devices/removed/{kit.pk}/").status_code == 404


def test_selected_kits_are_registered_again_with_a_result_a_device(client, contoso, removed):
    kits = list(UndoKit.objects.of(contoso).order_by("serial_number")[:2])
    confirm(client, f"{REMOVED}register-again/", kits)
    job = leaving.run(Job.objects.of(contoso).get(task="devices.register_again"), tasks.register_again)
    assert job.counters == {"done": 2}
    again = AutopilotDevice.objects.of(contoso).live()
    assert set(again.values_list("group_tag", flat=True)) == {"KIOSK"}
    page = client.get(f"/t/contoso/jobs/{job.pk}/").content.decode()
    assert all(f"/autopilot-devices/{device.pk}/" in page for device in again)


def test_the_preview_leaves_out_what_was_registered_again_already(client, contoso, removed):
    kits = UndoKit.objects.of(contoso)
    kits.filter(pk=kits.first().pk).update(restored_at=timezone.now())
    sent = {"selection": [str(kit.pk) for kit in kits.all()]}
    text = client.post(f"{REMOVED}register-again/", sent).content.decode()
    assert "2 removed devices are registered again" in text
    assert "1 was registered again already and is left out." in text
    kits.update(restored_at=timezone.now())
    assert "data-submit" not in client.post(f"{REMOVED}register-again/", sent).content.decode()


def test_the_preview_says_where_no_hash_is_held(client, contoso, admin):
    factories.listed(contoso, "NO-HASH")
    leaving.run(leaving.start(contoso, admin))
    kits = UndoKit.objects.of(contoso)
    sent = {"selection": [str(kit.pk) for kit in kits]}
    assert "no hardware hash was held" in client.post(f"{REMOVED}register-again/", sent).content.decode()


def test_a_deleted_kit_takes_the_hash_and_the_keys_with_it_at_once(client, contoso, removed):
    kit = UndoKit.objects.of(contoso).first()
    assert confirm(client, f"{REMOVED}delete/", [kit]).status_code == 302
    assert not UndoKit.objects.of(contoso).filter(pk=kit.pk).exists()
    assert not RegistrationHash.objects.filter(registration=kit.device_id).exists()
    assert not IdentityKey.objects.filter(registration=kit.device_id).exists()
    assert RegistrationHash.objects.count() == 2
    event = AuditEvent.objects.get(activity="undo_kit.deleted")
    assert event.targets.get().before == {"has_hash": True}
    flyout = client.get(f"/t/contoso/autopilot-devices/{kit.device_id}/").content.decode()
    assert "There is no undo kit any more" in flyout


def test_more_than_twenty_kits_are_deleted_only_after_typing(client, contoso, admin):
    factories.machines(contoso, 21)
    leaving.run(leaving.start(contoso, admin))
    kits = list(UndoKit.objects.of(contoso))
    assert confirm(client, f"{REMOVED}delete/", kits).status_code == 422
    assert confirm(client, f"{REMOVED}delete/", kits, typed="21").status_code == 302
    assert not UndoKit.objects.of(contoso).exists()


def test_deleting_kits_needs_the_right_to_delete_devices(contoso, reader, removed):
    with pytest.raises(Forbidden):
        undo_kits.erase(tenant=contoso, actor=factories.actor(reader), kits=UndoKit.objects.of(contoso))


def test_the_flyout_of_a_removed_device_tells_every_step(client, contoso, removed):
    kit = UndoKit.objects.of(contoso).first()
    text = client.get(f"{REMOVED}{kit.pk}/").content.decode()
    words = ("Removed devices", "Registration released", "No Intune record", "DELETE windowsAutopilot")
    for word in (*words, "<dt>Hash held</dt><dd>Yes</dd>"):
        assert word in text


def test_the_jobs_devices_are_listed_with_their_steps(client, contoso, removed):
    page = client.get(f"/t/contoso/jobs/{removed.pk}/").content.decode()
    url = re.search(r'href="([^"]*/deregistrations/[^"]*)"', page)[1]
    assert client.get(url).content.decode().count("data-row") == 3
    row = Deregistration.objects.of(contoso).first()
    assert "Microsoft Entra object removed" in client.get(f"{url}{row.pk}/").content.decode()


def test_a_job_that_deregisters_nothing_has_no_such_page(client, contoso):
    job = Job.objects.create(tenant=contoso, task="x", title="x")
    assert client.get(f"/t/contoso/autopilot-devices/deregistrations/{job.pk}/").status_code == 404


def test_retry_is_pressed_for_one_failed_device(client, contoso, admin, monkeypatch):
    devices = factories.machines(contoso, 2)
    service = leaving.BreakingService()
    service.poison = devices[0].pk
    monkeypatch.setattr(slices, "connector_for", lambda tenant: service)
    job = leaving.run(leaving.start(contoso, admin))
    service.poison = None
    failed = Deregistration.objects.of(contoso).get(state="failed")
    flyout = client.get(f"/t/contoso/autopilot-devices/{devices[0].pk}/?tab=history").content.decode()
    assert "Retry" in flyout
    url = reverse("devices:deregistration_retry", kwargs={"tenant_slug": "contoso", "pk": job.pk})
    assert "1 device is tried again" in client.post(url, {"only": str(failed.pk)}).content.decode()
    confirm(client, url, [failed])
    leaving.run(Job.objects.of(contoso).exclude(pk=job.pk).get(task=job.task))
    assert not AutopilotDevice.objects.of(contoso).live().exists()


def test_the_on_premises_object_is_confirmed_by_a_person(client, contoso, admin):
    device = factories.machines(contoso, 1)[0]
    leaving.enroll(contoso, admin, device, is_hybrid=True)
    job = leaving.run(leaving.start(contoso, admin))
    row = Deregistration.objects.of(contoso).get()
    url = f"/t/contoso/autopilot-devices/deregistrations/{job.pk}/"
    assert "Waiting for you" in client.get(url).content.decode()
    assert "CORP-1" in client.post(f"{url}deleted-on-premises/", {"only": str(row.pk)}).content.decode()
    confirm(client, f"{url}deleted-on-premises/", [row])
    row.refresh_from_db()
    assert (row.state, row.steps[-1]["result"], row.steps[-1]["by"]) == ("done", "deleted", admin.email)
    assert not EntraDevice.objects.of(contoso).live().filter(display_name="CORP-1").exists()
    assert AuditEvent.objects.filter(activity="device.on_premises_deleted").exists()


def test_who_must_deregister_a_partners_device_is_said_in_dialog_and_flyout(client, contoso):
    partner = Partner.objects.create(name="Tailwind Resellers", slug="tailwind", kind="direct_csp")
    device = factories.listed(contoso, "SN-P", partner=partner)
    dialog = client.post("/t/contoso/autopilot-devices/delete/", {"only": str(device.pk)}).content.decode()
    flyout = client.get(f"/t/contoso/autopilot-devices/{device.pk}/").content.decode()
    assert "1 device was registered by Tailwind Resellers" in dialog
    assert "whoever registered a device should deregister it" in flyout


def test_a_device_whose_deletion_is_held_says_so(client, contoso, admin):
    contoso.approval_above = 0
    contoso.save()
    device = factories.machines(contoso, 1)[0]
    dialog = client.post("/t/contoso/autopilot-devices/delete/", {"only": str(device.pk)}).content.decode()
    assert "a second Global Administrator has to approve" in dialog
    leaving.start(contoso, admin)
    assert "Waiting for approval" in client.get("/t/contoso/autopilot-devices/").content.decode()
    flyout = client.get(f"/t/contoso/autopilot-devices/{device.pk}/").content.decode()
    assert "waits for a second administrator" in flyout
    assert 'id="device-form"' in flyout
    assert timezone.now() < Job.objects.of(contoso).get().run_after
