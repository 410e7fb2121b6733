"""While the database is away: a calm 503 that passes by itself, and nothing done by halves."""

import errno
import re
from html import unescape

import pytest
from django.db import DatabaseError, connection

from portal import outages
from tenants.models import AuditEvent, VerifiedDomain

pytestmark = pytest.mark.django_db(transaction=True)
OVERVIEW, DOMAINS = "/t/contoso/", "/t/contoso/settings/domains/"


@pytest.fixture
def visitor(admin, client_of):
    client = client_of(admin)
    client.raise_request_exception = False
    return client


@pytest.fixture
def unreachable(transactional_db):
    """Connections are refused: no server listens at the address."""
    connection.close()
    before = connection.settings_dict["HOST"]
    connection.settings_dict["HOST"] = "/nonexistent"
    yield
    connection.settings_dict["HOST"] = before
    connection.close()


def test_a_page_says_so_and_tries_again_by_itself(visitor, lose_database):
    lose_database()
    answer = visitor.get(OVERVIEW)
    page = answer.content.decode()
    assert (answer.status_code, answer["Retry-After"], answer["Cache-Control"]) == (503, "5", "no-store")
    assert '<p data-again="5">' in page
    assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in page
    assert "tries again by itself" in page
    assert re.findall(r"<script(?![^>]* src=)", page) == []


def test_a_refused_connection_is_told_alike(visitor, unreachable):
    visitor.cookies["hangar_theme"] = "dark"
    answer = visitor.get(OVERVIEW)
    assert answer.status_code == 503
    assert 'data-theme="dark"' in answer.content.decode()


def test_the_next_request_finds_the_database_again(visitor, lose_database):
    lose_database()
    assert visitor.get(OVERVIEW).status_code == 503
    connection.close_if_unusable_or_obsolete()  # as the end of a request does
    assert visitor.get(OVERVIEW).status_code == 200


def test_a_fragment_becomes_a_toast_and_leaves_the_page_alone(visitor, lose_database):
    lose_database()
    answer = visitor.get(OVERVIEW, HTTP_HX_REQUEST="true")
    toast = answer.content.decode()
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    steering = (answer["HX-Retarget"], answer["HX-Reswap"], answer["HX-Push-Url"])
    assert steering == ("#toasts", "beforeend", "false")
    assert "data-away" in toast
    assert "<html" not in toast


def test_a_form_cut_off_in_the_middle_is_not_done_and_is_kept_to_be_sent_again(
    visitor, lose_database, monkeypatch
):
    sent = {"name": "lab.example", "more": "two\nlines <b>"}
    with monkeypatch.context() as patched:
        patched.setattr("tenants.services.tenants.audit.record", lose_database)
        answer = visitor.post(DOMAINS, sent)
    page = answer.content.decode()
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "http-equiv" not in page, "it would open the form anew, without what was typed"
    kept = re.findall(r'<input type="hidden" name="(.*?)" value="(.*?)">', page, re.DOTALL)
    assert {name: unescape(value) for name, value in kept} == sent
    connection.close()
    assert not VerifiedDomain.unscoped.filter(name="lab.example").exists()
    assert visitor.post(DOMAINS, sent).status_code == 302
    assert AuditEvent.objects.filter(activity="domain.added").count() == 1


def test_a_password_is_not_kept(client, unreachable):
    client.raise_request_exception = False
    answer = client.post("/accounts/login/", {"login": "a@contoso.example", "password": "Secret-word-1"})
    page = answer.content.decode()
    assert (answer.status_code, "Secret-word-1" in page, "Back button" in page) == (503, False, True)


def test_health_is_told_to_a_signed_in_person_as_well(visitor, unreachable):
    assert visitor.get("/healthz").json() == {"status": "ok"}
    assert visitor.get("/readyz").json()["database"] == "unavailable"


@pytest.mark.parametrize("sql", ["SELECT 1/0", "SELECT nothing", "SELECT set_config('a.b', 'c', 'maybe')"])
def test_an_error_in_what_was_asked_is_no_outage(sql):
    with pytest.raises(DatabaseError) as caught, connection.cursor() as cursor:
        cursor.execute(sql)
    assert outages.as_refusal(caught.value) is None


def test_a_closed_cursor_is_a_fault_of_ours(db):
    with connection.cursor() as cursor:
        pass
    with pytest.raises(Exception, match="closed") as caught:
        cursor.execute("SELECT 1")
    assert outages.as_refusal(caught.value) is None


def test_a_fault_of_ours_is_a_500_still(visitor, monkeypatch):
    def fail(*args, **options):
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1/0")

    monkeypatch.setattr("tenants.services.tenants.audit.record", fail)
    answer = visitor.post(DOMAINS, {"name": "lab.example"})
    assert (answer.status_code, answer.has_header("Retry-After")) == (500, False)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES])
def test_a_disk_that_takes_nothing_is_told_in_words(number):
    refused = outages.as_refusal(OSError(number, "no"))
    assert refused is not None
    assert (refused.status, "Nothing was saved" in str(refused)) == (503, True)


def test_a_database_whose_disk_is_full_is_told_in_words(visitor, monkeypatch):
    def fail(*args, **options):
        with connection.cursor() as cursor:
            cursor.execute("DO $$ BEGIN RAISE EXCEPTION 'no space' USING ERRCODE = '53100'; END $$")

    monkeypatch.setattr("tenants.services.tenants.audit.record", fail)
    answer = visitor.post(DOMAINS, {"name": "lab.example"})
    assert (answer.status_code, "disk is full" in answer.content.decode()) == (503, True)
    assert not VerifiedDomain.unscoped.filter(name="lab.example").exists()
