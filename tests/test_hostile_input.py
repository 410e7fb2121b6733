"""Hostile values at every door of a tenant or a partner: a clear answer each, never a server error."""

import uuid
from functools import partial
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from tenants.models import Partner
from tests import factories
from tests.doors import DOORS, PartnerDoor

KINDS = {
    "nul": "a\x00b",
    "huge number": "9" * 60,
    "no uuid": "zz'\"%<>\\",
    "lone surrogate": "\ud800".encode("utf-8", "surrogatepass"),
    "odd spaces": "\u202e\ufeff\u2028²",
    "long": "x" * 50_000,
}
PARAMETERS = (
    "q sort columns size after before fragment tab for outcome verdict state with_hash "
    "group_tag profile_status enrollment_state last_contacted_at created_at"
)
FIELDS = (
    "name description membership rule_text device serials group user display_name device_type "
    "device_name_template "
    "target include exclude group_tag user_principal_name addressable_user_name operation text upn "
    "friendly_name profile older way typed pasted default_group_tag updates_user row ticked email "
    "is_on device_limit kind sales_region provider_id role is_active note days region "
    "tenant_name tenant_slug time_zone slug roles one_time_key selection only query reviewed accepted file"
)
PLACED = [door for door in DOORS if door.is_of_tenant or isinstance(door, PartnerDoor)]
POSTS = [door for door in PLACED if door.posts]
READS = [door for door in PLACED if door.reads]
ODD_BODIES = {
    "broken multipart": (b"--x\r\nbroken", "multipart/form-data; boundary=x"),
    "no boundary": (b"a", "multipart/form-data"),
    "json": (b"{}", "application/json"),
    "unknown charset": (b"a=1", "application/x-www-form-urlencoded; charset=nonsense"),
}


@pytest.fixture
def world(contoso: Any, admin: Any) -> dict[str, str]:
    """Plausible values for every field of every form, in a tenant with a device, a group, a profile."""
    device = factories.machines(contoso, 1)[0]
    group = factories.make_group(contoso, "Kiosks")
    profile = factories.make_profile(contoso, "Standard", group)
    upn = factories.make_directory_user(contoso, "adele@contoso.example").user_principal_name
    choices = {
        "device_type": "windowsPc",
        "device_usage_type": "singleUser",
        "join_type": "entra",
        "user_type": "administrator",
        "locale": "os-default",
        "target": "groups",
        "operation": "set",
        "older": "skip",
        "way": "registration",
        "membership": "dynamic",
        "roles": "read_only_operator",
        "role": "partner_agent",
    }
    keys = {"selection": device.pk, "group": group.pk, "include": group.pk, "profile": profile.pk}
    people = dict.fromkeys(("user", "upn", "user_principal_name"), upn)
    texts = {
        "name": "N",
        "display_name": "N",
        "text": "T",
        "rule_text": 'device.displayName -eq "T"',
        "email": "a@x.example",
    }
    numbers = {"step": "confirm", "revision": "1", "row": "1", "one_time_key": uuid.uuid4()}
    return {name: str(value) for name, value in (choices | keys | people | texts | numbers).items()}


@pytest.fixture
def client(client_of: Any, admin: Any, tailwind: Any) -> Client:
    """A browser that sees errors as pages, of a person who works for a partner as well."""
    factories.work_for(tailwind, admin)
    factories.work_for(tailwind, factories.make_person("other@tailwind.example"))
    client = client_of(admin)
    client.raise_request_exception = False
    return client


def status(client: Client, method: str, url: str, data: Any, **options: Any) -> int:
    """The status of a request; what it changed is undone."""
    with transaction.atomic():
        call = getattr(client, method) if isinstance(data, dict) else partial(client.generic, method.upper())
        answer = call(url, data, **options)
        if answer.streaming:
            b"".join(answer.streaming_content)
        transaction.set_rollback(True)
    return answer.status_code


def address(door: Any, tenant: Any) -> str:
    """The door's address with an object of the tenant, or of the partner."""
    place = Partner.objects.get(slug="tailwind") if isinstance(door, PartnerDoor) else tenant
    return reverse(door.name, kwargs={**door.scope(place), **(door.of(place) if door.of else {})})


@pytest.mark.django_db
def test_no_parameter_breaks_a_page(world, contoso, client):
    broken = []
    for door in READS:
        url = address(door, contoso)
        for kind, value in list(KINDS.items())[:3]:
            sent = dict.fromkeys(PARAMETERS.split(), value[:4000])
            if status(client, "get", url, sent) >= 500:
                broken.append(f"{door.name} {kind}")
    assert not broken


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["nul", "huge number", "long"])
def test_no_field_breaks_a_form(kind, world, contoso, client):
    """Every field alone beside plausible ones would take minutes: fields go in by turns of four."""
    names, broken = FIELDS.split(), []
    for door in POSTS:
        url = address(door, contoso)
        for turn in range(4):
            sent = world | dict.fromkeys(names[turn::4], KINDS[kind])
            if status(client, "post", url, sent) >= 500:
                broken.append(f"{door.name} {names[turn::4]}")
    assert not broken


@pytest.mark.django_db
@pytest.mark.parametrize("body", ODD_BODIES)
def test_no_odd_body_breaks_a_form(body, contoso, client):
    data, kind = ODD_BODIES[body]
    urls = [address(door, contoso) for door in POSTS]
    assert not [url for url in urls if status(client, "post", url, data, content_type=kind) >= 500]


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_no_page_answers_other_methods(method, contoso, client):
    urls = [address(door, contoso) for door in PLACED]
    assert not [url for url in urls if status(client, method, url, b"") != 405]


@pytest.mark.django_db
def test_an_import_with_an_absurd_one_time_key_is_taken_as_new(contoso, client):
    url = reverse("devices:import_new", kwargs={"tenant_slug": "contoso"})
    sent = {
        "pasted": "Device Serial Number,Windows Product ID,Hardware Hash\n1,,x\n",
        "one_time_key": "a\x00b",
    }
    assert client.post(url, sent).status_code == 302
