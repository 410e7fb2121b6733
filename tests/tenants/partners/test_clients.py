"""API clients of a partner: a secret shown once and kept hashed, tokens at their own address alone."""

import base64
import logging
import re
from datetime import timedelta

import pytest
from django.contrib.auth.hashers import identify_hasher
from django.utils import timezone
from oauth2_provider.models import AccessToken

from tenants.models import ApiClient, AuditEvent, Partner
from tenants.permissions import Actor
from tenants.services import api_clients, api_tokens
from tenants.services.partners import accounts, consents
from tenants.views import tokens
from tests import factories

pytestmark = pytest.mark.django_db
CLIENTS = "/p/tailwind/api-clients/"
SCOPE = "https://api.partnercenter.microsoft.com/.default"


def ask(client, place, api_client, secret, **values):
    sent = {
        "grant_type": "client_credentials",
        "client_id": api_client.client_id,
        "client_secret": secret,
        "scope": SCOPE,
        **values,
    }
    return client.post(f"/{place}/oauth2/v2.0/token", sent)


@pytest.fixture
def made(tailwind):
    return factories.make_client(tailwind)


def test_a_secret_is_shown_once_and_kept_hashed(reseller, client_of):
    client = client_of(reseller)
    sent = {"step": "confirm", "name": "Nightly", "days": "90"}
    page = client.post(f"{CLIENTS}new/", sent).content.decode()
    stored = ApiClient.objects.get()
    (secret,) = [text for text in re.findall(r"<code[^>]*>([^<]+)</code>", page) if text != stored.client_id]
    assert identify_hasher(stored.client_secret)
    assert "Cancel" not in page
    assert secret not in stored.client_secret
    again = client.get(CLIENTS).content.decode()
    assert secret not in again
    assert stored.client_id in again
    event = AuditEvent.objects.get(activity="api_client.created")
    assert secret not in str(list(event.targets.values()))


def test_a_token_is_given_for_any_default_scope(made, tailwind, client):
    answer = ask(client, tailwind.pk, *made)
    body = answer.json()
    assert (answer.status_code, body["token_type"], body["expires_in"]) == (200, "Bearer", 3600)
    assert "no-store" in answer["Cache-Control"]
    made[0].refresh_from_db()
    assert made[0].last_used_at is not None


def test_a_client_may_name_itself_by_basic_authentication(made, tailwind, client):
    word = base64.b64encode(f"{made[0].client_id}:{made[1]}".encode()).decode()
    sent = {"grant_type": "client_credentials", "scope": SCOPE}
    url = f"/{tailwind.pk}/oauth2/v2.0/token"
    assert client.post(url, sent, headers={"authorization": f"Basic {word}"}).status_code == 200


def test_tokens_are_stored_hashed(made, tailwind, client):
    token = ask(client, tailwind.pk, *made).json()["access_token"]
    assert token not in str(list(AccessToken.objects.values()))


@pytest.mark.parametrize(
    "values",
    [
        {"client_secret": "wrong"},
        {"client_id": "00000000-0000-0000-0000-000000000000"},
        {"client_id": "a\x00b"},
        {"grant_type": "password", "username": "ada@tailwind.example", "password": factories.PASSWORD},
        {"grant_type": "authorization_code", "code": "x"},
        {"grant_type": "refresh_token", "refresh_token": "x"},
        {"grant_type": "urn:ietf:params:oauth:grant-type:device_code", "device_code": "x"},
        {"scope": "read write"},
        {"scope": "a\x00b/.default"},
        {"scope": f"{'a' * 10_000}/.default"},
        {"scope": " ".join(f"https://r{number}/.default" for number in range(3000))},
    ],
)
def test_nothing_else_gets_a_token(made, tailwind, reseller, client, values):
    answer = ask(client, tailwind.pk, *made, **values)
    assert answer.status_code in (400, 401)
    assert "error" in answer.json()


@pytest.mark.parametrize("password", [factories.PASSWORD, "wrong"])
def test_a_client_cannot_try_peoples_passwords(password, made, tailwind, reseller, client):
    values = {"grant_type": "password", "username": reseller.email, "password": password}
    answer = ask(client, tailwind.pk, *made, **values)
    assert (answer.status_code, answer.json()) == (400, {"error": "unsupported_grant_type"})


def test_parameters_in_the_address_are_a_bad_request(made, tailwind, client):
    answer = client.post(f"/{tailwind.pk}/oauth2/v2.0/token?a=%zz&b=[]", {"grant_type": "client_credentials"})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("resource", ["https://api.partnercenter.microsoft.com", "https://a\x00b"])
def test_a_resource_is_refused_rather_than_given_a_token_that_opens_nothing(resource, made, tailwind, client):
    answer = ask(client, tailwind.pk, *made, resource=resource)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_a_guess_costs_no_slow_hash(made):
    assert identify_hasher(made[0].client_secret).algorithm == "random_sha256"
    assert identify_hasher(factories.make_person("x@example.org").password).algorithm != "random_sha256"


def test_an_address_that_guesses_is_told_to_wait(made, tailwind, client, monkeypatch):
    monkeypatch.setattr(tokens, "WRONG_SECRETS_A_MINUTE", 0)
    answer = ask(client, tailwind.pk, made[0], "wrong")
    assert (answer.status_code, answer.json()["error"]) == (429, "temporarily_unavailable")
    assert int(answer["Retry-After"]) > 0
    assert ask(client, tailwind.pk, *made).status_code == 200


def test_a_client_gets_no_token_at_the_address_of_another_place(made, litware, contoso, client):
    for place in (litware.pk, contoso.pk):
        assert ask(client, place, *made).status_code == 401


@pytest.mark.parametrize("shut", ["revoked", "expired", "partner deactivated"])
def test_a_client_that_is_shut_gets_no_token(shut, made, tailwind, client):
    if shut == "revoked":
        api_clients.revoke(partner=tailwind, actor=Actor.command(), client=made[0])
    elif shut == "expired":
        ApiClient.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    else:
        accounts.set_active(actor=Actor.command(), partner=tailwind, is_active=False)
    assert ask(client, tailwind.pk, *made).status_code == 401


def test_a_new_secret_ends_the_old_one_and_its_tokens(made, tailwind, reseller, client, client_of):
    ask(client, tailwind.pk, *made)
    client_of(reseller).post(f"{CLIENTS}{made[0].pk}/renew/", {"step": "confirm", "days": "90"})
    assert not AccessToken.objects.exists()
    assert ask(client, tailwind.pk, *made).status_code == 401


def test_expired_tokens_leave_the_database(made, tailwind, client):
    ask(client, tailwind.pk, *made)
    AccessToken.objects.update(expires=timezone.now() - timedelta(seconds=1))
    assert api_tokens.clear_expired() == 1
    assert api_tokens.clear_expired() == 0


def test_neither_secret_nor_token_enters_the_log(made, tailwind, client, caplog):
    with caplog.at_level(logging.DEBUG):
        token = ask(client, tailwind.pk, *made).json()["access_token"]
        ask(client, tailwind.pk, made[0], f"{made[1]}x")
        client.get(f"/partner-center/v1/customers/{tailwind.pk}/deviceBatches?access_token={token}")
    seen = [record.getMessage() for record in caplog.records if record.name != "django.db.backends"]
    assert not [line for line in seen if made[1] in line]


def test_an_indirect_reseller_has_no_clients(client_of):
    provider = factories.make_partner("Northwind", kind=Partner.Kind.INDIRECT_PROVIDER)
    shop = factories.make_partner("Shop", kind=Partner.Kind.INDIRECT_RESELLER, provider=provider)
    person = factories.make_person("s@shop.example")
    factories.work_for(shop, person)
    assert client_of(person).get("/p/shop/api-clients/").status_code == 403
    with pytest.raises(consents.ApiNotAllowed):
        factories.make_client(shop)


def test_a_list_of_many_clients_costs_no_query_each(
    reseller, tailwind, client_of, django_assert_max_num_queries
):
    for _number in range(10):
        factories.make_client(tailwind)
    client = client_of(reseller)
    with django_assert_max_num_queries(10):
        assert client.get(CLIENTS).status_code == 200


@pytest.mark.parametrize("change", ["renewed", "revoked"])
def test_a_secret_replaced_while_it_is_checked_gets_no_token(change, made, tailwind, client, monkeypatch):
    def meanwhile(_client):
        who = {"partner": tailwind, "actor": Actor.command(), "client": made[0]}
        if change == "renewed":
            api_clients.renew(lifetime=timedelta(days=90), **who)
        else:
            api_clients.revoke(**who)

    monkeypatch.setattr(api_tokens, "note_use", meanwhile)
    answer = ask(client, tailwind.pk, *made)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert not AccessToken.objects.exists()


def test_the_address_is_read_in_any_case(made, tailwind, client):
    assert ask(client, str(tailwind.pk).upper(), *made).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_token_is_to_be_asked_for_again_while_the_database_is_away(made, tailwind, client, lose_database):
    lose_database()
    answer = ask(client, tailwind.pk, *made)
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert answer.json()["error"] == "temporarily_unavailable"
