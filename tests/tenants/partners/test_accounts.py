"""The operator keeps the partners: creates, edits, deactivates, and invites the first person."""

import pytest

from portal.errors import Conflict
from tenants.models import AuditEvent, Partner, PartnerMembership
from tenants.permissions import PARTNER_ADMINISTRATOR, Actor
from tenants.services import invitations
from tenants.services.partners import accounts
from tests import factories

pytestmark = pytest.mark.django_db
Kind = Partner.Kind
WHO = Actor.command()


@pytest.fixture
def provider():
    return factories.make_partner("Northwind", kind=Kind.INDIRECT_PROVIDER)


def values(**changes):
    plain = {"name": "Tailwind", "kind": Kind.DIRECT_CSP, "sales_region": "europe", "provider_id": None}
    return {**plain, **changes}


def test_an_operator_creates_a_partner_and_invites_its_first_person(superuser, client_of):
    client = client_of(superuser)
    sent = {"step": "confirm", "name": "Tailwind", "slug": "tailwind", "kind": "oem"}
    assert client.post("/instance/partners/new/", sent)["Location"] == "/instance/partners/"
    partner = Partner.objects.get()
    invite = {"step": "confirm", "email": "ada@tailwind.example", "roles": PARTNER_ADMINISTRATOR}
    answer = client.post(f"/instance/partners/{partner.pk}/invite/", invite)
    assert "/invitations/" in answer.content.decode()
    assert "Tailwind" in client.get("/instance/partners/").content.decode()


def test_the_first_person_accepts_and_lands_in_the_partners_portal(tailwind, client):
    made = invitations.invite(
        into=tailwind, actor=WHO, email="ada@tailwind.example", roles=[PARTNER_ADMINISTRATOR]
    )
    client.get(f"/invitations/{invitations.token_of(made)}/")
    sent = {"name": "Ada", "password": factories.PASSWORD, "repeated": factories.PASSWORD}
    answer = client.post("/invitations/", sent, follow=True)
    assert answer.redirect_chain[-1][0] == "/p/tailwind/"
    assert PartnerMembership.objects.of(tailwind).get().role == PARTNER_ADMINISTRATOR


def test_an_indirect_reseller_needs_its_provider(provider):
    with pytest.raises(accounts.BadProvider):
        accounts.create(actor=WHO, slug="t", **values(kind=Kind.INDIRECT_RESELLER))
    with pytest.raises(accounts.BadProvider):
        accounts.create(actor=WHO, slug="t", **values(provider_id=provider.pk))
    made = accounts.create(
        actor=WHO, slug="t", **values(kind=Kind.INDIRECT_RESELLER, provider_id=provider.pk)
    )
    assert list(provider.resellers.all()) == [made]


@pytest.mark.parametrize(("name", "slug", "field"), [("TAILWIND", "x", "name"), ("X", "tailwind", "slug")])
def test_name_and_address_of_a_partner_are_its_own(tailwind, name, slug, field):
    with pytest.raises(accounts.PartnerExists) as refusal:
        accounts.create(actor=WHO, slug=slug, **values(name=name))
    assert refusal.value.context["field"] == field


def test_an_edit_from_an_old_page_is_told(tailwind):
    accounts.edit(actor=WHO, partner=tailwind, revision=1, **values(name="Tailwind Toys"))
    with pytest.raises(Conflict):
        accounts.edit(actor=WHO, partner=tailwind, revision=1, **values(name="Other"))
    event = AuditEvent.objects.get(activity="partner.updated")
    assert (event.tenant, event.partner) == (None, tailwind)
    assert event.targets.get().after == {"name": "Tailwind Toys"}


def test_the_operator_records_what_an_oem_may_report(superuser, litware, client_of):
    client, url = client_of(superuser), f"/instance/partners/{litware.pk}/edit/"
    assert "Contoso\nFabrikam" in client.get(url).content.decode()
    sent = {"step": "confirm", "name": "Litware", "kind": "oem", "revision": 1}
    assert client.post(url, {**sent, "manufacturers": " Litware \r\n\r\nLITWARE\nLitware"}).status_code == 302
    litware.refresh_from_db()
    assert litware.manufacturers == ["Litware", "LITWARE"]
    assert AuditEvent.objects.get().targets.get().after == {"manufacturers": ["Litware", "LITWARE"]}
    page = client.post(url, {**sent, "revision": 2, "manufacturers": "x" * 256})
    assert page.status_code == 422
    assert "at most 255 characters" in page.content.decode()


def test_only_an_oem_has_manufacturer_names(superuser, client_of):
    sent = {"step": "confirm", "slug": "t", **values(provider_id=""), "manufacturers": "Litware"}
    client_of(superuser).post("/instance/partners/new/", sent)
    assert Partner.objects.get().manufacturers == []


def test_an_edit_that_names_no_manufacturers_leaves_them(litware):
    before = litware.manufacturers
    accounts.edit(actor=WHO, partner=litware, revision=1, **values(name="Litware Ltd", kind=Kind.OEM))
    litware.refresh_from_db()
    assert (litware.name, litware.manufacturers) == ("Litware Ltd", before)


def test_a_provider_with_resellers_keeps_its_kind(provider):
    factories.make_partner("Shop", kind=Kind.INDIRECT_RESELLER, provider=provider)
    wanted = values(name="Northwind", kind=Kind.DIRECT_CSP)
    with pytest.raises(accounts.KindInUse):
        accounts.edit(actor=WHO, partner=provider, revision=1, **wanted)


def test_a_deactivated_partners_people_are_told_and_come_back(superuser, tailwind, reseller, client_of):
    url = f"/instance/partners/{tailwind.pk}/switch/"
    client_of(superuser).post(url, {"step": "confirm", "is_active": "no"})
    assert client_of(reseller).get("/p/tailwind/").status_code == 403
    client_of(superuser).post(url, {"step": "confirm", "is_active": "yes"})
    assert client_of(reseller).get("/p/tailwind/").status_code == 200
