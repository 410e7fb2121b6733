"""Ids of another tenant in the body and the query of every door: nothing of theirs is told or changed."""

from typing import Any

import pytest
from django.db import connection, transaction
from django.http.response import HttpResponseBase
from django.test import Client
from django.urls import reverse

from devices.hardware import synthetic
from devices.models import EntraDevice, GroupMember
from devices.registry.claims import listed_serial
from tenants.models import Partner, Tenant
from tests import door_objects, factories
from tests.doors import DOORS, Door, PartnerDoor

MARK = "THEIRS"
MACHINE = synthetic.machine(seed=77)
SERIAL = listed_serial(MACHINE)
TENANT_DOORS = [door for door in DOORS if door.is_of_tenant]
PARTNER_DOORS = [door for door in DOORS if isinstance(door, PartnerDoor) and not door.oem]
OF_A_TENANT = (
    "SELECT table_name FROM information_schema.columns "
    "WHERE table_schema = 'public' AND column_name = 'tenant_id' ORDER BY 1"
)


@pytest.fixture
def theirs(fabrikam: Tenant) -> dict[str, Any]:
    """Objects of a tenant the person does not belong to, under the names that doors read ids by."""
    (device,) = factories.claim(fabrikam, MACHINE, group_tag=MARK)
    device.display_name = MARK
    device.save()
    EntraDevice.objects.of(fabrikam).update(display_name=MARK)
    group = factories.make_group(fabrikam, f"{MARK} group")
    GroupMember.objects.create(group=group, device=device.entra_device, added_at=device.registered_at)
    profile = factories.make_profile(fabrikam, f"{MARK} profile", group)
    user = factories.make_directory_user(fabrikam, "ada@fabrikam.example", display_name=MARK)
    makers = ("managed_device", "undo_kit", "removed_device", "orphan", "job", "sync", "deletion_job")
    others = [getattr(door_objects, name)(fabrikam)["pk"] for name in makers]
    row = door_objects.board_row(fabrikam)
    selected = [device.pk, device.entra_device_id, user.pk, *others]
    upn = user.user_principal_name
    return {
        "selection": [str(pk) for pk in selected],
        **dict.fromkeys(("group", "include", "exclude"), str(group.pk)),
        **dict.fromkeys(("upn", "user", "user_principal_name"), upn),
        **dict.fromkeys(("tenant", "customer", "asked"), str(fabrikam.pk)),
        "target": fabrikam.slug,
        "profile": str(profile.pk),
        "new": str(device.pk),
        "device": device.serial_number,
        "serials": device.serial_number,
        "a": f"device:{device.pk}",
        "b": f"row:{row['pk']}:{row['number']}",
        "step": "confirm",
        "revision": "1",
        "name": "N",
        "older": "skip",
    }


def own_selection(tenant: Tenant) -> list[str]:
    """Rows of one's own, so that the ids beside them are looked at as well."""
    (device,) = factories.machines(tenant, first=9)
    makers = ("managed_device", "undo_kit", "orphan", "directory_user")
    others = [getattr(door_objects, name)(tenant)["pk"] for name in makers]
    return [str(pk) for pk in (device.pk, device.entra_device_id, *others)]


def kept_of(tenant: Tenant) -> str:
    """A digest of every row of the tenant."""
    with connection.cursor() as cursor:
        cursor.execute(OF_A_TENANT)
        parts = [
            f"SELECT '{name}' || md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) AS d "
            f"FROM {name} t WHERE tenant_id = %s"
            for (name,) in cursor.fetchall()
        ]
        cursor.execute(
            f"SELECT string_agg(d, ' ') FROM ({' UNION ALL '.join(parts)}) s", [tenant.pk] * len(parts)
        )
        return str(cursor.fetchone()[0])


def text_of(answer: HttpResponseBase) -> str:
    """The whole body of an answer."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return body.decode(errors="replace")


def leaks(client: Client, doors: list[Door], place: Any, sent: dict[str, Any], tenant: Tenant) -> list[str]:
    """The doors that told or changed something of the tenant when they were given its ids."""
    before, found = kept_of(tenant), []
    marks = {MARK, SERIAL} - {str(value) for value in sent.values()}
    for door in doors:
        arguments = {**door.scope(place), **(door.of(place) if door.of else {})}
        for method in [name for name, word in door.needs.items() if word]:
            with transaction.atomic():
                answer = getattr(client, method)(reverse(door.name, kwargs=arguments), sent)
                text = text_of(answer)
                is_told = any(mark in text for mark in marks)
                if is_told or answer.status_code >= 500 or kept_of(tenant) != before:
                    found.append(f"{method} {door.name}: {answer.status_code}")
                transaction.set_rollback(True)
    return found


@pytest.mark.django_db
@pytest.mark.parametrize("selects", ["theirs", "one's own"])
def test_no_door_of_a_tenant_reaches_into_another(selects, contoso, fabrikam, theirs, client_of) -> None:
    person = factories.make_person("owner@contoso.example")
    factories.join(contoso, person, "global_administrator")
    sent = (
        theirs
        if selects == "theirs"
        else theirs | {"selection": own_selection(contoso), **dict.fromkeys(("b", "device", "serials"), "")}
    )
    doors = [door for door in TENANT_DOORS if selects == "theirs" or door.posts]
    assert leaks(client_of(person), doors, contoso, sent, fabrikam) == []


@pytest.mark.django_db
def test_no_door_of_a_partner_reaches_into_a_tenant_without_consent(
    contoso, fabrikam, tailwind, reseller, theirs, client_of
) -> None:
    factories.authorize(tailwind, contoso)
    partner = Partner.objects.get(pk=tailwind.pk)
    assert leaks(client_of(reseller), PARTNER_DOORS, partner, theirs, fabrikam) == []
