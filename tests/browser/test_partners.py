"""A partner asks, the customer accepts, devices are registered and synced; revoked, the next is refused."""

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from devices.hardware.encode import encode_base64
from devices.hardware.identity import HardwareIdentity
from tenants.models import Partner, Tenant, User
from tests.browser.conftest import SignIn
from tests.devices.partners.sending import machines

pytestmark = [
    pytest.mark.browser,
    pytest.mark.workers,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("real_worker"),
]
HEADER = "Device Serial Number,Windows Product ID,Hardware Hash,Manufacturer name,Device model"
COUNT = 12


def a_file(path: Path, rows: Sequence[str], encoding: str) -> Path:
    """A CSV in Partner Center's shape."""
    path.write_bytes(("\r\n".join((HEADER, *rows)) + "\r\n").encode(encoding))
    return path


def report(page: Page, file: Path) -> None:
    """The manufacturer reports hashes."""
    page.goto("/p/litware/hash-reports/new/")
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="Report", exact=True).click()
    expect(page.get_by_text("Hash kept").first).to_be_visible(timeout=60_000)


def ask(page: Page) -> str:
    """The reseller makes a request; the address of its link."""
    page.goto("/p/tailwind/requests/")
    page.get_by_role("link", name="Create request").first.click()
    page.get_by_role("dialog").get_by_role("button", name="Create").click()
    return urlsplit(page.get_by_role("dialog").locator("code").inner_text()).path


def accept(page: Page, address: str) -> None:
    """The Global Administrator says where the tenant is, ticks Yes and accepts."""
    page.goto(address)
    page.locator("#id_tenant").select_option(label="Contoso")
    page.get_by_label("Region of the tenant").select_option("europe")
    page.get_by_label("Yes").check()
    page.get_by_role("button", name="Accept").click()
    expect(page.get_by_text("may now register devices")).to_be_visible()


def register(page: Page, file: Path) -> None:
    """The reseller sends a file of tuples."""
    page.goto("/p/tailwind/batches/register/")
    page.get_by_label("Customer").select_option(label="Contoso")
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_label("Purchase order").fill("PO-1")
    page.get_by_role("button", name="Register", exact=True).click()


def sync(page: Page) -> None:
    """The customer syncs and waits until the devices are there."""
    page.goto("/t/contoso/autopilot-devices/")
    expect(page.get_by_text(f"{COUNT} devices")).to_be_hidden()
    page.goto("/t/contoso/syncs/start/")
    page.get_by_role("button", name="Sync", exact=True).click()
    page.wait_for_load_state("networkidle")
    for _press in range(60):
        page.goto("/t/contoso/autopilot-devices/?columns=serial_number,purchase_order,registered_by")
        if page.get_by_text(f"{COUNT} devices").count():
            return
        page.wait_for_timeout(500)
    raise AssertionError("the devices never appeared")


def names(found: Sequence[HardwareIdentity]) -> list[str]:
    """Rows that name machines by their tuple."""
    return [f"{each.serial},,,{each.manufacturer},{each.model}" for each in found]


def test_consent_decides_whether_a_partner_registers_devices(
    sign_in: SignIn,
    admin: User,
    reseller: User,
    maker: User,
    contoso: Tenant,
    tailwind: Partner,
    tmp_path: Path,
) -> None:
    found = machines(COUNT)
    hashes = a_file(tmp_path / "cbr.csv", [f",,{encode_base64(each)},," for each in found], "utf-16")
    tuples = a_file(tmp_path / "tuples.csv", names(found), "utf-8")
    report(sign_in(maker), hashes)
    partner, customer = sign_in(reseller), sign_in(admin)
    accept(customer, ask(partner))
    register(partner, tuples)
    expect(partner.get_by_text(f"{COUNT} devices were registered")).to_be_visible(timeout=60_000)
    sync(customer)
    expect(customer.get_by_text("Tailwind").first).to_be_visible()
    partner.goto("/p/tailwind/batches/register/")
    customer.goto("/t/contoso/settings/partners/")
    customer.get_by_role("link", name="Revoke Tailwind").click()
    customer.get_by_role("dialog").get_by_role("button", name="Revoke authorization").click()
    expect(customer.get_by_text("may no longer register")).to_be_visible()
    partner.get_by_label("Customer").select_option(label="Contoso")
    partner.locator("input[type=file]").set_input_files(tuples)
    partner.get_by_role("button", name="Register", exact=True).click()
    expect(partner.get_by_text("Contoso revoked its authorization of Tailwind")).to_be_visible()
    expect(partner.locator("dialog[open]")).to_have_count(0)
    expect(partner.get_by_label("Customer")).to_be_focused()
