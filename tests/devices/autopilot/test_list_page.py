"""The list page: columns, filters, search, keyset paging, what it costs."""

import re

import pytest
from django.utils import timezone

from devices.models import AutopilotDevice
from devices.services.syncs import mirroring
from tests import factories

pytestmark = pytest.mark.django_db

LIST = "/t/contoso/autopilot-devices/"


def page(client, **parameters):
    return client.get(LIST, parameters)


def shown(response):
    return re.findall(r'<th scope="row"><a [^>]*>([^<]+?)\s*<', response.content.decode())


@pytest.fixture
def client(client_of, admin):
    return client_of(admin)


@pytest.fixture
def trio(contoso):
    factories.make_directory_user(contoso, "ada@contoso.example")
    factories.listed(
        contoso, "SN-1", group_tag="KIOSK", model="Meridian", user_principal_name="ada@contoso.example"
    )
    factories.listed(contoso, "SN-2", purchase_order="PO-7", manufacturer="Fabrikam")
    factories.listed(contoso, "SN-3", group_tag="DESK")
    rows = AutopilotDevice.objects.of(contoso)
    rows.filter(serial_number="SN-2").update(last_contacted_at="2026-03-01T10:00Z")
    rows.filter(serial_number="SN-3").update(enrollment_state="blocked", assignment_status="failed")


def test_an_empty_tenant_is_told_what_to_do(client, contoso):
    assert "No devices are registered yet" in page(client).content.decode()


def test_the_words_of_the_list_are_intunes(client, trio):
    text = page(client).content.decode()
    for word in (
        "Windows Autopilot devices",
        "Profile status",
        "Never",
        "Default (built-in)",
        "Not contacted",
    ):
        assert word in text


def test_the_commands_stand_in_the_hands_order(client, trio):
    text = page(client).content.decode()
    words = ["Sync", "Filter", "Import", "Export", "Assign user", "Refresh", "Delete", "Unblock device"]
    words += ["Edit group tag", "Assign profile", "Columns"]
    bar = text[text.index("data-command-bar") :]
    places = [bar.index(f"<span>{word}</span>") for word in words]
    assert places == sorted(places)


def test_our_own_commands_stand_behind_intunes(client, trio):
    text = page(client).content.decode()
    bar = text[text.index("data-command-bar") : text.index("</div>", text.index("data-command-bar"))]
    words = re.findall(r"<span>([^<]+)</span>", bar)
    assert words[words.index("Unblock device") + 1 :] == [
        *("Edit group tag", "Assign profile", "Unassign user", "Add to group", "Move", "Export with hashes"),
        "Columns",
    ]


def test_the_user_can_be_taken_from_many_devices_at_once(client, trio):
    text = page(client).content.decode()
    command = text[: text.index("<span>Unassign user</span>")].rpartition("<button")[2]
    assert 'data-needs="many"' in command
    assert 'formaction="/t/contoso/autopilot-devices/unassign-user/"' in command


@pytest.mark.parametrize(
    ("parameters", "serials"),
    [
        ({"group_tag": "KIOSK"}, ["SN-1"]),
        ({"group_tag": ["KIOSK", "DESK"]}, ["SN-1", "SN-3"]),
        ({"group_tag": "(none)"}, ["SN-2"]),
        ({"manufacturer": "Fabrikam"}, ["SN-2"]),
        ({"model": "Meridian"}, ["SN-1"]),
        ({"profile_status": "failed"}, ["SN-3"]),
        ({"assigned_profile": "(none)"}, ["SN-1", "SN-2", "SN-3"]),
        ({"enrollment_state": "blocked"}, ["SN-3"]),
        ({"user_assigned": "yes"}, ["SN-1"]),
        ({"user_assigned": "no"}, ["SN-2", "SN-3"]),
        ({"purchase_order": "PO-7"}, ["SN-2"]),
        ({"registered_by": "Nobody"}, []),
        ({"registered_at": "2020-01-01..2020-01-02"}, []),
        ({"last_contacted_at": "2026-03-01..2026-03-01"}, ["SN-2"]),
        ({"profile_assigned_at": "2020-01-01.."}, []),
        ({"q": "n-3"}, ["SN-3"]),
        ({"q": "sn"}, ["SN-1", "SN-2", "SN-3"]),
        ({"q": "ada@"}, ["SN-1"]),
        ({"sort": "-serial_number"}, ["SN-3", "SN-2", "SN-1"]),
        ({"sort": "-last_contacted_at", "size": "25"}, ["SN-2", "SN-3", "SN-1"]),
    ],
)
def test_every_filter_search_and_sort(client, trio, parameters, serials):
    found = shown(page(client, **parameters))
    if parameters.get("sort") == "-last_contacted_at":
        assert (found[0], set(found)) == (serials[0], set(serials))
    else:
        assert found == serials


def test_devices_without_a_tag_are_asked_for_by_a_box_and_named_by_a_pill(client, trio):
    text = page(client, group_tag="(none)").content.decode()
    assert '<input type="checkbox" name="group_tag" value="(none)" checked>Without a group tag' in text
    assert "Remove filter Group tag: Without a group tag" in text
    assert 'type="text" name="group_tag" value="(none)"' not in text


@pytest.mark.parametrize(
    "parameters",
    [
        {"colour": "red"},
        {"profile_status": "sideways"},
        {"registered_at": "yesterday"},
        {"registered_at": "2026-02-01..2026-01-01"},
        {"q": "a\x00b"},
        {"group_tag": "a\x00b"},
        {"size": "100000000"},
        {"sort": "enrollment_state"},
        {"columns": "hash"},
        {"after": "x" * 5000},
        {"after": "100000000"},
        {"assigned_profile": "not-a-uuid"},
        {"q": "x" * 300},
    ],
)
def test_an_impossible_parameter_gets_a_sentence(client, trio, parameters):
    response = page(client, **parameters)
    assert response.status_code == 200
    assert 'role="alert"' in response.content.decode()


def test_all_columns_can_be_shown(client, trio):
    names = ",".join(
        "serial_number user addressable_user_name purchase_order display_name profile_assigned_at "
        "registered_at registered_by managed_device entra_device".split()
    )
    text = page(client, columns=names).content.decode()
    assert "Associated Microsoft Entra device" in text
    assert "PO-7" in text


def test_paging_walks_through_ties_without_losing_or_repeating(client, contoso):
    rows = factories.register_many(contoso, 130, model="Same")
    mirroring.mirror(tenant=contoso, now=timezone.now())
    seen, response = [], page(client, sort="model", size="25")
    for _number in range(20):
        seen += shown(response)
        match = re.search(r'rel="next" href="([^"]+)"', response.content.decode())
        if match is None:
            break
        response = client.get(match[1].replace("&amp;", "&"))
    assert len(seen) == len(set(seen)) == len(rows)


@pytest.mark.parametrize("count", [10, 1000])
def test_the_page_costs_the_same_for_10_and_1000_devices(client, contoso, count, django_assert_num_queries):
    factories.register_many(contoso, count)
    mirroring.mirror(tenant=contoso, now=timezone.now())
    page(client)
    with django_assert_num_queries(QUERIES):
        page(client)


QUERIES = 11


def test_another_tenants_devices_are_not_listed(client_of, outsider, trio):
    assert client_of(outsider).get(LIST).status_code == 404


def test_a_device_being_deleted_says_so(client, trio):
    AutopilotDevice.unscoped.filter(serial_number="SN-1").update(deletion_requested_at=timezone.now())
    assert "Being deleted" in page(client).content.decode()
