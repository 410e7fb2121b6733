"""No page of the site breaks a rule of axe: light and dark, wide and narrow."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from tenants.models import Tenant, User
from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
PAGES = (
    "",
    "autopilot-devices/",
    "windows-devices/",
    "entra-devices/",
    "deployment-profiles/",
    "groups/",
    "users/",
    "imports/",
    "imports/new/",
    "syncs/",
    "jobs/",
    "audit/",
    "settings/members/",
    "settings/domains/",
    "settings/deletion/",
    "settings/general/",
)


@pytest.fixture(params=[("light", WIDE), ("dark", NARROW)], ids=["light, wide", "dark, narrow"])
def page(
    request: pytest.FixtureRequest, browser: Browser, live_server: LiveServer, admin: User
) -> Iterator[Page]:
    """A signed-in page of one look."""
    scheme, size = request.param
    window = browser.new_context(base_url=live_server.url, color_scheme=scheme, viewport=size)
    page = window.new_page()
    page.goto("/accounts/login/")
    page.locator("input[name=login]").fill(admin.email)
    page.locator("input[name=password]").fill(factories.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda address: "/accounts/" not in address)
    yield page
    window.close()


def broken_rules(page: Page) -> list[str]:
    """Each broken rule with the first element that breaks it."""
    found = Axe().run(page).response["violations"]
    return [f"{page.url} {each['id']}: {each['nodes'][0]['html'][:120]}" for each in found]


def test_no_page_breaks_an_accessibility_rule(page: Page, contoso: Tenant) -> None:
    (device, *_others) = factories.machines(contoso, 3, group_tag="KIOSK")
    group = factories.make_group(contoso, "Kiosks", rule="order_id", rule_value="KIOSK")
    profile = factories.make_profile(contoso, "Kiosk profile", group)
    factories.make_directory_user(contoso, "adele@contoso.example")
    objects = (
        f"autopilot-devices/{device.pk}/",
        f"groups/{group.pk}/",
        f"deployment-profiles/{profile.pk}/",
    )
    broken: list[str] = []
    for address in (*PAGES, *objects):
        answer = page.goto(f"/t/contoso/{address}")
        assert answer is not None
        assert answer.status == 200, address
        page.wait_for_load_state("networkidle")
        broken += broken_rules(page)
    assert broken == []


def test_no_page_is_wider_than_the_window(page: Page, contoso: Tenant) -> None:
    factories.machines(contoso, 3)
    too_wide = []
    for address in PAGES:
        page.goto(f"/t/contoso/{address}")
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            too_wide.append(address)
    assert too_wide == []
