"""Who may name a machine by what, row by row of the table; the other way round is refused."""

import pytest

from devices.models import Registration
from devices.registry.submissions import TERMS, Identifier, terms_of
from devices.services.partners import submitting
from devices.services.partners.lines import Line
from tenants.models import Partner
from tenants.services.partners import consents
from tests import factories
from tests.devices.partners.sending import by_hash, by_key, by_tuple, machines, outcomes, report, send

pytestmark = pytest.mark.django_db
Kind = Partner.Kind
NAMES = {Identifier.HASH: by_hash, Identifier.TUPLE: by_tuple, Identifier.PRODUCT_KEY: by_key}
CASES = [(kind, identifier) for kind in Kind for identifier in Identifier]


def a_partner(kind):
    if kind != Kind.INDIRECT_RESELLER:
        return factories.make_partner("Partner", kind=kind)
    provider = factories.make_partner("Provider", kind=Kind.INDIRECT_PROVIDER)
    return factories.make_partner("Partner", kind=kind, provider=provider)


def let(partner, tenant):
    """A consent on which the partner acts: its own, or its reseller's."""
    if partner.kind == Kind.INDIRECT_PROVIDER:
        shop = factories.make_partner("Shop", kind=Kind.INDIRECT_RESELLER, provider=partner)
        return factories.authorize(shop, tenant)
    return factories.authorize(partner, tenant)


@pytest.mark.parametrize(("kind", "identifier"), CASES)
def test_a_channel_takes_exactly_its_identifiers(kind, identifier, contoso, litware, maker):
    partner, person = a_partner(kind), factories.make_person("p@example.org")
    factories.work_for(partner, person)
    consent = let(partner, contoso)
    (machine,) = machines(1)
    report(litware, maker, [machine])
    made = send(partner, contoso, person, [NAMES[identifier](machine)])
    if identifier in TERMS[kind].identifiers:
        row = Registration.objects.of(contoso).live().get()
        assert outcomes(made) == [("registered", None)]
        assert (row.partner, row.registered_by, row.channel) == (partner, "Partner", "partner")
        consent.refresh_from_db()
        assert consent.device_count == 1
    else:
        assert outcomes(made) == [("failed", 801)]
        assert "never by the hardware hash" in made.rows.get().reason


def test_an_oem_may_not_use_the_hash_for_customers():
    assert Identifier.HASH not in TERMS[Kind.OEM].identifiers
    assert all(Identifier.HASH in TERMS[kind].identifiers for kind in Kind if kind != Kind.OEM)


def test_a_batch_holds_a_thousand_devices_and_no_more(tailwind, reseller, contoso):
    factories.authorize(tailwind, contoso)
    lines = [Line(product_key=f"{number:013}") for number in range(1001)]
    who = {"partner": tailwind, "tenant": contoso, "actor": factories.actor(reseller, tailwind)}
    with pytest.raises(submitting.TooManyDevices, match="1000"):
        submitting.submit(lines=lines, **who)
    assert submitting.submit(lines=lines[:1000], **who).row_count == terms_of(tailwind).most


def test_an_indirect_reseller_is_kept_to_the_portal(contoso):
    partner, person = a_partner(Kind.INDIRECT_RESELLER), factories.make_person("p@example.org")
    factories.work_for(partner, person)
    let(partner, contoso)
    lines = [by_hash(*machines(1))]
    with pytest.raises(consents.ApiNotAllowed):
        send(partner, contoso, person, lines, through_api=True)
    assert outcomes(send(partner, contoso, person, lines)) == [("registered", None)]


def test_nothing_is_taken_without_consent(tailwind, reseller, contoso):
    with pytest.raises(consents.NoConsent):
        send(tailwind, contoso, reseller, [by_hash(*machines(1))])
