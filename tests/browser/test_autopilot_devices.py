"""The Autopilot devices blade in a real browser: accessible, and an edit shows in the list at once."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from devices.models import AutopilotDevice, ManagedDevice
from tenants.models import Tenant, User
from tests import factories
from tests.browser.conftest import SignIn
from tests.page_at_rest import come_to_rest, violations, width

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LIST = "/t/contoso/autopilot-devices/"
TABS = ["Hardware", "Linked records", "Profile", "History"]
DIALOGS = ["Assign user", "Delete", "Unblock device", "Edit group tag", "Assign profile"]


@pytest.fixture
def devices(contoso: Tenant) -> list[AutopilotDevice]:
    return factories.machines(contoso, 3, group_tag="KIOSK")


@pytest.mark.parametrize("look", ["light", "dark"])
def test_list_flyout_and_dialogs_violate_no_rule(
    look: str, sign_in: SignIn, admin: User, devices: list[AutopilotDevice]
) -> None:
    page = sign_in(admin, color_scheme=look, reduced_motion="reduce")
    page.goto(LIST)
    found = violations(page)
    page.locator("[data-open]").first.click()
    page.wait_for_selector("#device-form")
    found += violations(page)
    for tab in TABS:
        page.locator("[data-flyout] .tabs a", has_text=tab).click()
        expect(page.locator("[data-flyout] .tabs [aria-current]")).to_have_text(tab)
        found += violations(page)
    assert found == []


@pytest.mark.parametrize("word", DIALOGS)
def test_every_dialog_opens_and_violates_no_rule(
    word: str, sign_in: SignIn, admin: User, devices: list[AutopilotDevice]
) -> None:
    page = sign_in(admin, viewport={"width": 1600, "height": 900}, reduced_motion="reduce")
    page.goto(LIST)
    page.locator("[data-pick-all]").check()
    page.locator("[data-command-bar]").get_by_role("button", name=word, exact=True).click()
    expect(page.locator("#dialog h2")).to_be_visible()
    assert violations(page) == []


def test_a_saved_tag_shows_in_the_list_behind_the_flyout(
    sign_in: SignIn, admin: User, devices: list[AutopilotDevice]
) -> None:
    page = sign_in(admin, viewport={"width": 1600, "height": 900})
    page.goto(LIST)
    page.locator("[data-open]").first.click()
    page.fill("#id_group_tag", "CHANGED")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#list [data-row]", has_text="CHANGED")).to_have_count(1)
    expect(page.locator("#id_group_tag")).to_have_value("CHANGED")


def test_the_page_is_not_wider_than_a_telephone(
    sign_in: SignIn, admin: User, devices: list[AutopilotDevice]
) -> None:
    page = sign_in(admin, viewport={"width": 390, "height": 844})
    for address in (LIST, f"{LIST}{devices[0].pk}/", "/all/autopilot-devices/"):
        page.goto(address)
        assert width(page) <= 390


def test_what_a_windows_device_waits_for_is_not_cut(sign_in: SignIn, admin: User, contoso: Tenant) -> None:
    ManagedDevice.objects.create(
        tenant=contoso, device_name="SALES-TEST-5KX3", serial_number="S", is_simulated=True, state="reset"
    )
    page = sign_in(admin, viewport={"width": 390, "height": 844})
    for wide in (390, 1440):
        page.set_viewport_size({"width": wide, "height": 844})
        page.goto("/t/contoso/windows-devices/")
        name = page.locator("[data-row] th")
        expect(name.locator(".badge")).to_have_text(["Simulated", "Reset, waiting for set-up"])
        assert name.evaluate("each => each.scrollWidth - each.clientWidth") <= 0


def test_the_commands_of_a_device_stay_on_one_line(
    sign_in: SignIn, admin: User, devices: list[AutopilotDevice]
) -> None:
    device = devices[0]
    AutopilotDevice.unscoped.filter(pk=device.pk).update(
        user_principal_name="adele@contoso.example", userless_enrollment="blocked"
    )
    page = sign_in(admin, viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    page.goto(f"{LIST}{device.pk}/")
    bar = page.locator("[data-flyout] .command-bar")
    assert bar.evaluate("each => each.offsetHeight") < 50
    bar.get_by_label("More commands").click()
    bar.get_by_role("link", name="Replace").click()
    expect(page.locator("#dialog h2")).to_have_text("Replace device")


def test_the_focus_goes_back_to_the_row_after_a_dialog_of_its_flyout(
    sign_in: SignIn, admin: User, devices: list[AutopilotDevice]
) -> None:
    page = sign_in(admin, viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    page.goto(LIST)
    opener = page.locator("[data-open]").nth(1)
    opener.click()
    command = page.locator("[data-flyout] .command", has_text="Assign profile")
    command.click()
    expect(page.locator("#dialog h2")).to_be_visible()
    page.keyboard.press("Escape")
    expect(command).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("[data-flyout]")).to_have_count(0)
    expect(opener).to_be_focused()


def test_a_refusal_of_a_dialog_stands_in_the_dialog(
    sign_in: SignIn, admin: User, devices: list[AutopilotDevice]
) -> None:
    page = sign_in(admin, viewport={"width": 1600, "height": 900}, reduced_motion="reduce")
    page.goto(LIST)
    page.locator("[data-pick]").first.check()
    page.locator("[data-command-bar] .command", has_text="Delete").click()
    dialog = page.locator("#dialog")
    expect(dialog.locator("h2")).to_be_visible()
    AutopilotDevice.unscoped.update(deletion_requested_at=timezone.now())
    for _again in range(2):
        with page.expect_response(lambda answer: answer.request.method == "POST"):
            dialog.get_by_role("button", name="Delete").click()
        come_to_rest(page)
        expect(dialog.get_by_role("alert")).to_have_count(1)
    expect(dialog.get_by_role("alert")).to_contain_text("being deleted already")
    dialog.get_by_label("Dismiss").click()
    expect(dialog.get_by_role("alert")).to_have_count(0)


def test_export_and_refresh_follow_the_search_that_was_typed(
    sign_in: SignIn, admin: User, devices: list[AutopilotDevice]
) -> None:
    page = sign_in(admin, viewport={"width": 1600, "height": 900})
    page.goto(LIST)
    page.locator("[data-search]").fill(devices[0].serial_number)
    expect(page.locator("#list [data-row]")).to_have_count(1)
    with page.expect_download() as download:
        page.get_by_role("link", name="Export", exact=True).click()
    lines = download.value.path().read_text().splitlines()
    assert [line.partition(",")[0] for line in lines] == ["Serial number", devices[0].serial_number]
    page.get_by_role("link", name="Refresh", exact=True).click()
    expect(page.locator("[data-search]")).to_have_value(devices[0].serial_number)
    expect(page.locator("#list [data-row]")).to_have_count(1)
