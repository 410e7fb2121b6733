"""The shell: exports, flyouts, refusals, navigation, look, time zone."""

import csv
import io
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpRequest
from django.test import Client

from devices.models import AutopilotDevice
from portal.sections import PARTNER_SECTIONS, SECTIONS
from portal.ui.navigation import address_of
from tenants.models import Tenant, User
from tenants.permissions import PARTNER_PERMISSIONS, PERMISSIONS
from tests import factories

Get = Callable[..., Any]
HTMX = {"HX-Request": "true"}


def make(tenant: Tenant, serial: str, **fields: Any) -> AutopilotDevice:
    """A live device."""
    return AutopilotDevice.objects.create(tenant=tenant, serial_number=serial, manufacturer="C", **fields)


def lines(answer: Any) -> list[list[str]]:
    """The rows of a streamed CSV."""
    text = b"".join(answer.streaming_content).decode()
    return list(csv.reader(io.StringIO(text)))


def test_an_export_holds_exactly_the_filtered_rows(open_list: Get, contoso: Tenant) -> None:
    make(contoso, "SN-1", group_tag="KIOSK", last_contacted_at="2026-01-31T23:59:59Z")
    make(contoso, "SN-2", group_tag="LAB")
    found = lines(open_list("export.csv?group_tag=KIOSK"))
    assert found == [
        ["Serial number", "Model", "Group tag", "Profile status", "Last contacted"],
        ["SN-1", "", "KIOSK", "Not assigned", "2026-01-31T23:59:59Z"],
    ]


def test_an_export_defuses_formulas(open_list: Get, contoso: Tenant) -> None:
    make(contoso, "=1+1", group_tag="@cmd", model="-2")
    assert lines(open_list("export.csv"))[1][:3] == ["'=1+1", "'-2", "'@cmd"]


def test_an_export_of_a_filter_that_makes_no_sense_is_refused(open_list: Get, contoso: Tenant) -> None:
    answer = open_list("export.csv?colour=red")
    assert answer.status_code == 400
    assert "There is no filter named" in answer.content.decode()


def test_a_flyout_is_a_fragment_under_htmx(open_list: Get, contoso: Tenant) -> None:
    device = make(contoso, "SN-1")
    body = open_list(f"{device.pk}/", headers=HTMX).content.decode()
    assert "<html" not in body
    assert "SN-1" in body


def test_a_direct_visit_shows_the_list_with_the_flyout_open(open_list: Get, contoso: Tenant) -> None:
    device = make(contoso, "SN-1")
    make(contoso, "SN-2")
    body = open_list(f"{device.pk}/?tab=history").content.decode()
    assert "data-flyout" in body
    assert "SN-2" in body


def test_a_refusal_is_a_page_with_its_status(client: Client, admin: User, contoso: Tenant) -> None:
    client.force_login(admin)
    answer = client.post("/t/contoso/sample/erase")
    assert answer.status_code == 409
    assert "Somebody is already erasing." in answer.content.decode()


def test_a_refusal_is_a_toast_under_htmx(client: Client, admin: User, contoso: Tenant) -> None:
    client.force_login(admin)
    answer = client.post("/t/contoso/sample/erase", headers=HTMX)
    assert answer.status_code == 409
    assert answer["HX-Retarget"] == "#toasts"
    assert "<html" not in answer.content.decode()


def test_a_form_without_its_token_is_told_to_reload(admin: User, contoso: Tenant) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(admin)
    answer = strict.post("/t/contoso/sample/erase")
    assert answer.status_code == 403
    assert "This form is too old" in answer.content.decode()


def test_the_chosen_look_is_remembered(client: Client, db: None) -> None:
    answer = client.post("/theme", {"theme": "dark", "next": "/healthz"})
    assert answer["Location"] == "/healthz"
    body = client.get("/no-such-page").content.decode()
    assert 'data-theme="dark"' in body


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_the_look_never_leads_to_another_site(client: Client, db: None, target: str) -> None:
    assert client.post("/theme", {"theme": "dark", "next": target})["Location"] == "/"


def test_an_unknown_look_is_not_remembered(client: Client, db: None) -> None:
    assert "hangar_theme" not in client.post("/theme", {"theme": "pink"}).cookies


def test_moments_are_shown_in_the_persons_time_zone(client: Client, admin: User, contoso: Tenant) -> None:
    admin.time_zone = "Asia/Tokyo"
    admin.save()
    make(contoso, "SN-1", last_contacted_at="2026-01-31T23:30:00Z")
    client.force_login(admin)
    body = client.get("/t/contoso/sample/").content.decode()
    assert '<time datetime="2026-01-31T23:30:00Z" title="2026-01-31T23:30:00Z">2026-02-01 08:30' in body


def test_a_local_tenant_says_so(open_list: Get, contoso: Tenant) -> None:
    assert "Real Windows machines ask Microsoft" in open_list().content.decode()


def test_the_switcher_offers_only_the_persons_tenants(open_list: Get, contoso: Tenant) -> None:
    factories.make_tenant("Secretive")
    body = open_list().content.decode()
    assert "Fabrikam" in body
    assert "Secretive" not in body


def test_the_navigation_leaves_out_what_a_person_may_not_see(
    client_of: Callable[[User], Client], profile_manager: User, settings: Any
) -> None:
    link = {"url": "sample:devices", "icon": "home"}
    items = [
        {"label": "Seen", "permission": "devices.read", **link},
        {"label": "Unseen", "permission": "managed_devices.read", **link},
        {"label": "Unbuilt", "permission": "devices.read", **link, "url": "no:where"},
    ]
    settings.HANGAR_NAVIGATION = [{"label": "", "items": items}]
    body = client_of(profile_manager).get("/t/contoso/sample/").content.decode()
    assert "Seen" in body
    assert 'aria-current="page"' in body
    assert "Unseen" not in body
    assert "Unbuilt" not in body


def test_pages_forbid_inline_script_and_style(open_list: Get, contoso: Tenant) -> None:
    make(contoso, "SN-1")
    answer = open_list()
    assert "script-src 'self'" in answer["Content-Security-Policy"]
    body = answer.content.decode()
    assert " style=" not in body
    assert "<style" not in body
    assert "onclick=" not in body


@pytest.mark.parametrize(("folder", "most"), [("css", 200), ("js", 150)])
def test_one_small_file_a_widget(folder: str, most: int) -> None:
    for file in (Path(settings.BASE_DIR) / "static" / folder).iterdir():
        assert len(file.read_text().splitlines()) <= most, file.name


@pytest.mark.parametrize(
    ("place", "sections", "words"),
    [("tenant", SECTIONS, PERMISSIONS), ("partner", PARTNER_SECTIONS, PARTNER_PERMISSIONS)],
    ids=["tenant", "partner"],
)
def test_every_link_of_the_navigation_leads_somewhere(place, sections, words) -> None:
    request = HttpRequest()
    setattr(request, place, SimpleNamespace(slug="contoso"))
    items = [item for section in sections for item in section["items"]]
    assert [item["url"] for item in items if not address_of(item["url"], request)] == []
    assert {item["permission"] for item in items} <= set(words)
