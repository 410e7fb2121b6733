"""Commands act on exactly the chosen rows, never on another tenant's or on a misread filter."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from devices.models import AutopilotDevice
from tenants.models import Tenant, User

ADDRESS = "/t/contoso/sample/rename"


@pytest.fixture
def devices(contoso: Tenant) -> list[AutopilotDevice]:
    """Three devices, two of them KIOSK."""
    tags = ["KIOSK", "KIOSK", "LAB"]
    return [
        AutopilotDevice.objects.create(
            tenant=contoso, serial_number=f"SN-{number}", manufacturer="C", group_tag=tag
        )
        for number, tag in enumerate(tags)
    ]


@pytest.fixture
def browser_of_admin(client: Client, admin: User) -> Client:
    """The administrator's browser."""
    client.force_login(admin)
    return client


def renamed() -> set[str]:
    """The serials the command reached."""
    rows = AutopilotDevice.unscoped.filter(display_name="RENAMED")
    return set(rows.values_list("serial_number", flat=True))


def confirm(client: Client, **data: Any) -> Any:
    """Press the dialog's own button with the phrase typed."""
    return client.post(ADDRESS, {"step": "confirm", "typed": "Contoso", **data})


def test_ticked_rows_are_the_selection(browser_of_admin: Client, devices: list[AutopilotDevice]) -> None:
    answer = confirm(browser_of_admin, selection=[devices[0].pk, devices[2].pk])
    assert answer.status_code == 302
    assert renamed() == {"SN-0", "SN-2"}


@pytest.mark.parametrize(
    "sent",
    [
        {"only": "00000000-0000-4000-8000-000000000000"},
        {"selection": "matching", "query": "group_tag=GONE"},
    ],
)
def test_no_dialog_opens_for_rows_that_are_gone(
    browser_of_admin: Client, devices: list[AutopilotDevice], sent: dict[str, str]
) -> None:
    answer = browser_of_admin.post(ADDRESS, sent)
    assert answer.status_code == 400
    assert "is in this list any more" in answer.content.decode()


def test_everything_that_matches_is_the_filtered_list(
    browser_of_admin: Client, devices: list[AutopilotDevice]
) -> None:
    confirm(browser_of_admin, selection="matching", query="group_tag=KIOSK")
    assert renamed() == {"SN-0", "SN-1"}


def test_a_row_menu_wins_over_ticked_rows(browser_of_admin: Client, devices: list[AutopilotDevice]) -> None:
    confirm(browser_of_admin, only=devices[1].pk, selection=[devices[0].pk])
    assert renamed() == {"SN-1"}


def test_opening_the_dialog_changes_nothing_and_carries_the_selection_on(
    browser_of_admin: Client, devices: list[AutopilotDevice]
) -> None:
    answer = browser_of_admin.post(ADDRESS, {"selection": [devices[0].pk]})
    body = answer.content.decode()
    assert f'name="selection" value="{devices[0].pk}"' in body
    assert "1 chosen" in body
    assert renamed() == set()


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({}, "Select at least one row first."),
        ({"selection": ["not-a-key"]}, "could not be understood"),
        ({"selection": ["a\x00b"]}, "could not be understood"),
        ({"selection": ["x"] * 1500}, "Select fewer rows"),
        ({"selection": "matching", "query": "colour=red"}, "There is no filter named"),
        ({"selection": "matching", "query": "enrollment_state=purple"}, "Enrollment state"),
        ({"selection": "matching", "query": "q=" + "x" * 9000}, "could not be understood"),
    ],
)
def test_a_selection_that_makes_no_sense_is_refused(
    browser_of_admin: Client, devices: list[AutopilotDevice], data: dict[str, Any], sentence: str
) -> None:
    answer = confirm(browser_of_admin, **data)
    assert answer.status_code == 400
    assert sentence in answer.content.decode()
    assert renamed() == set()


def test_another_tenants_rows_are_never_selected(
    browser_of_admin: Client, devices: list[AutopilotDevice], fabrikam: Tenant
) -> None:
    other = AutopilotDevice.objects.create(tenant=fabrikam, serial_number="F-1", manufacturer="C")
    confirm(browser_of_admin, selection=[other.pk])
    assert renamed() == set()


def test_a_wrong_phrase_is_refused_by_the_server(
    browser_of_admin: Client, devices: list[AutopilotDevice]
) -> None:
    answer = confirm(browser_of_admin, selection=[devices[0].pk], typed="contoso")
    assert answer.status_code == 422
    assert "Type Contoso exactly." in answer.content.decode()
    assert renamed() == set()


def test_the_command_needs_its_permission(
    client_of: Callable[[User], Client], reader: User, devices: list[AutopilotDevice]
) -> None:
    answer = confirm(client_of(reader), selection=[devices[0].pk])
    assert answer.status_code == 403
    assert "devices.update" in answer.content.decode()
