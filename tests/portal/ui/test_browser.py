"""The kit in Chromium: keys, flyout, dialog, selection, narrow screens, accessibility."""

import re
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.test import Client
from playwright.sync_api import Page, expect

from devices.models import AutopilotDevice
from tenants.models import Tenant, User
from tests.page_at_rest import violations, width

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def shown(live_server: Any, page: Page, client: Client, admin: User, contoso: Tenant) -> Page:
    """The sample list with 60 devices, signed in; console errors fail the test."""
    for number in range(60):
        AutopilotDevice.objects.create(
            tenant=contoso,
            serial_number=f"SN-{number:03d}",
            manufacturer="C",
            model="Latitude 7450",
            group_tag="KIOSK" if number % 2 else "LAB",
        )
    client.force_login(admin)
    session = client.cookies["hangar_session"].value
    page.context.add_cookies([{"name": "hangar_session", "value": session, "url": live_server.url}])
    page.goto(f"{live_server.url}/t/contoso/sample/")
    return page


def rows(page: Page) -> Any:
    """The table's rows."""
    return page.locator("[data-row]")


def test_typing_searches_and_keeps_the_address(shown: Page) -> None:
    shown.keyboard.press("/")
    shown.keyboard.type("SN-00")
    expect(rows(shown)).to_have_count(10)
    expect(shown).to_have_url(re.compile(r"\?q=SN-00$"))
    expect(shown.locator("[data-search]")).to_be_focused()


def test_the_count_arrives_after_the_page(shown: Page) -> None:
    expect(shown.locator("[data-count]")).to_have_text("60 devices")


def test_the_filter_pane_narrows_and_a_pill_widens(shown: Page) -> None:
    shown.get_by_role("button", name="Filter").click()
    expect(shown.get_by_role("dialog", name="Filter")).to_be_focused()
    shown.keyboard.press("Escape")
    expect(shown.get_by_role("button", name="Filter")).to_be_focused()
    shown.keyboard.press("Enter")
    shown.get_by_role("combobox", name="Group tag").fill("KIOSK")
    shown.get_by_role("button", name="Apply").first.click()
    expect(rows(shown)).to_have_count(30)
    expect(shown).to_have_url(re.compile(r"\?group_tag=KIOSK$"))
    shown.get_by_role("link", name="Remove filter Group tag: KIOSK").click()
    expect(rows(shown)).to_have_count(50)


def test_a_row_opens_its_flyout_and_escape_closes_it(shown: Page) -> None:
    rows(shown).nth(2).click()
    expect(shown.locator("[data-flyout] h2")).to_have_text("SN-002")
    expect(shown).to_have_url(re.compile(r"/sample/[0-9a-f-]{36}/$"))
    shown.keyboard.press("Escape")
    expect(shown.locator("[data-flyout]")).to_have_count(0)
    expect(shown).to_have_url(re.compile(r"/sample/$"))


def test_the_back_button_leaves_the_flyout(shown: Page) -> None:
    rows(shown).nth(2).click()
    expect(shown.locator("[data-flyout]")).to_be_visible()
    shown.go_back()
    expect(shown.locator("[data-flyout]")).to_have_count(0)
    expect(rows(shown)).to_have_count(50)


def test_keys_move_select_and_open(shown: Page) -> None:
    expect(shown.locator("[data-count]")).to_have_text("60 devices")
    for key in ("ArrowDown", "ArrowDown", "Space"):
        shown.keyboard.press(key)
    expect(shown.locator("[data-selected-count]")).to_have_text("1 selected")
    expect(shown.get_by_label("Select SN-001")).to_be_checked()
    shown.keyboard.press("Enter")
    expect(shown.locator("[data-flyout] h2")).to_have_text("SN-001")


def test_a_command_waits_for_a_selection(shown: Page) -> None:
    command = shown.get_by_role("button", name="Rename", exact=True)
    expect(command).to_be_disabled()
    shown.get_by_label("Select all rows of this page").check()
    expect(shown.locator("[data-selected-count]")).to_have_text("50 selected")
    expect(command).to_be_enabled()


def test_everything_matching_goes_through_the_dialog(shown: Page) -> None:
    shown.get_by_label("Select all rows of this page").check()
    shown.get_by_label("Select everything that matches").check()
    shown.get_by_role("button", name="Rename", exact=True).click()
    dialog = shown.get_by_role("dialog")
    expect(dialog).to_contain_text("60 chosen")
    dialog.get_by_label("Confirmation").fill("wrong")
    dialog.get_by_role("button", name="Rename").click()
    expect(dialog).to_contain_text("Type Contoso exactly.")
    dialog.get_by_label("Confirmation").fill("Contoso")
    dialog.get_by_role("button", name="Rename").click()
    expect(dialog).to_have_count(0)
    assert AutopilotDevice.unscoped.filter(display_name="RENAMED").count() == 60


def test_a_row_menu_acts_on_its_row(shown: Page) -> None:
    shown.get_by_label("More for SN-004").click()
    shown.get_by_role("button", name="Rename this").locator("visible=true").click()
    expect(shown.get_by_role("dialog")).to_contain_text("1 chosen")


def test_escape_closes_a_dialog_opened_from_a_menu_and_the_focus_returns(shown: Page) -> None:
    more = shown.get_by_label("More for SN-004")
    more.click()
    shown.keyboard.press("ArrowDown")
    shown.keyboard.press("Enter")
    expect(shown.get_by_role("dialog")).to_contain_text("1 chosen")
    shown.keyboard.press("Escape")
    expect(shown.get_by_role("dialog")).to_have_count(0)
    expect(more).to_be_focused()


def test_the_back_button_brings_no_ticks_to_rows_that_may_have_moved(shown: Page) -> None:
    shown.get_by_label("Select all rows of this page").check()
    shown.locator(".brand").first.click()
    expect(shown.get_by_role("heading", name="Choose a tenant")).to_be_visible()
    shown.go_back()
    expect(rows(shown)).to_have_count(50)
    expect(shown.locator("[data-pick]:checked")).to_have_count(0)


def test_the_down_key_leads_from_the_search_to_the_rows(shown: Page) -> None:
    shown.keyboard.press("/")
    shown.keyboard.press("ArrowDown")
    expect(rows(shown).first).to_be_focused()


def test_a_refusal_shows_as_a_toast(shown: Page) -> None:
    shown.get_by_role("link", name="Erase").click()
    expect(shown.locator("#toasts")).to_contain_text("Somebody is already erasing.")
    expect(rows(shown)).to_have_count(50)


def test_the_look_changes_at_once_and_stays(shown: Page) -> None:
    shown.get_by_label("Look").click()
    with shown.expect_response("**/theme"):
        shown.get_by_role("button", name="Dark").click()
    expect(shown.locator("html")).to_have_attribute("data-theme", "dark")
    shown.reload()
    expect(shown.locator("html")).to_have_attribute("data-theme", "dark")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_no_accessibility_violation(shown: Page, scheme: Any, width: int) -> None:
    shown.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    shown.set_viewport_size({"width": width, "height": 900})
    shown.get_by_label("Select SN-001").check()
    rows(shown).nth(2).click()
    expect(shown.locator("[data-flyout]")).to_be_visible()
    assert violations(shown) == []
    shown.keyboard.press("Escape")
    assert violations(shown) == []


def test_nothing_is_wider_than_a_phone(shown: Page) -> None:
    shown.set_viewport_size({"width": 390, "height": 844})
    assert width(shown) <= 390


def test_the_command_bar_is_folded_before_the_first_frame(shown: Page) -> None:
    measure = "window.atFirst = document.documentElement.scrollWidth"
    shown.add_init_script(f"addEventListener('DOMContentLoaded', () => {{ {measure} }})")
    shown.set_viewport_size({"width": 390, "height": 844})
    shown.reload()
    assert shown.evaluate("atFirst") <= 390


def test_the_list_works_without_script(live_server: Any, shown: Page, browser: Any) -> None:
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies(shown.context.cookies())
    page = context.new_page()
    page.goto(f"{live_server.url}/t/contoso/sample/")
    page.locator("[data-search]").fill("SN-03")
    page.locator("[data-search]").press("Enter")
    assert page.url.endswith("q=SN-03") or "q=SN-03&" in page.url
    page.get_by_label("Select SN-031").check()
    page.get_by_role("button", name="Rename", exact=True).click()
    assert "1 chosen" in page.content()
    context.close()


def test_an_outage_is_said_once_over_a_page_left_alone_and_no_longer_than_it_lasts(shown: Page) -> None:
    toast = render_to_string("ui/_away.html", {"sentence": "The database does not answer.", "is_read": True})
    steering = {"HX-Retarget": "#toasts", "HX-Reswap": "beforeend", "Content-Type": "text/html"}
    shown.route("**/sample/?q=*", lambda route: route.fulfill(status=503, body=toast, headers=steering))
    shown.keyboard.press("/")
    for typed in ("SN-00", "1"):
        with shown.expect_response(lambda answer: answer.status == 503):
            shown.keyboard.type(typed)
    expect(shown.locator("#toasts > *")).to_have_count(1)
    expect(rows(shown)).to_have_count(50)
    shown.unroute("**/sample/?q=*")
    shown.keyboard.press("Backspace")
    expect(rows(shown)).to_have_count(10)
    expect(shown.locator("#toasts > *")).to_have_count(0)


def test_a_page_that_could_not_be_made_comes_by_itself(shown: Page) -> None:
    values = {"title": "Back in a moment", "sentence": "Away.", "status": 503, "is_read": True, "wait": 1}
    page, address = render_to_string("portal/away.html", values), shown.url
    shown.route(address, lambda route: route.fulfill(status=503, body=page, content_type="text/html"))
    shown.goto(address)
    with shown.expect_response(lambda answer: answer.status == 503 and answer.request.method == "HEAD"):
        expect(shown.get_by_role("heading", name="Back in a moment")).to_be_visible()
    assert violations(shown) == []
    shown.unroute(address)
    expect(rows(shown)).to_have_count(50)
