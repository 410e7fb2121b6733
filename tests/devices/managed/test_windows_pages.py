"""*Windows devices*: who is there and who never is, their own Delete, and the simulated sign-in."""

from io import StringIO
from urllib.parse import urljoin

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from devices.models import AutopilotDevice, ManagedDevice
from devices.services.autopilot import enrolment
from tests import factories

pytestmark = pytest.mark.django_db


def at(tenant, name, **keys):
    return reverse(f"devices:{name}", kwargs={"tenant_slug": tenant.slug, **keys})


@pytest.fixture
def visitor(admin, client_of):
    return client_of(admin)


@pytest.fixture
def ann(contoso):
    return factories.make_directory_user(contoso, "ann@contoso.example")


def enrolled(tenant, admin, user, serial):
    return enrolment.enroll(
        tenant=tenant,
        actor=factories.actor(admin),
        device=factories.listed(tenant, serial),
        user=user,
        simulated=True,
        now=timezone.now(),
    )


def test_the_empty_page_says_when_a_device_appears(contoso, visitor):
    factories.listed(contoso, "SN-1")
    page = visitor.get(at(contoso, "windows_devices")).content.decode()
    assert "licensed user has signed in" in page
    assert "SN-1" not in page


def test_the_list_leads_to_the_registered_devices_and_explains_the_terms(contoso, visitor):
    page = visitor.get(at(contoso, "windows_devices")).content.decode()
    assert f'href="{at(contoso, "autopilot_devices")}"' in page
    assert 'popovertarget="terms"' in page
    assert "<dt>Enroll</dt>" in page


def test_simulating_a_sign_in_puts_the_device_there(contoso, visitor, ann):
    device = factories.listed(contoso, "SN-1")
    address = at(contoso, "simulate_sign_in", pk=device.pk)
    assert "simulation" in visitor.get(address).content.decode()
    arrived = visitor.post(address, {"step": "confirm", "user": "ann@contoso.example"}, follow=True)
    assert arrived.content.decode().count("Simulated: ann@contoso.example signed in") == 1
    page = visitor.get(at(contoso, "windows_devices")).content.decode()
    assert "SN-1" in page
    assert "Simulated" in page


def test_an_unlicensed_user_is_refused_at_the_field_and_never_appears(contoso, visitor):
    factories.make_directory_user(contoso, "eve@contoso.example", is_licensed=False)
    device = factories.listed(contoso, "SN-1")
    address = at(contoso, "simulate_sign_in", pk=device.pk)
    response = visitor.post(address, {"step": "confirm", "user": "eve@contoso.example"})
    assert response.status_code == 422
    assert "no Intune license" in response.content.decode()
    assert not ManagedDevice.objects.of(contoso).exists()


def test_a_sign_in_cannot_be_simulated_in_a_tenant_of_microsofts(admin, client_of):
    real = factories.make_tenant("Real", authority="msgraph")
    factories.join(real, admin, "global_administrator")
    user = factories.make_directory_user(real, "ann@real.example")
    device = AutopilotDevice.objects.create(tenant=real, serial_number="SN-1", manufacturer="Contoso")
    address = at(real, "simulate_sign_in", pk=device.pk)
    sent = {"step": "confirm", "user": user.user_principal_name}
    assert client_of(admin).post(address, sent).status_code == 409


def test_deleting_takes_it_away_and_keeps_the_registration(contoso, admin, visitor, ann):
    managed = enrolled(contoso, admin, ann, "SN-1")
    address = at(contoso, "windows_devices_delete")
    assert "SN-1" in visitor.post(address, {"only": managed.pk}).content.decode()
    visitor.post(address, {"step": "confirm", "selection": [managed.pk]})
    assert not ManagedDevice.objects.of(contoso).live().exists()
    assert AutopilotDevice.objects.of(contoso).get().enrollment_state == "not_contacted"


def test_more_than_twenty_are_deleted_only_with_the_number_typed(contoso, visitor):
    ManagedDevice.objects.bulk_create(
        ManagedDevice(tenant=contoso, device_name=f"PC-{number}", serial_number="S") for number in range(21)
    )
    sent = {"step": "confirm", "selection": "matching", "query": ""}
    address = at(contoso, "windows_devices_delete")
    assert visitor.post(address, {**sent, "typed": "20"}).status_code == 422
    assert ManagedDevice.objects.of(contoso).live().count() == 21
    visitor.post(address, {**sent, "typed": "21"})
    assert not ManagedDevice.objects.of(contoso).live().exists()


def test_who_manages_only_profiles_does_not_see_windows_devices(contoso, profile_manager, client_of):
    assert client_of(profile_manager).get(at(contoso, "windows_devices")).status_code == 403


def test_a_reader_deletes_and_simulates_nothing(contoso, admin, reader, ann, client_of):
    managed, visitor = enrolled(contoso, admin, ann, "SN-1"), client_of(reader)
    sent = {"step": "confirm", "selection": [managed.pk], "user": ann.user_principal_name}
    assert visitor.post(at(contoso, "windows_devices_delete"), sent).status_code == 403
    device = factories.listed(contoso, "SN-2")
    assert visitor.post(at(contoso, "simulate_sign_in", pk=device.pk), sent).status_code == 403


def test_another_tenants_windows_device_is_not_found(contoso, fabrikam, admin, visitor):
    user = factories.make_directory_user(fabrikam, "eve@fabrikam.example")
    managed = enrolled(fabrikam, admin, user, "SN-F")
    assert visitor.get(at(contoso, "windows_device", pk=managed.pk)).status_code == 404


def run_command(*words):
    out = StringIO()
    call_command("enroll_device", *words, stdout=out)
    return out.getvalue()


def test_the_command_enrolls_a_device_by_its_serial(contoso, ann):
    factories.listed(contoso, "SN-1")
    told = run_command("--tenant", "contoso", "--serial", "SN-1", "--user", "ann@contoso.example")
    assert "Enrolled SN-1" in told
    assert ManagedDevice.objects.of(contoso).live().count() == 1


def test_the_command_lists_the_ids_of_a_shared_serial_and_takes_one(contoso, ann):
    first, second = (factories.listed(contoso, "Default string") for _each in range(2))
    words = ("--tenant", "contoso", "--user", "ann@contoso.example")
    with pytest.raises(CommandError) as caught:
        run_command(*words, "--serial", "Default string")
    assert str(first.pk) in str(caught.value)
    assert str(second.pk) in str(caught.value)
    run_command(*words, "--id", str(second.pk))
    assert ManagedDevice.objects.of(contoso).get().autopilot_device == second


@pytest.mark.parametrize(
    ("words", "told", "code"),
    [
        (("--tenant", "nowhere", "--serial", "SN-1", "--user", "ann@contoso.example"), "no tenant", 2),
        (("--tenant", "contoso", "--serial", "NOPE", "--user", "ann@contoso.example"), "not_registered", 1),
        (("--tenant", "contoso", "--serial", "SN-1", "--user", "nobody@x.example"), "unknown_user", 1),
        (("--tenant", "contoso", "--serial", "SN-1"), "Say with --user who signs in", 1),
    ],
)
def test_the_command_says_why_it_refuses(contoso, ann, words, told, code):
    factories.listed(contoso, "SN-1")
    with pytest.raises(CommandError, match=told) as refusal:
        run_command(*words)
    assert refusal.value.returncode == code


@pytest.mark.parametrize(
    ("here", "back"),
    [
        ("?q=SN&sort=-serial_number", "?q=SN&sort=-serial_number"),
        ("00000000-0000-4000-8000-000000000000/?q=SN&tab=x", "?q=SN"),
        ("../autopilot-devices/?q=SN", ""),
    ],
)
def test_a_command_leads_back_to_the_list_as_it_was(contoso, admin, visitor, ann, here, back):
    managed = enrolled(contoso, admin, ann, "SN-1")
    url = at(contoso, "windows_devices")
    headers = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{urljoin(url, here)}"}
    sent = {"only": str(managed.pk), "step": "confirm"}
    answer = visitor.post(at(contoso, "windows_devices_wipe"), sent, headers=headers)
    assert answer["HX-Redirect"] == f"{url}{back}"


def test_the_list_says_what_a_device_waits_for(contoso, admin, visitor, ann):
    enrolled(contoso, admin, ann, "SN-1")
    ManagedDevice.objects.of(contoso).update(state="wipe_issued")
    assert "Wipe pending</span>" in visitor.get(at(contoso, "windows_devices")).content.decode()


def test_the_wipe_of_a_local_tenant_says_that_it_is_a_simulation(contoso, admin, visitor, ann):
    managed = enrolled(contoso, admin, ann, "SN-1")
    flyout = visitor.get(at(contoso, "windows_device", pk=managed.pk)).content.decode()
    assert flyout.count("Wipe (simulated)") == 2
    address = at(contoso, "windows_devices_wipe")
    assert "This is a simulation" in visitor.post(address, {"only": str(managed.pk)}).content.decode()
    visitor.post(address, {"only": str(managed.pk), "step": "confirm"})
    managed.refresh_from_db()
    assert managed.state == "reset"
    assert (
        "Reset, waiting for set-up"
        in visitor.get(at(contoso, "windows_device", pk=managed.pk)).content.decode()
    )


def test_above_twenty_the_number_of_devices_to_wipe_is_typed(contoso, admin, visitor, ann):
    ids = [str(enrolled(contoso, admin, ann, f"SN-{number}").pk) for number in range(21)]
    address = at(contoso, "windows_devices_wipe")
    assert visitor.post(address, {"selection": ids, "step": "confirm"}).status_code == 422
    visitor.post(address, {"selection": ids, "step": "confirm", "typed": "21"})
    assert ManagedDevice.objects.of(contoso).filter(state="reset").count() == 21


def test_a_device_is_renamed_and_a_bad_name_is_told_at_the_field(contoso, admin, visitor, ann):
    managed = enrolled(contoso, admin, ann, "SN-1")
    address = at(contoso, "windows_device_rename", pk=managed.pk)
    assert managed.device_name in visitor.get(address).content.decode()
    bad = visitor.post(address, {"step": "confirm", "name": "two words"})
    assert (bad.status_code, "letters, digits and hyphens" in bad.content.decode()) == (422, True)
    visitor.post(address, {"step": "confirm", "name": "LOBBY-1"})
    managed.refresh_from_db()
    assert managed.device_name == "LOBBY-1"


def test_a_self_deploying_device_is_simulated_without_a_user(contoso, visitor):
    factories.make_profile(contoso, "Kiosk", is_for_all_devices=True, device_usage_type="shared")
    device = factories.machines(contoso, 1)[0]
    address = at(contoso, "simulate_sign_in", pk=device.pk)
    assert "self-deploying: nobody signs in" in visitor.get(address).content.decode()
    visitor.post(address, {"step": "confirm"})
    assert ManagedDevice.objects.of(contoso).get().mode == "self_deploying"
