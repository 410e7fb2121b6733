"""A partner asks by a link; a Global Administrator of the customer accepts or declines."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from tenants import permissions
from tenants.models import AuditEvent, AuthorizationRequest, Partner, PartnerConsent, Tenant
from tenants.services.partners import requests
from tests import factories

pytestmark = pytest.mark.django_db
Kind = Partner.Kind
REQUESTS = "/p/tailwind/requests/"


def path_of(asked):
    return f"/partner-requests/{requests.token_of(asked)}/"


def opened(client, asked):
    client.get(path_of(asked))
    return client.get("/partner-requests/")


def answer(client, asked, tenant, **values):
    client.get(path_of(asked))
    sent = {"asked": asked.pk, "tenant": tenant.pk, "answer": "accept", "yes": "on", **values}
    return client.post("/partner-requests/", sent)


@pytest.fixture
def asked(tailwind, contoso):
    Tenant.objects.update(region=tailwind.sales_region)
    return factories.ask(tailwind)


def test_a_partner_makes_a_request_and_sees_its_link_again(reseller, client_of):
    client = client_of(reseller)
    page = client.post(f"{REQUESTS}new/", {"step": "confirm", "note": "Contoso", "days": "30"})
    link = re.search(r"/partner-requests/(\w+)/", page.content.decode())[0]
    made = AuthorizationRequest.unscoped.get()
    assert link == path_of(made)
    assert link in client.get(f"{REQUESTS}{made.pk}/").content.decode()
    assert "Contoso" in client.get(REQUESTS).content.decode()


def test_an_agent_may_ask_as_well_and_a_stranger_to_the_link_sees_nothing(tailwind, client_of, client):
    agent = factories.make_person("bea@tailwind.example")
    factories.work_for(tailwind, agent, permissions.PARTNER_AGENT)
    assert client_of(agent).get(f"{REQUESTS}new/").status_code == 200
    assert client.get("/partner-requests/nothing/").status_code == 404
    assert client.get("/partner-requests/").status_code == 404


def test_the_link_is_mailed_where_mail_is_sent(tailwind, settings, django_capture_on_commit_callbacks):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    with django_capture_on_commit_callbacks(execute=True):
        made = factories.ask(tailwind, email="Admin@Contoso.example")
    (message,) = mail.outbox
    assert message.to == ["admin@contoso.example"]
    assert path_of(made) in message.body


def test_a_global_administrator_sees_what_it_allows_and_accepts(asked, contoso, admin, client_of):
    client = client_of(admin)
    page = opened(client, asked).content.decode()
    for words in ("Tailwind", "Direct CSP reseller", "This allows", "This does not allow", "Europe"):
        assert words in page
    assert answer(client, asked, contoso)["Location"] == "/t/contoso/settings/partners/"
    consent = PartnerConsent.objects.of(contoso).live().get()
    assert (consent.partner.name, consent.granted_by_label) == ("Tailwind", admin.email)
    event = AuditEvent.objects.get(tenant=contoso, activity="partner.authorized")
    assert (event.actor, event.partner.name) == (admin, "Tailwind")


def test_accepting_answers_the_request_that_was_read(asked, contoso, admin, client_of):
    client, other = client_of(admin), factories.ask(factories.make_partner("Mallory"))
    opened(client, asked)
    opened(client, other)
    sent = {"asked": asked.pk, "tenant": contoso.pk, "answer": "accept", "yes": "on"}
    page = client.post("/partner-requests/", sent)
    assert page.status_code == 409
    assert "Authorize Mallory" in page.content.decode()
    assert "Nothing was answered" in page.content.decode()
    assert not PartnerConsent.objects.of(contoso).exists()


def test_accepting_needs_the_tick(asked, contoso, admin, client_of):
    page = answer(client_of(admin), asked, contoso, yes="")
    assert page.status_code == 422
    assert "Tick Yes" in page.content.decode()
    assert not PartnerConsent.objects.of(contoso).exists()


def test_a_request_stays_open_unless_it_is_accepted_or_declined(asked, contoso, admin, client_of):
    assert answer(client_of(admin), asked, contoso, answer="").status_code == 422
    asked.refresh_from_db()
    assert asked.state == "open"


def test_a_declined_request_gives_nothing_and_is_closed(asked, contoso, admin, client_of):
    client = client_of(admin)
    answer(client, asked, contoso, answer="decline", yes="")
    assert not PartnerConsent.objects.of(contoso).exists()
    assert client.get(path_of(asked)).status_code == 404
    asked.refresh_from_db()
    assert (asked.state, asked.tenant) == ("declined", contoso)
    assert AuditEvent.objects.filter(tenant=contoso, activity="partner.declined").exists()


def test_whoever_is_no_global_administrator_is_told_the_role(asked, intune_admin, client_of):
    page = opened(client_of(intune_admin), asked)
    assert page.status_code == 403
    assert "Global Administrator" in page.content.decode()
    assert "Accept</button>" not in page.content.decode()


def test_nobody_answers_for_a_tenant_in_which_the_role_is_missing(asked, contoso, outsider, client_of):
    assert answer(client_of(outsider), asked, contoso).status_code == 422
    assert not PartnerConsent.objects.of(contoso).exists()


def test_a_signed_out_administrator_signs_in_and_comes_back(asked, admin, client):
    client.get(path_of(asked))
    assert "next=/partner-requests/" in client.get("/partner-requests/")["Location"]
    sent = {"login": admin.email, "password": factories.PASSWORD}
    page = client.post("/accounts/login/?next=/partner-requests/", sent, follow=True)
    assert "Authorize Tailwind" in page.content.decode()


def test_a_link_serves_once(asked, contoso, fabrikam, admin, client_of):
    client = client_of(admin)
    answer(client, asked, contoso)
    assert answer(client, asked, fabrikam).status_code == 404
    assert PartnerConsent.unscoped.count() == 1


@pytest.mark.parametrize("change", [{"state": "withdrawn"}, {"expires_at": timezone.now() - timedelta(1)}])
def test_a_closed_request_is_told_as_closed(asked, admin, client_of, change):
    AuthorizationRequest.unscoped.update(**change)
    page = client_of(admin).get(path_of(asked))
    assert page.status_code == 404
    assert "new one" in page.content.decode()


def test_a_withdrawn_request_cannot_be_answered(asked, reseller, admin, client_of):
    client_of(reseller).post(f"{REQUESTS}{asked.pk}/withdraw/", {"step": "confirm"})
    assert client_of(admin).get(path_of(asked)).status_code == 404


def test_a_second_consent_to_the_same_partner_is_told(asked, tailwind, contoso, admin, client_of):
    factories.authorize(tailwind, contoso)
    page = answer(client_of(admin), asked, contoso)
    assert "before" in page.content.decode()
    assert PartnerConsent.objects.of(contoso).count() == 1


def test_a_tenant_without_region_is_asked_for_it(tailwind, contoso, admin, client_of):
    asked, client = factories.ask(tailwind), client_of(admin)
    assert "Region of the tenant" in opened(client, asked).content.decode()
    assert answer(client, asked, contoso).status_code == 422
    assert answer(client, asked, contoso, region="europe").status_code == 302
    contoso.refresh_from_db()
    assert contoso.region == "europe"


def test_a_csp_serves_only_its_own_region(tailwind, contoso, admin, client_of):
    page = answer(client_of(admin), factories.ask(tailwind), contoso, region="japan")
    assert page.status_code == 422
    assert "sells in Europe" in page.content.decode()
    contoso.refresh_from_db()
    assert contoso.region == ""
    assert AuthorizationRequest.unscoped.get().is_open


def test_an_oem_serves_every_region(litware, contoso, admin, client_of):
    asked, client = factories.ask(litware), client_of(admin)
    page = opened(client, asked).content.decode()
    assert "Region of the tenant" not in page
    assert "did not register itself" in page
    assert answer(client, asked, contoso).status_code == 302


def test_an_indirect_provider_asks_through_its_resellers():
    provider = factories.make_partner("Northwind", kind=Kind.INDIRECT_PROVIDER)
    with pytest.raises(requests.AsksThroughReseller):
        factories.ask(provider)


def test_the_same_form_sent_twice_makes_one_request(reseller, client_of):
    key = "6f6e0e64-8c86-4d6f-9d8e-6b0a4f5f7a11"
    for _press in range(2):
        client_of(reseller).post(f"{REQUESTS}new/", {"step": "confirm", "days": "7", "one_time_key": key})
    assert AuthorizationRequest.unscoped.count() == 1
