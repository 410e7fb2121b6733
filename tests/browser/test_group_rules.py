"""The tester of a rule in Chromium: live while one types, without pressing anything."""

import pytest
from playwright.sync_api import expect

from tenants.models import Tenant, User
from tests import factories
from tests.browser.conftest import SignIn
from tests.page_at_rest import violations

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_tester_follows_the_typing_and_names_a_fault_at_its_place(
    sign_in: SignIn, contoso: Tenant, admin: User
) -> None:
    factories.machines(contoso, 2, group_tag="KIOSK")
    page = sign_in(admin)
    page.goto("/t/contoso/groups/new/")
    expect(page.get_by_label("Rule", exact=True)).to_be_hidden()
    page.get_by_label("Dynamic device").check()
    page.get_by_role("button", name="One group tag").click()
    expect(page.get_by_role("heading", name="2 devices match")).to_be_visible()
    page.get_by_label("Rule", exact=True).fill('device.displayName -eq "A" -and device.colour')
    expect(page.get_by_text("Line 1, column 33")).to_be_visible()
    page.get_by_label("Rule", exact=True).fill("device.objectId -ne null")
    page.get_by_label("Try a device").fill("TEST-")
    expect(page.get_by_text("Matches", exact=True).first).to_be_visible()
    assert violations(page) == []
