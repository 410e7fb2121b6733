"""Tenants: domains belong to one, registrations keep it alive, the operator has no key."""

import pytest

from devices.models import Registration
from tenants.models import AuditEvent, Membership, Tenant, VerifiedDomain
from tenants.permissions import Actor
from tenants.services import tenants

GENERAL = "/t/contoso/settings/general/"
DOMAINS = "/t/contoso/settings/domains/"


def test_a_domain_is_stored_in_lower_case_and_audited(client_of, admin, contoso):
    client_of(admin).post(DOMAINS, {"name": " Contoso.COM. "})
    assert VerifiedDomain.objects.of(contoso).get().name == "contoso.com"
    assert AuditEvent.objects.filter(tenant=contoso, activity="domain.added").exists()


def test_a_domain_belongs_to_one_tenant(client_of, admin, contoso, fabrikam):
    tenants.add_domain(tenant=fabrikam, actor=Actor.system(), name="shared.example")
    answer = client_of(admin).post(DOMAINS, {"name": "SHARED.example"})
    assert answer.status_code == 422
    assert "another tenant" in answer.content.decode()


@pytest.mark.parametrize(
    "name", ["", "contoso", "-a.example", "a b.example", "x" * 300, "a\x00.example", "http://a.example"]
)
def test_what_is_not_a_domain_is_refused(client_of, admin, contoso, name):
    assert client_of(admin).post(DOMAINS, {"name": name}).status_code == 422


def test_a_tenant_is_renamed_once_from_two_tabs(client_of, admin, contoso):
    client = client_of(admin)
    assert client.post(GENERAL, {"name": "Contoso Ltd", "revision": 1}).status_code == 302
    assert client.post(GENERAL, {"name": "Other", "revision": 1}).status_code == 409
    contoso.refresh_from_db()
    assert contoso.name == "Contoso Ltd"


def test_a_tenant_with_registrations_cannot_be_deleted(client_of, admin, contoso):
    Registration.objects.create(
        tenant=contoso, authority="local", serial_number="SN", manufacturer="X", registered_by="x"
    )
    answer = client_of(admin).post(f"{GENERAL}delete/", {"step": "confirm", "typed": "Contoso"})
    assert answer.status_code == 409
    assert "registrations" in answer.content.decode()
    assert Tenant.objects.filter(pk=contoso.pk).exists()


def test_the_dialog_says_what_keeps_a_tenant_from_being_deleted(client_of, admin, contoso):
    Registration.objects.create(
        tenant=contoso, authority="local", serial_number="SN", manufacturer="X", registered_by="x"
    )
    page = client_of(admin).get(f"{GENERAL}delete/").content.decode()
    assert "<li>registrations</li>" in page
    assert "data-submit" not in page


def test_an_empty_tenant_is_deleted_after_its_name_was_typed(client_of, admin, contoso):
    client = client_of(admin)
    wrong = client.post(f"{GENERAL}delete/", {"step": "confirm", "typed": "contoso"})
    assert wrong.status_code == 422
    client.post(f"{GENERAL}delete/", {"step": "confirm", "typed": "Contoso"})
    assert not Tenant.objects.filter(pk=contoso.pk).exists()
    assert AuditEvent.objects.filter(tenant=None, activity="tenant.deleted").exists()


def test_the_operator_creates_a_tenant_and_administers_it(client_of, superuser):
    client = client_of(superuser)
    answer = client.post("/instance/tenants/new/", {"step": "confirm", "name": "New", "slug": "new"})
    assert answer.url == "/t/new/set-up/"
    assert client.get("/t/new/").status_code == 200


@pytest.mark.parametrize("slug", ["contoso", "UPPER", "a/b", "", "x" * 60, "a\x00"])
def test_a_bad_or_taken_address_is_named(client_of, superuser, contoso, slug):
    sent = {"step": "confirm", "name": "New", "slug": slug}
    assert client_of(superuser).post("/instance/tenants/new/", sent).status_code == 422


def test_the_operator_joins_a_tenant_only_under_its_audit(client_of, superuser, contoso):
    client = client_of(superuser)
    assert client.get("/t/contoso/").status_code == 404
    client.post(f"/instance/tenants/{contoso.pk}/join/")
    assert client.get("/t/contoso/").status_code == 200
    event = AuditEvent.objects.get(tenant=contoso, activity="member.joined")
    assert event.actor_label == superuser.email


def test_joining_twice_is_refused(client_of, superuser, contoso):
    client = client_of(superuser)
    codes = [client.post(f"/instance/tenants/{contoso.pk}/join/").status_code for _press in range(2)]
    assert codes == [302, 400]
    assert Membership.objects.of(contoso).count() == 1


def test_a_tenant_without_devices_shows_the_next_steps_one_may_take(client_of, admin, reader, contoso):
    steps = ['href="/t/contoso/imports/new/"', 'href="/t/contoso/set-up/"']
    page = client_of(admin).get("/t/contoso/").content.decode()
    assert all(step in page for step in steps)
    page = client_of(reader).get("/t/contoso/").content.decode()
    assert not any(step in page for step in steps)


def test_the_overview_asks_a_fixed_number_of_questions(
    client_of, admin, contoso, django_assert_max_num_queries
):
    client = client_of(admin)
    client.get("/t/contoso/")
    with django_assert_max_num_queries(14):
        assert client.get("/t/contoso/").status_code == 200
