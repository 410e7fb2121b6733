"""Signing in, out and changing one's password: limited, closed to sign-up, safe redirects."""

from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from portal import env
from tenants.models import AuditEvent
from tenants.services import sign_in
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db

LOGIN = "/accounts/login/"


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()
    yield
    cache.clear()


def test_a_person_signs_in_and_lands_in_the_only_tenant(client, reader):
    answer = client.post(LOGIN, {"login": reader.email, "password": PASSWORD}, follow=True)
    assert answer.redirect_chain[-1][0] == "/t/contoso/"


@pytest.mark.parametrize("address", [LOGIN, "/accounts/password/reset/"])
def test_the_fields_do_not_say_their_labels_again(client, address):
    assert "placeholder" not in client.get(address).content.decode()


def test_the_address_is_not_case_sensitive(client, reader):
    answer = client.post(LOGIN, {"login": reader.email.upper(), "password": PASSWORD})
    assert answer.status_code == 302


def test_a_wrong_password_does_not_say_which_part_was_wrong(client, reader):
    known = client.post(LOGIN, {"login": reader.email, "password": "wrong"}).context["form"].errors
    unknown = client.post(LOGIN, {"login": "nobody@x.example", "password": "wrong"}).context["form"].errors
    assert known == unknown


def test_failed_sign_ins_are_limited(client, reader):
    for _attempt in range(6):
        client.post(LOGIN, {"login": reader.email, "password": "wrong"})
    answer = client.post(LOGIN, {"login": reader.email, "password": PASSWORD})
    assert answer.status_code == 200
    assert "Too many failed" in answer.content.decode()


def from_(address):
    """What a proxy adds behind whatever the visitor wrote himself."""
    return {"headers": {"x-forwarded-for": f"192.0.2.1, {address}"}}


def test_behind_a_proxy_one_visitors_failures_shut_nobody_else_out(client, reader, settings):
    settings.TRUSTED_PROXIES = 1
    for number in range(11):
        sent = {"login": f"nobody{number}@x.example", "password": "wrong"}
        client.post(LOGIN, sent, **from_("203.0.113.9"))
    sent = {"login": reader.email, "password": PASSWORD}
    assert client.post(LOGIN, sent, **from_("203.0.113.9")).status_code == 200
    assert client.post(LOGIN, sent, **from_("2001:db8::7")).status_code == 302


def test_without_a_proxy_nobody_chooses_his_address(client, reader):
    for number in range(11):
        sent = {"login": f"nobody{number}@x.example", "password": "wrong"}
        client.post(LOGIN, sent, **from_(f"203.0.113.{number}"))
    sent = {"login": reader.email, "password": PASSWORD}
    assert client.post(LOGIN, sent, **from_("203.0.113.99")).status_code == 200


@pytest.mark.parametrize(
    ("header", "address"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("evil, 203.0.113.9:4711", "203.0.113.9"),
        ("[2001:db8::7]:443", "2001:db8::7"),
        ("unknown", "127.0.0.1"),
        ("fe80::1%eth0", "127.0.0.1"),
        ("", "127.0.0.1"),
        ("203.0.113.9, \x00", "127.0.0.1"),
    ],
)
def test_the_address_behind_a_proxy_is_the_one_it_saw(client, admin, contoso, settings, header, address):
    settings.TRUSTED_PROXIES = 1
    client.force_login(admin)
    sent = {"name": "contoso.example"}
    client.post("/t/contoso/settings/domains/", sent, headers={"x-forwarded-for": header})
    assert AuditEvent.objects.get(activity="domain.added").address == address


@pytest.mark.parametrize("place", ["https://evil.example/", "http://localhost/evil", "//127.0.0.1/evil"])
def test_a_foreign_address_after_sign_in_is_ignored(client, reader, place):
    sent = {"login": reader.email, "password": PASSWORD, "next": place}
    assert "evil" not in client.post(LOGIN, sent).url


def test_the_page_asked_for_comes_after_sign_in(client, reader):
    sent = {"login": reader.email, "password": PASSWORD, "next": "/t/contoso/jobs/?state=failed"}
    assert client.post(LOGIN, sent).url == "/t/contoso/jobs/?state=failed"


def test_there_is_no_public_sign_up(client):
    assert client.get("/accounts/signup/").status_code == 404


def test_signing_out_needs_a_press_of_the_button(client_of, reader):
    client = client_of(reader)
    client.get("/accounts/logout/")
    assert client.get("/t/contoso/").status_code == 200
    client.post("/accounts/logout/")
    assert client.get("/t/contoso/").status_code == 302


def test_a_new_password_ends_the_sessions_of_other_machines(client_of, reader):
    here, there = client_of(reader), client_of(reader)
    phrase = "another-long-phrase"
    here.post(
        "/accounts/password/change/", {"oldpassword": PASSWORD, "password1": phrase, "password2": phrase}
    )
    assert there.get("/t/contoso/").status_code == 302


def test_a_password_is_reset_by_mail(client, reader):
    client.post("/accounts/password/reset/", {"email": reader.email})
    link = next(word for word in mail.outbox[0].body.split() if "/password/reset/key/" in word)
    path = "/" + link.split("/", 3)[3]
    form = client.get(path, follow=True)
    phrase = "another-long-phrase"
    client.post(form.redirect_chain[-1][0], {"password1": phrase, "password2": phrase})
    assert Client().post(LOGIN, {"login": reader.email, "password": phrase}).status_code == 302


def test_the_link_to_reset_a_password_is_of_the_public_address(client, reader, settings):
    settings.PUBLIC_URL = "https://hangar.example.org"
    client.post("/accounts/password/reset/", {"email": reader.email}, headers={"host": "localhost"})
    written = mail.outbox[0].subject + mail.outbox[0].body
    assert "https://hangar.example.org/accounts/password/reset/key/" in written
    assert "localhost" not in written


def test_resetting_does_not_say_whether_the_address_is_known(client, db):
    answer = client.post("/accounts/password/reset/", {"email": "nobody@x.example"})
    assert answer.url == "/accounts/password/reset/done/"


@pytest.mark.parametrize("login", ["a\x00b@x.example", "x" * 5000, ""])
def test_absurd_names_are_refused_in_words(client, db, login):
    assert client.post(LOGIN, {"login": login, "password": "wrong"}).status_code == 200


def test_the_session_cookie_is_hidden_from_scripts(client, reader):
    client.post(LOGIN, {"login": reader.email, "password": PASSWORD})
    cookie = client.cookies["hangar_session"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")


def test_sessions_that_ran_out_leave_the_database(client_of, reader, admin):
    old, live = (client_of(person).session.session_key for person in (reader, admin))
    Session.objects.filter(pk=old).update(expire_date=timezone.now() - timedelta(minutes=1))
    assert sign_in.clear_expired() == 1
    assert list(Session.objects.values_list("pk", flat=True)) == [live]
    Session.objects.update(expire_date=timezone.now() - timedelta(minutes=1))
    assert sign_in.clear_expired() == 0  # not before the next hour
    assert "tenants.services.sign_in.clear_expired" in django_settings.HANGAR_TICKS


def test_the_profile_keeps_name_zone_and_look(client_of, reader):
    sent = {"name": "Rita", "time_zone": "Europe/Berlin", "theme": "dark"}
    client_of(reader).post("/accounts/profile/", sent)
    reader.refresh_from_db()
    assert (reader.name, reader.time_zone, reader.theme) == ("Rita", "Europe/Berlin", "dark")


@pytest.mark.parametrize(
    "values", [{"time_zone": "Mars/Base"}, {"theme": "pink"}, {"name": "x\x00"}, {"name": ""}]
)
def test_a_bad_profile_is_refused(client_of, reader, values):
    sent = {"name": "Rita", "time_zone": "UTC", "theme": "dark", **values}
    assert client_of(reader).post("/accounts/profile/", sent).status_code == 200
    reader.refresh_from_db()
    assert reader.name == "Reader"


def test_someone_without_a_tenant_is_told_so(client_of, stranger):
    assert "not a member of any tenant" in client_of(stranger).get("/").content.decode()


def test_someone_with_two_tenants_chooses_and_comes_back_to_the_last(client_of, admin):
    client = client_of(admin)
    assert "Fabrikam" in client.get("/").content.decode()
    client.get("/t/fabrikam/")
    assert client.get("/").url == "/t/fabrikam/"


def test_an_installation_without_mail_says_so_and_writes_no_link_to_the_log(client, reader, settings, capsys):
    settings.EMAIL_BACKEND = env.email()["EMAIL_BACKEND"]
    page = client.get("/accounts/password/reset/").content.decode()
    client.post("/accounts/password/reset/", {"email": reader.email})
    written = capsys.readouterr()
    assert "sends no email" in page
    assert "/password/reset/key/" not in written.out + written.err
