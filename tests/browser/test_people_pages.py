"""People and tenants in a real browser: no accessibility violation, and a colleague who may only read."""

import pytest
from playwright.sync_api import expect

from tenants.models import Tenant, User
from tenants.permissions import Actor
from tenants.services import audit
from tests.browser.conftest import SignIn, Window
from tests.page_at_rest import violations, width

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SIGNED_OUT = ["/accounts/login/", "/accounts/password/reset/", "/nothing/here/"]
PAGES = [
    "/?choose",
    "/help/terms/",
    "/accounts/profile/",
    "/accounts/password/change/",
    "/t/contoso/",
    "/t/contoso/users/",
    "/t/contoso/users/new/",
    "/t/contoso/users/import/",
    "/t/contoso/settings/members/",
    "/t/contoso/settings/members/invite/",
    "/t/contoso/settings/domains/",
    "/t/contoso/settings/general/",
    "/t/contoso/settings/general/delete/",
    "/t/contoso/audit/",
    "/t/contoso/jobs/",
    "/t/contoso/set-up/",
]


@pytest.mark.parametrize("look", ["light", "dark"])
def test_no_page_of_people_and_tenants_violates_accessibility(
    look: str, sign_in: SignIn, admin: User, contoso: Tenant
) -> None:
    page, found = sign_in(admin, color_scheme=look), []
    for address in PAGES:
        page.goto(address)
        found += violations(page)
    assert found == []


def test_no_signed_out_page_violates_accessibility(window: Window) -> None:
    page, found = window(), []
    for address in SIGNED_OUT:
        page.goto(address)
        found += violations(page)
    assert found == []


def test_no_page_is_wider_than_a_telephone(sign_in: SignIn, admin: User, contoso: Tenant) -> None:
    page, wide = sign_in(admin, viewport={"width": 390, "height": 844}), []
    for address in PAGES:
        page.goto(address)
        if width(page) > 390:
            wide.append(address)
    assert wide == []


def test_a_narrow_window_cuts_no_changes_and_puts_buttons_below_fields(
    sign_in: SignIn, admin: User, contoso: Tenant
) -> None:
    page = sign_in(admin, viewport={"width": 390, "height": 844}, reduced_motion="reduce")
    page.goto("/t/contoso/settings/domains/")
    bottom = "each => each.getBoundingClientRect().bottom"
    top = page.get_by_role("button", name="Add domain").evaluate("each => each.getBoundingClientRect().top")
    assert top >= page.get_by_label("Domain").evaluate(bottom)
    target = audit.Target("member", "S", after={"roles": ["policy_and_profile_manager"] * 3})
    actor = Actor(user=admin)
    event = audit.record(tenant=contoso, actor=actor, activity="member.roles_changed", targets=[target])
    page.goto(f"/t/contoso/audit/{event.pk}/")
    assert page.locator(".changes").evaluate("each => each.getBoundingClientRect().right") <= 390


def test_an_invited_reader_joins_and_sees_no_way_to_change_anything(
    sign_in: SignIn, admin: User, contoso: Tenant, window: Window
) -> None:
    page = sign_in(admin)
    page.goto("/t/contoso/settings/members/")
    page.get_by_role("group", name="Commands").get_by_role("link", name="Invite").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Email").fill("rita@contoso.example")
    dialog.get_by_label("Read Only Operator").check()
    dialog.get_by_role("button", name="Invite").click()
    path = dialog.locator("code").inner_text().split("/", 3)[3]
    colleague = window()
    colleague.goto(f"/{path}")
    colleague.get_by_label("Your name").fill("Rita")
    colleague.get_by_label("Password", exact=False).first.fill("a-long-new-phrase")
    colleague.get_by_label("Password again").fill("a-long-new-phrase")
    colleague.get_by_role("button", name="Accept and sign in").click()
    expect(colleague.get_by_role("heading", name="Overview")).to_be_visible()
    for address, word in (
        ("users/", "Add user"),
        ("settings/members/", "Invite"),
        ("settings/domains/", "Add domain"),
    ):
        colleague.goto(f"/t/contoso/{address}")
        expect(colleague.get_by_text(word, exact=True)).to_have_count(0)
