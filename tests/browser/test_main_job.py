"""The main job as a person does it: from a real CSV to devices assigned, enrolled and deregistered."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from devices.models import AutopilotDevice, Group, ManagedDevice, Registration
from tenants.models import Tenant, User
from tests import factories
from tests.browser import csv_files
from tests.browser.conftest import SignIn
from tests.page_at_rest import come_to_rest

pytestmark = [
    pytest.mark.browser,
    pytest.mark.workers,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("real_worker"),
]
LIST = "/t/contoso/autopilot-devices/"
PATIENCE = 180_000  # of a person who waits for a job; a busy machine takes its time


@pytest.fixture
def kiosks(contoso: Tenant) -> Group:
    """The group of the tag KIOSK, with a profile."""
    group = factories.make_group(contoso, "Kiosks", rule="order_id", rule_value="KIOSK")
    factories.make_profile(contoso, "Kiosk profile", group)
    return group


def wait_for(page: Page, address: str, *, text: str) -> None:
    """Reload a list, as a person presses Refresh, until it shows the text (at most 30 times)."""
    for _press in range(30):
        page.goto(address)
        come_to_rest(page)
        if page.get_by_text(text).count():
            return
        page.wait_for_timeout(1000)
    raise AssertionError(f"{address} never showed {text}")


def test_an_uploaded_file_becomes_devices_with_their_profile(
    sign_in: SignIn, admin: User, contoso: Tenant, kiosks: Group, tmp_path: Path
) -> None:
    file = tmp_path / "devices.csv"
    csv_files.write(file, good=480, faulty=20, tag="KIOSK")
    page = sign_in(admin)
    page.goto(LIST)
    page.get_by_role("group", name="Commands").get_by_role("link", name="Import").click()
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="Check").click()
    commit = page.get_by_role("button", name="Import 480 devices into Contoso")
    expect(commit).to_be_visible(timeout=PATIENCE)
    commit.click()
    expect(page.get_by_text("Import completed: 480 added")).to_be_visible(timeout=PATIENCE)
    wait_for(page, f"{LIST}?group_tag=KIOSK&profile_status=assigned", text="480 devices")
    assert kiosks.members.count() == 480


def test_a_device_is_found_by_a_fragment_of_its_serial(sign_in: SignIn, admin: User, contoso: Tenant) -> None:
    devices = factories.machines(contoso, 5)
    page = sign_in(admin)
    page.goto(LIST)
    page.get_by_role("searchbox").fill(devices[3].serial_number[-5:])
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name=devices[3].serial_number)).to_be_visible()
    expect(page.get_by_role("link", name=devices[0].serial_number)).to_be_hidden()


def test_the_tag_of_fifty_devices_is_edited_at_once(
    sign_in: SignIn, admin: User, contoso: Tenant, kiosks: Group
) -> None:
    factories.machines(contoso, 60)
    page = sign_in(admin)
    page.goto(LIST)
    page.get_by_role("checkbox", name=re.compile("Select all")).first.check()
    page.get_by_role("button", name="Edit group tag").click()
    page.get_by_role("dialog").get_by_role("textbox", name="Group tag").fill("KIOSK")
    page.get_by_role("button", name="Preview").click()
    page.get_by_role("dialog").get_by_role("button", name=re.compile("Change|Apply|Save|Edit")).click()
    expect(page.get_by_text("Succeeded").first).to_be_visible(timeout=PATIENCE)
    assert AutopilotDevice.objects.of(contoso).filter(group_tag="KIOSK").count() == 50


def test_a_device_is_a_windows_device_only_after_its_user_signed_in(
    sign_in: SignIn, admin: User, contoso: Tenant
) -> None:
    (device,) = factories.machines(contoso, 1)
    factories.make_directory_user(contoso, "adele@contoso.example")
    page = sign_in(admin)
    page.goto("/t/contoso/windows-devices/")
    expect(page.get_by_text(device.serial_number)).to_be_hidden()
    page.goto(f"{LIST}{device.pk}/")
    page.get_by_role("link", name="Simulate sign-in").or_(
        page.get_by_role("button", name="Simulate sign-in")
    ).first.click()
    page.get_by_role("dialog").get_by_role("combobox").fill("adele@contoso.example")
    page.get_by_role("dialog").get_by_role("button", name=re.compile("Simulate|Sign in")).click()
    page.wait_for_function("() => !document.querySelector('dialog[open]')")
    page.goto("/t/contoso/windows-devices/")
    expect(page.get_by_text(device.serial_number).first).to_be_visible()
    assert ManagedDevice.objects.of(contoso).live().count() == 1


def delete_first(page: Page, *, choice: str) -> None:
    """Delete the device of the first row by the blade's command and wait for the job."""
    page.goto(LIST)
    page.locator("tbody input[type=checkbox]").first.check()
    page.get_by_role("button", name="Delete", exact=True).first.click()
    page.get_by_role("dialog").get_by_text(choice).click()
    page.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_text("Succeeded").first).to_be_visible(timeout=PATIENCE)


@pytest.mark.parametrize("choice", ["Remove registration only", "Deregister fully"])
def test_a_deleted_device_is_registered_again(
    sign_in: SignIn, admin: User, contoso: Tenant, choice: str
) -> None:
    (device,) = factories.machines(contoso, 1, group_tag="SALES")
    page = sign_in(admin)
    delete_first(page, choice=choice)
    assert not Registration.objects.of(contoso).live().exists()
    page.goto(f"{LIST}{device.pk}/")
    page.get_by_role("button", name="Register again").first.click()
    expect(page.get_by_text("is registered again").first).to_be_visible()
    assert AutopilotDevice.objects.of(contoso).live().get().group_tag == "SALES"


def test_an_invited_reader_can_change_nothing(sign_in: SignIn, reader: User, contoso: Tenant) -> None:
    (device,) = factories.machines(contoso, 1)
    page = sign_in(reader)
    page.goto(f"{LIST}{device.pk}/")
    expect(page.get_by_text(device.serial_number).first).to_be_visible()
    expect(page.get_by_role("button", name="Save")).to_be_hidden()
    expect(page.get_by_role("link", name="Import", exact=True)).to_be_hidden()
