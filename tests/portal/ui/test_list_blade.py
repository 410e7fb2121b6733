"""List pages: what the address asks for is what the page shows; nothing absurd breaks it."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from devices.models import AutopilotDevice
from tenants.models import Tenant, User
from tests import factories

Get = Callable[..., Any]


def serials(answer: Any) -> list[str]:
    """The serial numbers of the rows, in order."""
    return re.findall(r"data-open>([^<]+)</a>", answer.content.decode())


def make(tenant: Tenant, *names: str, **fields: Any) -> None:
    """Live devices with these serials."""
    for name in names:
        AutopilotDevice.objects.create(tenant=tenant, serial_number=name, manufacturer="C", **fields)


def test_a_list_shows_the_rows_of_its_tenant_only(open_list: Get, contoso: Tenant, fabrikam: Tenant) -> None:
    make(contoso, "SN-2", "SN-1")
    make(fabrikam, "SN-3")
    assert serials(open_list()) == ["SN-1", "SN-2"]


def test_an_anonymous_person_is_sent_to_sign_in(client: Client, contoso: Tenant) -> None:
    answer = client.get("/t/contoso/sample/?q=abc")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/?next=/t/contoso/sample/")


def test_a_stranger_finds_no_such_page(client_of: Any, contoso: Tenant, outsider: User) -> None:
    answer = client_of(outsider).get("/t/contoso/sample/")
    assert answer.status_code == 404
    assert b"There is nothing at this address" in answer.content


def test_a_search_of_three_characters_finds_a_fragment(open_list: Get, contoso: Tenant) -> None:
    make(contoso, "AB-1234-X", "ZZ-9999")
    assert serials(open_list("?q=123")) == ["AB-1234-X"]


def test_a_search_of_two_characters_finds_a_prefix(open_list: Get, contoso: Tenant) -> None:
    make(contoso, "AB-1", "XAB-2")
    assert serials(open_list("?q=ab")) == ["AB-1"]


@pytest.mark.parametrize("text", ["%%%", "___", r"\\\\", "'\"; --"])
def test_search_characters_of_sql_are_only_characters(open_list: Get, contoso: Tenant, text: str) -> None:
    make(contoso, "AB-1")
    answer = open_list("", data={"q": text})
    assert answer.status_code == 200
    assert serials(answer) == []


def test_a_filter_shows_as_a_pill_and_narrows(open_list: Get, contoso: Tenant) -> None:
    make(contoso, "SN-1", group_tag="KIOSK")
    make(contoso, "SN-2", group_tag="LAB")
    answer = open_list("?group_tag=KIOSK")
    assert serials(answer) == ["SN-1"]
    assert b"Remove filter Group tag: KIOSK" in answer.content


def test_several_values_of_a_filter_are_alternatives(open_list: Get, contoso: Tenant) -> None:
    make(contoso, "SN-1", group_tag="KIOSK")
    make(contoso, "SN-2", group_tag="LAB")
    make(contoso, "SN-3", group_tag="OTHER")
    make(contoso, "SN-4")
    assert serials(open_list("?group_tag=KIOSK&group_tag=LAB&group_tag=(none)")) == [
        "SN-1",
        "SN-2",
        "SN-4",
    ]


@pytest.mark.parametrize(("word", "found"), [("yes", ["SN-1"]), ("no", ["SN-2"])])
def test_a_presence_filter_tells_with_from_without(
    open_list: Get, contoso: Tenant, word: str, found: list[str]
) -> None:
    make(contoso, "SN-1", user_principal_name="a@contoso.example")
    make(contoso, "SN-2")
    assert serials(open_list(f"?has_user={word}")) == found


@pytest.mark.parametrize(
    "query",
    [
        "last_contacted_at=2026-01-01..2026-01-31",
        "last_contacted_at=2026-01-01&last_contacted_at=2026-01-31",
        "last_contacted_at=..2026-01-31",
    ],
)
def test_a_date_range_includes_both_days(open_list: Get, contoso: Tenant, query: str) -> None:
    make(contoso, "IN", last_contacted_at="2026-01-31T23:59:59Z")
    make(contoso, "OUT", last_contacted_at="2026-02-01T00:00:00Z")
    make(contoso, "NEVER")
    assert serials(open_list(f"?{query}")) == ["IN"]


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("colour=red", "There is no filter named “colour”."),
        ("enrollment_state=purple", "Enrollment state: "),
        ("last_contacted_at=yesterday", "is not a date"),
        ("last_contacted_at=0001-01-01", "is not a date"),
        ("last_contacted_at=2026-02-01..2026-01-01", "The first day is after the last day."),
        ("sort=model_name", "cannot be sorted"),
        ("columns=hash", "There is no column named"),
        ("size=100000000", "A page has 25, 50, 100 or 200 rows."),
        ("q=" + "x" * 500, "at most 200 characters"),
        ("q=a%00b", "cannot be searched"),
        ("group_tag=a%00b", "Group tag: "),
    ],
)
def test_a_parameter_that_makes_no_sense_is_named_and_shows_no_rows(
    open_list: Get, contoso: Tenant, query: str, sentence: str
) -> None:
    make(contoso, "SN-1")
    answer = open_list(f"?{query}")
    assert answer.status_code == 200
    assert sentence in answer.content.decode()
    assert serials(answer) == []


@pytest.mark.parametrize("cursor", ["x", "a:b:c", "%00", "🚀", "1" * 3000])
def test_an_absurd_cursor_is_named_and_gives_the_first_page(
    open_list: Get, contoso: Tenant, cursor: str
) -> None:
    make(contoso, "SN-1")
    answer = open_list("", data={"after": cursor})
    assert "The page mark in the address is not valid" in answer.content.decode()
    assert serials(answer) == ["SN-1"]


def test_the_next_and_previous_links_walk_the_list(open_list: Get, contoso: Tenant) -> None:
    make(contoso, *[f"SN-{number:03d}" for number in range(60)])
    first = open_list("?size=25")
    forward = re.search(r'rel="next" href="([^"]+)"', first.content.decode())
    second = open_list("?" + forward[1].partition("?")[2].replace("&amp;", "&"))
    assert serials(second)[0] == "SN-025"
    back = re.search(r'rel="prev" href="([^"]+)"', second.content.decode())
    again = open_list("?" + back[1].partition("?")[2].replace("&amp;", "&"))
    assert serials(again) == serials(first)


def test_columns_are_chosen_by_the_address(open_list: Get, contoso: Tenant) -> None:
    make(contoso, "SN-1", purchase_order="PO-77")
    assert b"PO-77" not in open_list().content
    assert b"PO-77" in open_list("?columns=serial_number&columns=purchase_order").content


def test_cells_are_escaped(open_list: Get, contoso: Tenant) -> None:
    make(contoso, "<script>1", model="<b>", group_tag='"><img src=x>')
    body = open_list().content.decode()
    assert "<script>1" not in body
    assert "<b>" not in body.partition("<tbody")[2]
    assert "<img" not in body


def test_html_that_a_column_renders_safely_stays_html(open_list: Get, contoso: Tenant) -> None:
    make(contoso, "SN-1", model="Fancy")
    assert "<em>Fancy</em>" in open_list().content.decode()


def test_htmx_gets_only_the_list_and_its_canonical_address(open_list: Get, contoso: Tenant) -> None:
    make(contoso, "SN-1")
    answer = open_list(
        "?q=SN-&group_tag=&last_contacted_at=&last_contacted_at=",
        headers={"HX-Request": "true", "HX-Target": "list"},
    )
    assert answer["HX-Push-Url"] == "/t/contoso/sample/?q=SN-"
    assert answer.content.lstrip().startswith(b"<section")


def test_inputs_left_blank_stay_out_of_the_canonical_address(open_list: Get, contoso: Tenant) -> None:
    sent = "group_tag=KIOSK&group_tag=&enrollment_state=&last_contacted_at=&last_contacted_at=2026-01-31"
    address = open_list(f"?{sent}", headers={"HX-Request": "true", "HX-Target": "list"})["HX-Push-Url"]
    kept = "group_tag=KIOSK&last_contacted_at=&last_contacted_at=2026-01-31"
    assert address == f"/t/contoso/sample/?{kept}"


@pytest.mark.parametrize(("many", "words"), [(1, "1 device"), (3, "3 devices")])
def test_the_count_is_its_own_fragment(open_list: Get, contoso: Tenant, many: int, words: str) -> None:
    make(contoso, *[f"SN-{number}" for number in range(many)])
    assert open_list("?fragment=count").content.decode().strip() == words


def test_a_count_beyond_the_cap_says_so(
    open_list: Get, contoso: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.ui.list_blade.COUNT_CAP", 2)
    make(contoso, "SN-1", "SN-2", "SN-3", "SN-4")
    assert open_list("?fragment=count").content.decode().strip() == "2+ devices"


def test_commands_without_permission_are_not_offered(client_of: Any, reader: User, contoso: Tenant) -> None:
    body = client_of(reader).get("/t/contoso/sample/").content.decode()
    assert "Rename" not in body
    assert "Filter" in body


def test_an_empty_list_offers_the_command_that_starts_it(
    open_list: Get, client_of: Any, reader: User, contoso: Tenant
) -> None:
    def step(page: Any) -> bool:
        return b'<a class="button primary" href="/t/contoso/sample/erase' in page.content

    assert step(open_list())
    assert not step(open_list("?q=nothing"))
    assert not step(client_of(reader).get("/t/contoso/sample/"))


@pytest.mark.parametrize("many", [10, 200])
def test_the_number_of_queries_does_not_grow_with_rows(
    open_list: Get, contoso: Tenant, django_assert_num_queries: Any, many: int
) -> None:
    make(contoso, *[f"SN-{number}" for number in range(many)])
    open_list()
    with django_assert_num_queries(5):
        open_list("?size=200")


def test_a_tag_of_a_machine_registered_by_the_service_is_found(open_list: Get, contoso: Tenant) -> None:
    factories.listed(contoso, "SN-77", group_tag="KIOSK")
    assert serials(open_list("?q=kiosk")) == ["SN-77"]


def test_a_search_that_takes_too_long_says_so(
    open_list: Get, contoso: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(contoso, "SN-1")
    slow = AutopilotDevice.objects.of(contoso).extra(where=["pg_sleep(3) IS NOT NULL"])
    monkeypatch.setattr("portal.ui.list_blade.narrow", lambda rows, text, **options: slow)
    answer = open_list("?q=anything")
    assert answer.status_code == 200
    assert "This search takes too long." in answer.content.decode()
    assert open_list().status_code == 200
