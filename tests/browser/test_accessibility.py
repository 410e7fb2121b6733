"""No page of the site breaks a rule of axe: light and dark, wide and narrow."""

import pytest
from playwright.sync_api import Page

from tenants.models import Partner, Tenant, User
from tenants.services.partners import requests
from tests import factories
from tests.browser.conftest import SignIn
from tests.devices.partners.sending import by_hash, by_tuple, machines, send
from tests.page_at_rest import violations, width

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
PAGES = (
    "",
    "autopilot-devices/",
    "autopilot-devices/removed/",
    "autopilot-devices/compare/",
    "orphans/",
    "windows-devices/",
    "entra-devices/",
    "deployment-profiles/",
    "groups/",
    "groups/new/",
    "users/",
    "enrollment-failures/",
    "imports/",
    "imports/new/",
    "syncs/",
    "jobs/",
    "audit/",
    "settings/members/",
    "settings/domains/",
    "settings/partners/",
    "settings/deletion/",
    "settings/device-side/",
    "settings/general/",
)


PARTNER_PAGES = (
    "",
    "customers/",
    "requests/",
    "batches/",
    "batches/register/",
    "batches/deregister/",
    "devices/",
    "people/",
    "api-clients/",
)


@pytest.fixture(params=[("light", WIDE), ("dark", NARROW)], ids=["light, wide", "dark, narrow"])
def page(request: pytest.FixtureRequest, sign_in: SignIn, admin: User) -> Page:
    """A signed-in page of one look."""
    scheme, size = request.param
    return sign_in(admin, color_scheme=scheme, viewport=size)


def test_no_page_breaks_an_accessibility_rule(page: Page, contoso: Tenant) -> None:
    (device, *others) = factories.machines(contoso, 3, group_tag="KIOSK")
    group = factories.make_group(contoso, "Kiosks", rule="order_id", rule_value="KIOSK")
    profile = factories.make_profile(contoso, "Kiosk profile", group)
    factories.make_directory_user(contoso, "adele@contoso.example")
    objects = (
        f"autopilot-devices/{device.pk}/",
        f"autopilot-devices/{device.pk}/replace/?new={others[0].pk}",
        f"autopilot-devices/compare/?a=device:{device.pk}&b=device:{others[0].pk}",
        f"groups/{group.pk}/",
        f"groups/{group.pk}/edit/",
        f"deployment-profiles/{profile.pk}/assignments/",
        f"deployment-profiles/{profile.pk}/",
    )
    broken: list[str] = []
    for address in (*PAGES, *objects):
        answer = page.goto(f"/t/contoso/{address}")
        assert answer is not None
        assert answer.status == 200, address
        broken += violations(page)
    assert broken == []


def test_no_page_of_a_partner_breaks_a_rule_or_is_too_wide(
    page: Page, admin: User, contoso: Tenant, tailwind: Partner
) -> None:
    factories.work_for(tailwind, admin)
    factories.authorize(tailwind, contoso)
    factories.make_client(tailwind)
    asked = factories.ask(tailwind, note="Contoso")
    made = send(tailwind, contoso, admin, [by_hash(*machines(1)), by_tuple(*machines(1, start=2))])
    objects = (f"requests/{asked.pk}/", f"batches/{made.pk}/")
    links = [f"/p/tailwind/{address}" for address in (*PARTNER_PAGES, *objects)]
    broken: list[str] = []
    for address in (*links, f"/partner-requests/{requests.token_of(asked)}/"):
        page.goto(address)
        broken += violations(page)
        if width(page) > page.evaluate("innerWidth"):
            broken.append(f"{address} is too wide")
    assert broken == []


def test_no_page_is_wider_than_the_window(page: Page, contoso: Tenant) -> None:
    factories.machines(contoso, 3)
    too_wide = []
    for address in PAGES:
        page.goto(f"/t/contoso/{address}")
        if width(page) > page.evaluate("innerWidth"):
            too_wide.append(address)
    assert too_wide == []
