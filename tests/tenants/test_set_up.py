"""The first start: closed without its link, which makes administrator and tenant once."""

import re
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from tenants.models import AuditEvent, Membership, SetupLink, Tenant, User
from tenants.permissions import GLOBAL_ADMINISTRATOR
from tenants.services import links, set_up

pytestmark = pytest.mark.django_db

FORM = {
    "name": "Ada",
    "email": "ada@contoso.example",
    "password": "a-long-new-phrase",
    "repeated": "a-long-new-phrase",
    "tenant_name": "Contoso",
    "tenant_slug": "contoso",
}


@pytest.fixture
def opened():
    client = Client()
    assert client.get(f"/set-up/{set_up.make_link()}/").url == "/set-up/"
    return client


def test_the_page_is_closed_without_the_link(client):
    assert client.get("/set-up/").status_code == 404
    assert client.post("/set-up/", FORM).status_code == 404


def test_the_link_makes_administrator_and_tenant_and_signs_in(opened):
    answer = opened.post("/set-up/", FORM, follow=True)
    assert answer.redirect_chain[-1][0] == "/t/contoso/set-up/"
    user = User.objects.get()
    assert user.is_superuser
    assert Membership.unscoped.get(user=user).roles == [GLOBAL_ADMINISTRATOR]
    assert Tenant.objects.get().authority == "local"


def test_the_steps_lead_from_domains_to_users_to_import(opened):
    opened.post("/set-up/", FORM)
    page = opened.post("/t/contoso/set-up/", {"name": "Contoso.COM"}, follow=True).content.decode()
    assert page.count("data-done") == 3
    assert "contoso.com" in page


def test_the_link_is_closed_after_use(opened):
    opened.post("/set-up/", FORM)
    assert SetupLink.objects.get().used_at is not None
    assert Client().post("/set-up/", {**FORM, "email": "eve@contoso.example"}).status_code == 404
    assert opened.get("/set-up/").status_code == 404


def test_two_tabs_make_one_administrator():
    token = set_up.make_link()
    tabs = [Client(), Client()]
    for tab in tabs:
        tab.get(f"/set-up/{token}/")
    codes = [
        tab.post("/set-up/", {**FORM, "email": f"a{n}@contoso.example", "tenant_slug": f"c{n}"}).status_code
        for n, tab in enumerate(tabs)
    ]
    assert codes == [302, 404]
    assert User.objects.count() == 1


def test_an_expired_link_is_closed(client):
    token = set_up.make_link()
    SetupLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert client.get(f"/set-up/{token}/").status_code == 404


def test_a_made_up_link_is_closed_and_not_logged(client, caplog):
    assert client.get("/set-up/made-up-token/").status_code == 404
    assert "made-up-token" not in caplog.text


def test_only_the_digest_of_the_link_is_stored():
    token = set_up.make_link()
    assert SetupLink.objects.get().token_digest == links.digest_of(token)


@pytest.mark.parametrize(
    "values",
    [
        {"email": "no"},
        {"password": "short", "repeated": "short"},
        {"repeated": "another-long-phrase"},
        {"tenant_slug": "Not A Slug"},
        {"tenant_slug": "-x"},
        {"tenant_name": "x" * 101},
        {"tenant_name": "a\x00b"},
        {"name": ""},
    ],
)
def test_bad_input_keeps_the_link_open_and_makes_nothing(opened, values):
    assert opened.post("/set-up/", {**FORM, **values}).status_code == 200
    assert not User.objects.exists()
    assert SetupLink.objects.get().used_at is None


def test_a_taken_address_is_named_at_its_field_and_makes_nothing(opened):
    Tenant.objects.create(name="Other", slug="contoso")
    page = opened.post("/set-up/", FORM)
    assert "Another tenant has this address" in page.content.decode()
    assert not User.objects.exists()
    assert opened.post("/set-up/", {**FORM, "tenant_slug": "contoso2"}).status_code == 302


def test_the_command_prints_one_working_link_and_closes_older_ones(client):
    older = set_up.make_link()
    out = StringIO()
    call_command("setup_link", stdout=out)
    path = re.search(r"https?://[^/]+(/set-up/\S+)", out.getvalue()).group(1)
    assert client.get(path).url == "/set-up/"
    assert Client().get(f"/set-up/{older}/").status_code == 404


def test_the_command_says_when_there_is_an_administrator(superuser):
    out = StringIO()
    call_command("setup_link", stdout=out)
    assert "set up already" in out.getvalue()
    assert not SetupLink.objects.exists()


def test_the_set_up_is_audited_in_the_tenant(opened):
    opened.post("/set-up/", FORM)
    tenant = Tenant.objects.get()
    seen = AuditEvent.objects.filter(tenant=tenant).order_by("at").values_list("activity", flat=True)
    assert list(seen) == ["tenant.created", "member.joined"]
