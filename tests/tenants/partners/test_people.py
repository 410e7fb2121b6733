"""People of a partner: invited, changed and removed by its administrator; where they land."""

import pytest

from tenants import permissions
from tenants.models import AuditEvent, PartnerMembership
from tenants.services.partners import people
from tests import factories

pytestmark = pytest.mark.django_db
PEOPLE = "/p/tailwind/people/"


@pytest.fixture
def agent(tailwind):
    person = factories.make_person("bea@tailwind.example")
    factories.work_for(tailwind, person, permissions.PARTNER_AGENT)
    return person


def change(partner, actor, person, **values):
    who = {"partner": partner, "actor": factories.actor(actor, partner), "user_id": person.pk}
    return people.change_role(**who, **values)


def test_a_person_with_only_a_partner_lands_there(reseller, tailwind, client_of):
    assert client_of(reseller).get("/")["Location"] == "/p/tailwind/"


def test_a_person_with_both_finds_both_in_the_switcher(admin, tailwind, contoso, client_of):
    factories.work_for(tailwind, admin)
    page = client_of(admin).get("/t/contoso/").content.decode()
    assert 'href="/p/tailwind/"' in page
    assert 'href="/t/fabrikam/"' in client_of(admin).get("/p/tailwind/").content.decode()
    assert "/p/tailwind/" in client_of(admin).get("/?choose").content.decode()


@pytest.mark.parametrize(
    ("page", "step"), [("customers/", "Create request"), ("api-clients/", "Create API client")]
)
def test_an_empty_page_offers_the_first_step(reseller, client_of, page, step):
    text = client_of(reseller).get(f"/p/tailwind/{page}").content.decode()
    assert step in text.split('class="empty"')[1].split("</main>")[0]


def test_an_administrator_invites_a_person(reseller, client_of):
    sent = {"step": "confirm", "email": "new@tailwind.example", "roles": permissions.PARTNER_AGENT}
    answer = client_of(reseller).post(f"{PEOPLE}invite/", sent)
    assert "/invitations/" in answer.content.decode()
    assert "new@tailwind.example" in client_of(reseller).get(PEOPLE).content.decode()


def test_an_agent_sees_the_people_and_changes_nothing(agent, reseller, client_of):
    page = client_of(agent).get(PEOPLE).content.decode()
    assert reseller.email in page
    assert "Invite" not in page


def test_the_last_administrator_stays(tailwind, reseller, agent):
    with pytest.raises(people.LastPartnerAdministrator):
        change(tailwind, reseller, reseller, role=permissions.PARTNER_AGENT, revision=1)
    change(tailwind, reseller, agent, role=permissions.PARTNER_ADMINISTRATOR, revision=1)
    change(tailwind, reseller, reseller, role=permissions.PARTNER_AGENT, revision=1)
    event = AuditEvent.objects.filter(activity="member.roles_changed").latest("at")
    assert event.actor_label == "ada@tailwind.example (Tailwind)"


def test_a_removed_person_is_signed_out_and_a_stranger(tailwind, reseller, agent, client_of):
    client = client_of(agent)
    assert client.get("/p/tailwind/").status_code == 200
    client_of(reseller).post(f"{PEOPLE}{agent.pk}/remove/", {"step": "confirm"})
    assert client.get("/p/tailwind/").status_code == 302
    agent.refresh_from_db()
    assert client_of(agent).get("/p/tailwind/").status_code == 404
    assert not PartnerMembership.objects.of(tailwind).filter(user=agent).exists()


def test_a_deactivated_person_cannot_enter(tailwind, reseller, agent, client_of):
    sent = {"step": "confirm", "is_active": "no"}
    client_of(reseller).post(f"{PEOPLE}{agent.pk}/switch/", sent)
    agent.refresh_from_db()
    assert client_of(agent).get("/p/tailwind/").status_code == 404
    assert permissions.permissions_with(user=agent, partner=tailwind) == frozenset()


def test_an_open_invitation_is_withdrawn(tailwind, reseller, client_of):
    client = client_of(reseller)
    sent = {"step": "confirm", "email": "new@tailwind.example", "roles": permissions.PARTNER_AGENT}
    client.post(f"{PEOPLE}invite/", sent)
    page = client.get(PEOPLE).content.decode()
    pk = page.split("/p/tailwind/invitations/")[1].split("/")[0]
    client.post(f"/p/tailwind/invitations/{pk}/withdraw/", {"step": "confirm"})
    assert "new@tailwind.example" not in client.get(PEOPLE).content.decode()
