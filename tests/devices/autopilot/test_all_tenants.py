"""The list across tenants: only those one may see, by serial, with a cursor."""

import re

import pytest
from django.utils import timezone

from devices.services.syncs import mirroring
from tests import factories

pytestmark = pytest.mark.django_db

ALL = "/all/autopilot-devices/"


def serials(response):
    return re.findall(r'<th scope="row"><a [^>]*>([^<]+)<', response.content.decode())


def test_devices_of_every_tenant_one_may_see(client_of, admin, contoso, fabrikam):
    factories.listed(contoso, "B-2")
    factories.listed(fabrikam, "A-1")
    response = client_of(admin).get(ALL)
    assert serials(response) == ["A-1", "B-2"]
    assert "/t/fabrikam/autopilot-devices/" in response.content.decode()


def test_no_device_of_a_tenant_one_does_not_belong_to(client_of, outsider, contoso, fabrikam):
    factories.listed(contoso, "B-2")
    factories.listed(fabrikam, "A-1")
    assert serials(client_of(outsider).get(ALL)) == ["A-1"]


def test_a_stranger_sees_nothing(client_of, stranger, contoso):
    factories.listed(contoso, "B-2")
    assert serials(client_of(stranger).get(ALL)) == []


@pytest.mark.parametrize(("text", "found"), [("a-", ["A-1"]), ("-2", []), ("b-2", ["B-2"]), ("%", [])])
def test_search_by_serial(client_of, admin, contoso, fabrikam, text, found):
    factories.listed(contoso, "B-2")
    factories.listed(fabrikam, "A-1")
    assert serials(client_of(admin).get(ALL, {"q": text})) == found


def test_paging_merges_the_tenants_without_losing_or_repeating(client_of, admin, contoso, fabrikam):
    for tenant in (contoso, fabrikam):
        factories.register_many(tenant, 60)
        mirroring.mirror(tenant=tenant, now=timezone.now())
    client, seen, address = client_of(admin), [], ALL
    while address:
        response = client.get(address)
        seen += serials(response)
        match = re.search(r'rel="next" href="([^"]+)"', response.content.decode())
        address = ALL + match[1].replace("&amp;", "&") if match else ""
    assert len(seen) == len(set(seen)) == 120
    assert seen == sorted(seen)


@pytest.mark.parametrize(
    "sent", [{"q": "a\x00b"}, {"after": "nonsense"}, {"colour": "red"}, {"q": "x" * 300}]
)
def test_an_impossible_parameter_gets_a_sentence(client_of, admin, contoso, sent):
    response = client_of(admin).get(ALL, sent)
    assert response.status_code == 200
    assert 'role="alert"' in response.content.decode()


def test_it_is_read_only(client_of, admin, contoso):
    assert client_of(admin).post(ALL).status_code == 405
