"""Lists of people, clients and consents: paged, and as cheap with a hundred rows as with ten."""

import html
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tenants.models import ApiClient, Invitation, PartnerConsent, User
from tests import factories

pytestmark = pytest.mark.django_db
ROW = re.compile(r"<tr data-row>")
NEXT = re.compile(r'rel="next" href="([^"]*)"')


def persons(count):
    return User.objects.bulk_create(User(email=f"m{number:03}@x.example") for number in range(count))


def members(count, contoso, tailwind):
    for person in persons(count):
        factories.join(contoso, person, "read_only_operator")


def people(count, contoso, tailwind):
    for person in persons(count):
        factories.work_for(tailwind, person, "partner_agent")


def clients(count, contoso, tailwind):
    expires = timezone.now() + timedelta(days=90)
    ApiClient.objects.bulk_create(
        ApiClient(partner=tailwind, name=f"c{number:03}", expires_at=expires, created_by_label="Test")
        for number in range(count)
    )


def consents(count, contoso, tailwind):
    provider = factories.make_partner("Provider", kind="indirect_provider")
    for number in range(count):
        shop = factories.make_partner(f"s{number:03}", kind="indirect_reseller", provider=provider)
        factories.authorize(shop, contoso)


def tenants(count, contoso, tailwind):
    worker, *_others = persons(1)
    for number in range(count):
        factories.join(factories.make_tenant(f"t{number:03}"), worker, "read_only_operator")


def partners(count, contoso, tailwind):
    worker, *_others = persons(1)
    for number in range(count):
        factories.work_for(factories.make_partner(f"s{number:03}"), worker)


LISTS = {
    "/t/contoso/settings/members/": (members, 1),
    "/t/contoso/settings/partners/": (consents, 0),
    "/p/tailwind/people/": (people, 1),
    "/p/tailwind/api-clients/": (clients, 0),
    "/instance/": (tenants, 2),
    "/instance/partners/": (partners, 1),
}
each_list = pytest.mark.parametrize("url", LISTS)


@pytest.fixture
def visitor(admin, tailwind, client_of):
    factories.work_for(tailwind, admin)
    User.objects.filter(pk=admin.pk).update(is_superuser=True)
    return client_of(admin)


@each_list
def test_every_row_is_on_exactly_one_page(url, visitor, contoso, tailwind):
    make, there = LISTS[url]
    make(70 - there, contoso, tailwind)
    first = visitor.get(url).content.decode()
    assert len(ROW.findall(first)) == 50
    second = visitor.get(html.unescape(NEXT.search(first)[1])).content.decode()
    assert (len(ROW.findall(second)), NEXT.search(second)) == (20, None)
    names = [re.findall(r'<th scope="row">(?:<a [^>]*>)?([^<]+)<', page) for page in (first, second)]
    assert len(set(names[0] + names[1])) == 70


@each_list
def test_a_hundred_rows_cost_no_more_queries_than_ten(url, visitor, contoso, tailwind):
    LISTS[url][0](100, contoso, tailwind)
    asked = []
    for size in (25, 100):
        with CaptureQueriesContext(connection) as queries:
            page = visitor.get(url, {"size": size}).content.decode()
        assert len(ROW.findall(page)) == size
        asked.append(len(queries))
    assert asked[0] == asked[1]


@pytest.mark.parametrize("url", ["/t/contoso/settings/members/", "/p/tailwind/people/"])
def test_open_invitations_cost_no_query_each(url, visitor, contoso, tailwind):
    place = {"tenant": contoso} if url.startswith("/t/") else {"partner": tailwind}
    role = "read_only_operator" if url.startswith("/t/") else "partner_agent"
    asked = []
    for start, count in ((0, 1), (1, 9)):
        for number in range(start, start + count):
            Invitation.unscoped.create(
                email=f"i{number}@x.example", roles=[role], token_digest=str(number), **place
            )
        with CaptureQueriesContext(connection) as queries:
            page = visitor.get(url).content.decode()
        assert page.count("@x.example</th>") == start + count
        asked.append(len(queries))
    assert asked[0] == asked[1]


def test_members_are_sorted_by_what_names_them(visitor, contoso, admin):
    factories.join(contoso, factories.make_person("zoe@x.example", name="Beth"), "read_only_operator")
    factories.join(contoso, factories.make_person("Carl@x.example", name=""), "read_only_operator")
    page = visitor.get("/t/contoso/settings/members/").content.decode()
    assert re.findall(r'<th scope="row">([^<]*)<', page) == ["Adele Vance", "Beth", "carl@x.example"]


def test_a_command_leads_back_to_the_page_one_was_on(visitor, contoso, reader):
    url = f"/t/contoso/settings/members/{reader.pk}/remove/"
    here = "/t/contoso/settings/members/?q=reader"
    headers = {"hx-request": "true", "hx-current-url": f"http://testserver{here}"}
    answer = visitor.post(url, {"step": "confirm"}, headers=headers)
    assert answer["HX-Redirect"] == here


def test_the_installations_lists_count_active_people_and_lead_where_one_belongs(visitor, contoso, tailwind):
    factories.make_tenant("Other")
    factories.join(contoso, factories.make_person("off@x.example"), is_active=False)
    page = visitor.get("/instance/").content.decode()
    assert '<a href="/t/contoso/">Contoso</a></th><td class="mono">/t/contoso/</td>' in page
    assert re.findall(r'<td class="number">(\d+)</td>', page) == ["1", "1", "0"]
    assert page.count(">Join</button>") == 1
    page = visitor.get("/instance/partners/?q=tail").content.decode()
    assert "/p/tailwind/</td><td>Direct CSP reseller</td><td>Europe</td>" in page


def test_the_ledger_is_narrowed_to_live_authorizations(visitor, contoso, tailwind, litware):
    factories.authorize(litware, contoso)
    factories.authorize(tailwind, contoso)
    PartnerConsent.unscoped.filter(partner=litware).update(revoked_at=timezone.now())
    page = visitor.get("/t/contoso/settings/partners/?status=authorized").content.decode()
    assert re.findall(r'<th scope="row">([^<]*)<', page) == ["Tailwind"]
