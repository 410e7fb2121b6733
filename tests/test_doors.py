"""Every URL × every role × anonymous × another tenant's objects, from the table in doors.py."""

import html
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import NoReverseMatch, get_resolver, reverse

from tenants.models import Membership, Partner, PartnerMembership, Tenant, User
from tenants.permissions import (
    GRANTS,
    PARTNER_GRANTS,
    PARTNER_PERMISSIONS,
    PARTNER_ROLES,
    PERMISSIONS,
    ROLES,
)
from tests import factories
from tests.doors import DOORS, OPERATOR, PROGRAMS, PUBLIC, SIGNED_IN, Door, PartnerDoor

TENANT_DOORS = [door for door in DOORS if door.is_of_tenant]
OBJECT_DOORS = [door for door in TENANT_DOORS if door.of is not None]
PARTNER_DOORS = [door for door in DOORS if isinstance(door, PartnerDoor)]
PARTNER_OBJECT_DOORS = [door for door in PARTNER_DOORS if door.of is not None]


def names(resolver: Any, prefix: str = "") -> Iterator[str]:
    """Every url name below a resolver, with its namespaces."""
    for pattern in resolver.url_patterns:
        if hasattr(pattern, "url_patterns"):
            inner = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
            yield from names(pattern, inner)
        else:
            yield f"{prefix}{pattern.name}"


def each(doors: list[Door]) -> Any:
    """One test a door."""
    return pytest.mark.parametrize("door", doors, ids=[door.name for door in doors])


def address(door: Door, place: Tenant | Partner, arguments: dict[str, Any]) -> str:
    """A door's address in a tenant or a partner."""
    return reverse(door.name, kwargs={**door.scope(place), **arguments})


def made(door: Door, place: Tenant | Partner) -> dict[str, Any]:
    """The arguments of an object of the door in a tenant or a partner."""
    return door.of(place) if door.of else {}


def knock(client: Client, method: str, url: str) -> tuple[int, str, str]:
    """Status, text and Location of an empty request; what it changed is undone."""
    with transaction.atomic():
        answer = getattr(client, method)(url)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        transaction.set_rollback(True)
    return answer.status_code, html.unescape(body.decode(errors="replace")), answer.get("Location", "")


@pytest.fixture
def person(contoso: Tenant) -> User:
    """A member of Contoso whose roles each test sets."""
    user = factories.make_person("person@contoso.example")
    factories.join(contoso, user)
    return user


def give(person: User, role: str) -> None:
    """Exactly one role."""
    Membership.unscoped.filter(user=person).update(roles=[role])


def test_the_table_names_every_url_once() -> None:
    listed = [door.name for door in DOORS]
    assert sorted(names(get_resolver())) == sorted(listed)


def test_every_permission_of_the_table_exists() -> None:
    words = {word for door in TENANT_DOORS for word in door.needs.values() if word}
    assert words <= set(PERMISSIONS)
    words = {word for door in PARTNER_DOORS for word in door.needs.values() if word}
    assert words <= set(PARTNER_PERMISSIONS)


@each(TENANT_DOORS)
def test_each_role_passes_exactly_where_it_may(door, person, contoso, client_of) -> None:
    client, url = client_of(person), address(door, contoso, made(door, contoso))
    for role in ROLES:
        give(person, role)
        for method, word in door.needs.items():
            status, text, _location = knock(client, method, url)
            seen = f"{role} {method} {url}: {status}"
            if not word:
                assert status in (403, 405), seen
            elif word in GRANTS[role]:
                assert status not in (403, 404, 405), seen
                assert status < 500, seen
            else:
                assert status == 403, seen
                assert word in text or door.reads not in (word, *GRANTS[role]), seen


@each(TENANT_DOORS)
def test_a_refusal_names_the_missing_permission(door, contoso, client_of) -> None:
    nobody = factories.make_person("nobody@contoso.example")
    factories.join(contoso, nobody)
    url = address(door, contoso, made(door, contoso))
    for method, word in door.needs.items():
        if word:
            status, text, _location = knock(client_of(nobody), method, url)
            assert status == 403
            assert word in text or door.reads in text


@each(TENANT_DOORS)
def test_an_anonymous_person_is_sent_to_sign_in(door, contoso, client) -> None:
    url = address(door, contoso, made(door, contoso))
    for method, word in door.needs.items():
        if word:
            status, _text, location = knock(client, method, url)
            assert (status, location.partition("?")[0]) == (302, reverse("account_login"))


@each(TENANT_DOORS)
def test_a_stranger_does_not_learn_that_the_tenant_exists(door, contoso, outsider, client_of) -> None:
    url = address(door, contoso, made(door, contoso))
    for method, word in door.needs.items():
        if word:
            assert knock(client_of(outsider), method, url)[0] == 404


@each(OBJECT_DOORS)
def test_another_tenants_object_is_not_found(door, contoso, fabrikam, admin, client_of) -> None:
    url = address(door, contoso, made(door, fabrikam))
    for method, word in door.needs.items():
        if word:
            assert knock(client_of(admin), method, url)[0] == 404


@each([door for door in DOORS if PUBLIC in door.needs.values()])
def test_a_public_door_answers_everybody(door, contoso, client) -> None:
    url = address(door, contoso, made(door, contoso))
    for method, word in door.needs.items():
        if word == PUBLIC:
            assert knock(client, method, url)[0] in (200, 302, 404, 503)


@each([door for door in DOORS if SIGNED_IN in door.needs.values()])
def test_a_personal_door_needs_a_signed_in_person(door, contoso, stranger, client, client_of) -> None:
    url = address(door, contoso, made(door, contoso))
    for method, word in door.needs.items():
        if word == SIGNED_IN:
            status, _text, location = knock(client, method, url)
            assert (status, location.partition("?")[0]) == (302, reverse("account_login"))
            assert knock(client_of(stranger), method, url)[0] in (200, 302)


@each([door for door in DOORS if OPERATOR in door.needs.values()])
def test_the_installations_doors_are_its_operators(door, contoso, admin, superuser, client_of) -> None:
    url = address(door, contoso, made(door, contoso))
    for method, word in door.needs.items():
        if word == OPERATOR:
            assert knock(client_of(admin), method, url)[0] == 404
            assert knock(client_of(superuser), method, url)[0] in (200, 302, 422)


def test_the_operator_has_no_right_in_a_tenant_without_membership(contoso, superuser, client_of) -> None:
    for door in TENANT_DOORS:
        url = address(door, contoso, made(door, contoso))
        method = "get" if door.reads else "post"
        assert knock(client_of(superuser), method, url)[0] == 404


@pytest.fixture
def at_home(reseller, tailwind, maker, litware):
    """By door: a partner that has it, and a person of that partner."""
    return lambda door: (litware, maker) if door.oem else (tailwind, reseller)


@each(PARTNER_DOORS)
def test_each_role_of_a_partner_passes_exactly_where_it_may(door, at_home, client_of) -> None:
    partner, person = at_home(door)
    factories.work_for(partner, factories.make_person("other@example.org"))
    client, url = client_of(person), address(door, partner, made(door, partner))
    for role in (*PARTNER_ROLES, "no role"):
        PartnerMembership.unscoped.filter(user=person).update(role=role)
        may = PARTNER_GRANTS.get(role, frozenset())
        for method, word in door.needs.items():
            status, text, _location = knock(client, method, url)
            seen = f"{role} {method} {url}: {status}"
            if not word:
                assert status in (403, 405), seen
            elif word in may:
                assert status not in (403, 404, 405), seen
                assert status < 500, seen
            else:
                assert status == 403, seen
                assert word in text or door.reads not in (word, *may), seen


@each([door for door in PARTNER_DOORS if door.oem])
def test_a_door_of_oems_is_shut_to_other_kinds(door, reseller, tailwind, client_of) -> None:
    url = address(door, tailwind, made(door, tailwind))
    for method, word in door.needs.items():
        status, text, _location = knock(client_of(reseller), method, url)
        assert status == 403
        assert word in text


@each(PARTNER_DOORS)
def test_a_partners_doors_are_shut_to_everybody_else(
    door, tailwind, admin, maker, superuser, client, client_of
) -> None:
    url = address(door, tailwind, made(door, tailwind))
    for method, word in door.needs.items():
        if word:
            status, _text, location = knock(client, method, url)
            assert (status, location.partition("?")[0]) == (302, reverse("account_login"))
            for person in (admin, maker, superuser):
                assert knock(client_of(person), method, url)[0] == 404


@each(PARTNER_DOORS)
def test_a_deactivated_partner_is_told_so(door, tailwind, reseller, client_of) -> None:
    url = address(door, tailwind, made(door, tailwind))
    Partner.objects.update(is_active=False)
    for method, word in door.needs.items():
        if word:
            status, text, _location = knock(client_of(reseller), method, url)
            assert status == 403
            assert "deactivated" in text


@each(PARTNER_OBJECT_DOORS)
def test_another_partners_object_is_not_found(door, tailwind, litware, reseller, client_of) -> None:
    url = address(door, tailwind, made(door, litware))
    for method, word in door.needs.items():
        if word:
            assert knock(client_of(reseller), method, url)[0] == 404


@each(PROGRAMS)
def test_a_door_of_programs_answers_no_browser(door, contoso, admin, reseller, client, client_of) -> None:
    url = address(door, contoso, made(door, contoso))
    for visitor in (client, client_of(admin), client_of(reseller)):
        for method in ("get", "post", "delete"):
            status, _text, location = knock(visitor, method, url)
            shut = (400, 401) if method in door.methods else (401, 405)
            assert status in shut, f"{method} {url}: {status}"
            assert not location


@each(TENANT_DOORS)
def test_a_partners_people_are_strangers_in_every_tenant(door, contoso, reseller, client_of) -> None:
    url = address(door, contoso, made(door, contoso))
    method = "get" if door.reads else "post"
    assert knock(client_of(reseller), method, url)[0] == 404


KEPT_NOWHERE = [
    *("tenants:overview", "tenants:general", "tenants:users", "tenants:user_options", "tenants:guide"),
    *("devices:group_new", "devices:profile_detail", "devices:autopilot_device", "devices:import_for_intune"),
    *("devices:all_autopilot_devices", "account_profile", "account_login"),
]


def test_no_cache_keeps_what_a_door_answers(contoso, admin, client_of) -> None:
    client = client_of(admin)
    for door in (door for door in DOORS if door.name in KEPT_NOWHERE):
        answer = client.get(address(door, contoso, made(door, contoso)))
        assert "no-store" in answer.get("Cache-Control", ""), door.name
    assert "no-store" in client.get("/t/contoso/no-such-page/")["Cache-Control"]


def test_a_table_line_with_a_wrong_name_is_noticed(contoso) -> None:
    with pytest.raises(NoReverseMatch):
        address(Door("tenants:no_such_page", reads="tenant.read"), contoso, {})
