"""The doors of machines: the tenant's key and nothing else opens them, and every refusal is problem JSON."""

import json
import logging

import pytest
from django.test import Client
from django.urls import reverse

from devices.hardware.encode import encode_base64
from devices.views.device_side import door
from tests.devices.device_side.conftest import Machine, switch_on
from tests.doors import DOORS, DeviceDoor

pytestmark = pytest.mark.django_db
ADDRESSES = [reverse(each.name) for each in DOORS if isinstance(each, DeviceDoor)]
PROBLEM = "application/problem+json"


def knock(url, key="", client=None, body=b"{}", **options):
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    client = client or Client(enforce_csrf_checks=True)
    return client.post(url, body, content_type="application/json", headers=headers, **options)


@pytest.mark.parametrize("url", ADDRESSES)
def test_without_the_tenants_key_nobody_gets_in(url, key, admin, client_of):
    for answer in (knock(url), knock(url, "wrong"), knock(url, client=client_of(admin))):
        assert (answer.status_code, answer["Content-Type"]) == (401, PROBLEM)
        assert answer.json()["code"] == "unknown_enrollment_key"
        assert answer["WWW-Authenticate"] == "Bearer"
        assert not answer.cookies


@pytest.mark.parametrize("url", ADDRESSES)
def test_a_machine_with_the_key_is_heard_without_session_or_csrf_token(url, key):
    answer = knock(url, key)
    assert answer["Content-Type"] == PROBLEM
    heard = ((400, "bad_request"), (401, "unknown_device_secret"), (404, "no_such_address"))
    assert (answer.status_code, answer.json()["code"]) in heard
    assert not answer.cookies


@pytest.mark.parametrize("url", ["/device/v1/", "/device/v1/profiles", "/device/v1/check-ins/"])
def test_an_unknown_address_is_a_problem_and_no_page(url, key):
    answer = knock(url, key)
    assert (answer.status_code, answer["Content-Type"]) == (404, PROBLEM)


@pytest.mark.parametrize("url", ADDRESSES)
def test_other_methods_are_not_answered(url, key):
    answer = Client().get(url)
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert answer.json()["code"] == "method_not_allowed"


def test_a_key_opens_its_own_tenant_only(registered, fabrikam):
    stranger = Machine(switch_on(fabrikam), registered(1).hardware)
    assert stranger.fetch()["registration"] == "registeredElsewhere"
    refused = stranger.ask("enrollments", mode="userDriven", user="ann@contoso.example")
    assert (refused.status_code, refused.json()["code"]) == (403, "wrong_tenant")
    assert refused.json()["errorCode"] == "808"
    assert "Contoso" not in refused.content.decode()


@pytest.mark.parametrize(
    "body", [b"", b"nonsense", b"[]", b"null", b'"x"', b"\xff\xfe", b"[" * 5000, b'{"hardwareHash": 1}']
)
def test_a_body_that_is_no_request_is_told_so(body, key):
    answer = knock("/device/v1/profile", key, body=body)
    assert answer.status_code == 400
    assert answer.json()["code"] in ("bad_request", "bad_hardware_hash")


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("enrollments", {"mode": "byMagic"}, "mode"),
        ("enrollments", {"mode": "userDriven"}, "user"),
        ("enrollments", {"mode": "userDriven", "user": "a\x00b"}, "user"),
        ("joins", {"mode": "userDriven", "user": "a"}, "mode"),
        ("enrollments", {"mode": "selfDeploying", "osVersion": "ten"}, "osVersion"),
        ("check-ins", {"acknowledged": {"id": 1}}, "acknowledged"),
        ("check-ins", {"acknowledged": [{"id": "x", "outcome": "done"}]}, "acknowledged"),
        ("check-ins", {"acknowledged": 5}, "acknowledged"),
        ("profile", {"profileId": "none"}, "profileId"),
    ],
)
def test_the_problem_names_the_field(path, body, field, machine):
    answer = machine().ask(path, **body)
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [field]


def test_a_broken_hash_is_explained_and_never_repeated_or_logged(machine, caplog):
    text = encode_base64(machine().hardware)
    broken = text[:2000] + ("B" if text[2000] != "B" else "C") + text[2001:]
    with caplog.at_level(logging.DEBUG):
        answer = machine().send("profile", {"hardwareHash": broken})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_hardware_hash")
    assert broken[:200] not in answer.content.decode() + caplog.text


def test_more_than_a_machine_has_to_say_is_not_read(key):
    body = json.dumps({"hardwareHash": "A" * door.LARGEST_BODY}).encode()
    assert knock("/device/v1/profile", key, body=body).status_code == 413


def test_a_tenant_has_so_many_requests_a_minute(machine, monkeypatch):
    monkeypatch.setattr(door, "REQUESTS_A_MINUTE", 2)
    statuses = [machine().ask("profile") for _number in range(3)]
    assert [each.status_code for each in statuses] == [200, 200, 429]
    assert 0 < int(statuses[2]["Retry-After"]) <= 61


def test_an_address_has_so_many_wrong_keys_a_minute(key, monkeypatch):
    monkeypatch.setattr(door, "WRONG_KEYS_A_MINUTE", 2)
    assert [knock(ADDRESSES[0], "wrong").status_code for _number in range(3)] == [401, 401, 429]
    assert knock(ADDRESSES[0], key).status_code == 400


@pytest.mark.django_db(transaction=True)
def test_a_machine_is_told_when_to_try_again_while_the_database_is_away(key, lose_database):
    lose_database()
    answer = knock(ADDRESSES[0], key)
    assert (answer.status_code, answer["Content-Type"], answer["Retry-After"]) == (503, PROBLEM, "5")
    assert answer.json()["code"] == "database_away"
