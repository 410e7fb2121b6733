"""Downloads that break: never a file that looks complete."""

import pytest
from django.db import DatabaseError, connection
from django.test import RequestFactory

from portal import outages
from portal.ui import exports

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch):
    monkeypatch.setattr(exports, "ROWS_A_CHUNK", 2)


def rows_until(fault):
    yield ["a"]
    fault()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    yield ["b"]


def test_a_download_that_breaks_off_does_not_end_as_a_whole_one(lose_database):
    response = exports.csv_response(name="x", header=["x"], rows=rows_until(lose_database))
    sent = iter(response)
    assert next(sent) == b"x\r\na\r\n"
    with pytest.raises(DatabaseError):
        next(sent)


def test_a_download_that_cannot_begin_is_told_in_words(lose_database, monkeypatch):
    monkeypatch.setattr(exports, "ROWS_A_CHUNK", 200)
    with pytest.raises(DatabaseError) as caught:
        exports.csv_response(name="x", header=["x"], rows=rows_until(lose_database))
    assert outages.is_database_away(caught.value)


def test_an_old_client_gets_a_length_or_nothing(lose_database):
    request = RequestFactory(SERVER_PROTOCOL="HTTP/1.0").get("/")

    def download(fault):
        return lambda request: exports.csv_response(name="x", header=["x"], rows=rows_until(fault))

    whole = exports.KnownLengthMiddleware(download(lambda: None))(request)
    assert (whole.getvalue(), whole["Content-Length"]) == (b"x\r\na\r\nb\r\n", "9")
    with pytest.raises(DatabaseError):
        exports.KnownLengthMiddleware(download(lose_database))(request)
