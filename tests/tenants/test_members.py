"""Members: invited by link, changed by roles, never left without a Global Administrator."""

import uuid
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from portal.errors import Conflict
from tenants.models import AuditEvent, AuditTarget, Invitation, Membership, User
from tenants.permissions import GLOBAL_ADMINISTRATOR, READ_ONLY_OPERATOR, Actor
from tenants.services import invitations, links, members
from tests.factories import PASSWORD, join, make_person

INVITE = "/t/contoso/settings/members/invite/"
MEMBERS = "/t/contoso/settings/members/"


@pytest.fixture
def invited(contoso, admin):
    return invitations.invite(
        into=contoso, actor=Actor(user=admin), email="New@Contoso.example", roles=[READ_ONLY_OPERATOR]
    )


def path_of(invitation):
    return f"/invitations/{invitations.token_of(invitation)}/"


def form(**values):
    given = {
        "step": "confirm",
        "email": "new@contoso.example",
        "roles": [READ_ONLY_OPERATOR],
        "one_time_key": str(uuid.uuid4()),
    }
    return {**given, **values}


def test_inviting_shows_the_link_on_screen(client_of, admin, contoso):
    answer = client_of(admin).post(INVITE, form())
    made = Invitation.objects.of(contoso).get()
    assert path_of(made) in answer.content.decode()


def test_inviting_sends_the_link_by_mail(client_of, admin, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        client_of(admin).post(INVITE, form())
    assert mail.outbox[0].to == ["new@contoso.example"]
    assert path_of(Invitation.unscoped.get()) in mail.outbox[0].body


def test_a_double_click_invites_once_and_shows_the_same_link(client_of, admin):
    client, sent = client_of(admin), form()
    answers = [client.post(INVITE, sent) for _press in range(2)]
    made = Invitation.unscoped.get()
    assert all(path_of(made) in answer.content.decode() for answer in answers)


def test_a_second_invitation_of_the_same_person_is_refused(client_of, admin, invited):
    answer = client_of(admin).post(INVITE, form())
    assert answer.status_code == 422
    assert "open invitation" in answer.content.decode()


def test_a_member_cannot_be_invited_again(client_of, admin, reader):
    answer = client_of(admin).post(INVITE, form(email=reader.email))
    assert "member already" in answer.content.decode()


@pytest.mark.parametrize(
    "values",
    [
        {"email": "no"},
        {"email": "a\x00@b.example"},
        {"email": "x" * 300 + "@b.example"},
        {"roles": ["root"]},
        {"roles": []},
    ],
)
def test_bad_input_is_named_at_the_field(client_of, admin, values):
    assert client_of(admin).post(INVITE, form(**values)).status_code == 422
    assert not Invitation.unscoped.exists()


def test_only_the_digest_of_the_link_is_stored(invited):
    token = invitations.token_of(invited)
    assert invited.token_digest == links.digest_of(token)
    stored = [str(value) for value in Invitation.unscoped.values_list().get()]
    assert token not in " ".join(stored)


def test_a_new_person_sets_a_password_and_is_signed_in(invited, contoso):
    client = Client()
    client.get(path_of(invited))
    sent = {"name": "New", "password": "a-long-new-phrase", "repeated": "a-long-new-phrase"}
    answer = client.post("/invitations/", sent, follow=True)
    assert answer.redirect_chain[-1][0] == "/t/contoso/"
    assert answer.context["user"].email == "new@contoso.example"
    assert Membership.objects.of(contoso).get(user__email="new@contoso.example").roles == [READ_ONLY_OPERATOR]


@pytest.mark.parametrize(
    "sent",
    [
        {"name": "New", "password": "short", "repeated": "short"},
        {"name": "New", "password": "a-long-new-phrase", "repeated": "another-phrase"},
        {"name": "", "password": "a-long-new-phrase", "repeated": "a-long-new-phrase"},
        {"name": "New", "password": "new@contoso.example", "repeated": "new@contoso.example"},
        {"name": "N" * 200, "password": "x" * 2000, "repeated": "x" * 2000},
    ],
)
def test_a_weak_or_wrong_password_makes_nobody(invited, sent):
    client = Client()
    client.get(path_of(invited))
    assert client.post("/invitations/", sent).status_code == 200
    assert not User.objects.filter(email="new@contoso.example").exists()


def test_a_known_person_signs_in_and_joins(contoso, admin, stranger, client_of):
    made = invitations.invite(
        into=contoso, actor=Actor(user=admin), email=stranger.email, roles=[READ_ONLY_OPERATOR]
    )
    client = client_of(stranger)
    client.get(path_of(made))
    assert client.post("/invitations/", follow=True).redirect_chain[-1][0] == "/t/contoso/"


def test_a_known_person_who_is_signed_out_is_asked_to_sign_in(contoso, admin, stranger):
    made = invitations.invite(
        into=contoso, actor=Actor(user=admin), email=stranger.email, roles=[READ_ONLY_OPERATOR]
    )
    client = Client()
    client.get(path_of(made))
    client.post("/accounts/login/?next=/invitations/", {"login": stranger.email, "password": PASSWORD})
    assert client.post("/invitations/", follow=True).redirect_chain[-1][0] == "/t/contoso/"


def test_somebody_else_cannot_accept(invited, stranger, client_of, contoso):
    client = client_of(stranger)
    client.get(path_of(invited))
    assert client.post("/invitations/").status_code == 403
    assert not Membership.objects.of(contoso).filter(user=stranger).exists()
    assert Invitation.unscoped.get().accepted_at is None


def test_a_used_link_is_closed(invited):
    invitations.accept_as_new(
        digest=invited.token_digest, name="New", password="a-long-new-phrase", address=None
    )
    assert Client().get(path_of(invited)).status_code == 404


def test_an_expired_link_is_closed(invited):
    Invitation.unscoped.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert Client().get(path_of(invited)).status_code == 404


def test_a_withdrawn_link_is_closed(invited, contoso, admin):
    invitations.withdraw(into=contoso, actor=Actor(user=admin), invitation=invited)
    assert Client().get(path_of(invited)).status_code == 404


def test_a_link_withdrawn_while_its_form_is_open_makes_nobody(invited, contoso, admin):
    client = Client()
    client.get(path_of(invited))
    invitations.withdraw(into=contoso, actor=Actor(user=admin), invitation=invited)
    sent = {"name": "New", "password": "a-long-new-phrase", "repeated": "a-long-new-phrase"}
    assert client.post("/invitations/", sent).status_code == 404
    assert not User.objects.filter(email="new@contoso.example").exists()


def test_the_token_never_reaches_a_log(invited, contoso, admin, caplog):
    invitations.withdraw(into=contoso, actor=Actor(user=admin), invitation=invited)
    Client().get(path_of(invited))
    assert invitations.token_of(invited) not in caplog.text


def test_a_removed_member_loses_the_session_at_once(contoso, admin, reader, client_of):
    client = client_of(reader)
    assert client.get("/t/contoso/").status_code == 200
    members.remove(tenant=contoso, actor=Actor(user=admin), user_id=reader.pk)
    assert client.get("/t/contoso/").url.startswith("/accounts/login/")


def test_a_deactivated_member_loses_the_session_and_the_way_back(contoso, admin, reader, client_of):
    client = client_of(reader)
    members.set_active(tenant=contoso, actor=Actor(user=admin), user_id=reader.pk, is_active=False)
    assert client.get("/t/contoso/").status_code == 302
    reader.refresh_from_db()
    assert client_of(reader).get("/t/contoso/").status_code == 404


def test_an_activated_member_is_let_in_again(contoso, admin, reader, client_of):
    for is_active in (False, True):
        members.set_active(tenant=contoso, actor=Actor(user=admin), user_id=reader.pk, is_active=is_active)
    reader.refresh_from_db()
    assert client_of(reader).get("/t/contoso/").status_code == 200


@pytest.mark.parametrize("act", ["remove", "deactivate"])
def test_the_last_global_administrator_cannot_leave(act, contoso, admin, client_of):
    answer = client_of(admin).post(f"{MEMBERS}{admin.pk}/{act}/", {"step": "confirm"})
    assert answer.status_code == 409
    assert Membership.objects.of(contoso).get(user=admin).is_active


def test_the_last_global_administrator_cannot_demote_himself(contoso, admin, client_of):
    sent = {"step": "confirm", "roles": [READ_ONLY_OPERATOR], "revision": 1}
    answer = client_of(admin).post(f"{MEMBERS}{admin.pk}/roles/", sent)
    assert answer.status_code == 422
    assert "last Global Administrator" in answer.content.decode()


def test_a_deactivated_colleague_does_not_count_as_administrator(contoso, admin):
    other = make_person("other@contoso.example")
    join(contoso, other, GLOBAL_ADMINISTRATOR, is_active=False)
    with pytest.raises(members.LastGlobalAdministrator):
        members.remove(tenant=contoso, actor=Actor(user=admin), user_id=admin.pk)


def test_of_two_administrators_one_may_leave(contoso, admin):
    join(contoso, make_person("other@contoso.example"), GLOBAL_ADMINISTRATOR)
    members.remove(tenant=contoso, actor=Actor(user=admin), user_id=admin.pk)
    assert not Membership.objects.of(contoso).filter(user=admin).exists()


def test_a_second_tab_with_an_old_revision_changes_nothing(contoso, admin, reader, client_of):
    client, url = client_of(admin), f"{MEMBERS}{reader.pk}/roles/"
    sent = {"step": "confirm", "roles": ["help_desk_operator"], "revision": 1}
    assert client.post(url, sent).status_code == 302
    assert client.post(url, {**sent, "roles": [READ_ONLY_OPERATOR]}).status_code == 409
    assert Membership.objects.of(contoso).get(user=reader).roles == ["help_desk_operator"]


def test_changing_a_person_who_left_meanwhile_is_a_conflict(contoso, admin, reader):
    members.remove(tenant=contoso, actor=Actor(user=admin), user_id=reader.pk)
    with pytest.raises(Conflict):
        members.change_roles(
            tenant=contoso,
            actor=Actor(user=admin),
            user_id=reader.pk,
            roles=["help_desk_operator"],
            revision=1,
        )


def test_every_change_of_a_member_is_audited_with_before_and_after(contoso, admin, reader):
    actor = Actor(user=admin, address="192.0.2.1")
    members.change_roles(
        tenant=contoso, actor=actor, user_id=reader.pk, roles=["help_desk_operator"], revision=1
    )
    event = AuditEvent.objects.get(activity="member.roles_changed")
    seen = event.targets.get()
    assert (event.actor_label, event.address, seen.label) == (admin.email, "192.0.2.1", reader.email)
    assert (seen.before, seen.after) == ({"roles": [READ_ONLY_OPERATOR]}, {"roles": ["help_desk_operator"]})


def test_the_audit_log_never_holds_a_secret(invited):
    token = invitations.token_of(invited)
    user = invitations.accept_as_new(
        digest=invited.token_digest, name="New", password="a-long-new-phrase", address=None
    )
    kept = [*AuditEvent.objects.values_list(), *AuditTarget.objects.values_list()]
    text = " ".join(str(value) for row in kept for value in row)
    for secret in (token, invited.token_digest, "a-long-new-phrase", user.password):
        assert secret not in text
