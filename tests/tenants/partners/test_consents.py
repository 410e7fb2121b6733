"""On which consent a partner acts, the ledger of the tenant, and revocation at once."""

import pytest

from portal.errors import Conflict
from tenants.models import AuditEvent, Partner, PartnerConsent, Tenant
from tenants.permissions import Actor
from tenants.services.partners import accounts, consents, requests
from tests import factories

pytestmark = pytest.mark.django_db
Kind = Partner.Kind
LEDGER = "/t/contoso/settings/partners/"


@pytest.fixture
def provider():
    return factories.make_partner("Northwind", kind=Kind.INDIRECT_PROVIDER)


@pytest.fixture
def shop(provider):
    return factories.make_partner("Shop", kind=Kind.INDIRECT_RESELLER, provider=provider)


def stands(partner, tenant):
    return consents.standing(partner=partner, tenant=tenant).consent


def test_without_consent_a_partner_may_nothing(tailwind, contoso):
    with pytest.raises(consents.NoConsent, match="has not authorized Tailwind"):
        stands(tailwind, contoso)


def test_a_consent_holds_in_its_tenant_alone(tailwind, contoso, fabrikam):
    given = factories.authorize(tailwind, contoso)
    assert stands(tailwind, contoso) == given
    with pytest.raises(consents.NoConsent):
        stands(tailwind, fabrikam)
    assert list(consents.served(tailwind)) == [contoso]


def test_a_provider_acts_on_its_resellers_consent(shop, provider, contoso):
    given = factories.authorize(shop, contoso)
    assert stands(provider, contoso) == given
    assert list(consents.served(provider)) == [contoso]


def test_a_provider_is_not_served_by_a_stranger_to_it(provider, tailwind, contoso):
    factories.authorize(tailwind, contoso)
    with pytest.raises(consents.NoConsent):
        stands(provider, contoso)


def test_a_deactivated_reseller_gives_its_provider_nothing(shop, provider, contoso):
    factories.authorize(shop, contoso)
    accounts.set_active(actor=Actor.command(), partner=shop, is_active=False)
    for partner in (shop, provider):
        with pytest.raises(consents.NoConsent):
            stands(partner, contoso)


def test_a_tenant_that_moves_to_another_region_is_no_longer_served(tailwind, contoso):
    factories.authorize(tailwind, contoso)
    Tenant.objects.update(region="japan")
    with pytest.raises(requests.OtherRegion):
        stands(tailwind, contoso)
    assert not consents.served(tailwind).exists()


def test_only_an_indirect_reseller_is_kept_from_the_api(shop, provider, tailwind, litware):
    for partner in (provider, tailwind, litware):
        consents.may_use_api(partner)
    with pytest.raises(consents.ApiNotAllowed):
        consents.may_use_api(shop)


def test_kind_and_provider_stay_as_they_were_consented_to(shop, contoso):
    factories.authorize(shop, contoso)
    other = factories.make_partner("Other", kind=Kind.INDIRECT_PROVIDER)
    wanted = {"name": "Shop", "sales_region": "europe"}
    for change in (
        {"kind": Kind.OEM, "provider_id": None},
        {"kind": Kind.INDIRECT_RESELLER, "provider_id": other.pk},
    ):
        with pytest.raises(accounts.KindInUse):
            accounts.edit(actor=Actor.command(), partner=shop, revision=1, **wanted, **change)


def test_the_ledger_shows_grant_use_and_count(tailwind, contoso, admin, client_of):
    given = factories.authorize(tailwind, contoso)
    consents.note_use(consent=given, registered=300, now=given.granted_at)
    page = client_of(admin).get(LEDGER).content.decode()
    for words in ("Tailwind", "Direct CSP reseller", "Register devices", "Authorized", "300", "Revoke"):
        assert words in page


def test_the_ledger_says_where_the_region_keeps_a_partner_out(tailwind, litware, contoso, admin, client_of):
    factories.authorize(litware, contoso)
    factories.authorize(tailwind, contoso)
    ledger = client_of(admin).get(LEDGER).content.decode()
    assert "Other sales region" not in ledger
    Tenant.objects.filter(pk=contoso.pk).update(region="japan")
    ledger = client_of(admin).get(LEDGER).content.decode()
    assert ledger.count("Other sales region") == 1


def test_a_reader_sees_the_ledger_and_revokes_nothing(tailwind, contoso, reader, client_of):
    given = factories.authorize(tailwind, contoso)
    page = client_of(reader).get(LEDGER).content.decode()
    assert "Tailwind" in page
    assert f"{given.pk}/revoke/" not in page
    assert client_of(reader).post(f"{LEDGER}{given.pk}/revoke/").status_code == 403


def test_revocation_is_effective_at_once_and_audited(tailwind, contoso, admin, client_of):
    given = factories.authorize(tailwind, contoso)
    client_of(admin).post(f"{LEDGER}{given.pk}/revoke/", {"step": "confirm"})
    with pytest.raises(consents.NoConsent, match="revoked its authorization of Tailwind"):
        stands(tailwind, contoso)
    event = AuditEvent.objects.get(tenant=contoso, activity="partner.revoked")
    assert (event.actor, event.partner) == (admin, tailwind)
    given.refresh_from_db()
    with pytest.raises(Conflict):
        consents.revoke(tenant=contoso, actor=factories.actor(admin), consent=given)


@pytest.mark.parametrize("is_other_live", [True, False])
def test_revocation_says_whether_the_provider_stays(is_other_live, shop, provider, contoso, admin, client_of):
    given = factories.authorize(shop, contoso)
    other = factories.make_partner("Other shop", kind=Kind.INDIRECT_RESELLER, provider=provider)
    if is_other_live:
        factories.authorize(other, contoso)
    page = client_of(admin).get(f"{LEDGER}{given.pk}/revoke/").content.decode()
    assert ("Northwind, goes on" in page) is is_other_live
    assert ("The same holds for its provider" in page) is not is_other_live


def test_after_revocation_a_new_consent_can_be_given(tailwind, contoso, admin):
    given = factories.authorize(tailwind, contoso)
    consents.revoke(tenant=contoso, actor=factories.actor(admin), consent=given)
    again = factories.authorize(tailwind, contoso)
    assert stands(tailwind, contoso) == again
    assert list(consents.ledger(contoso)) == [again, given]


def test_a_partner_sees_its_customers_and_nothing_of_others(
    tailwind, litware, contoso, fabrikam, reseller, client_of
):
    factories.authorize(tailwind, contoso)
    factories.authorize(litware, fabrikam)
    page = client_of(reseller).get("/p/tailwind/customers/").content.decode()
    assert "Contoso" in page
    assert "Fabrikam" not in page


def test_a_provider_sees_through_whom_it_serves(shop, provider, contoso, client_of):
    person = factories.make_person("nora@northwind.example")
    factories.work_for(provider, person)
    factories.authorize(shop, contoso)
    page = client_of(person).get("/p/northwind/customers/").content.decode()
    assert "Through" in page
    assert "Shop" in page


def test_a_deleted_tenant_takes_its_consents_along(tailwind, fabrikam, admin):
    from tenants.services import tenants

    factories.authorize(tailwind, fabrikam)
    tenants.delete(tenant=fabrikam, actor=factories.actor(admin))
    assert not PartnerConsent.unscoped.exists()
