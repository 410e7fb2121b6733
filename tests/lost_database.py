"""A database that goes away in the middle of a test: the server ends our connection, for real."""

from collections.abc import Callable, Iterator

import pytest
from django.db import connection

Lose = Callable[..., None]


@pytest.fixture
def lose_database(transactional_db: None) -> Iterator[Lose]:
    """Ends the connection of this test, as a stopping server does; the next one can be made."""

    def lose(*args: object, **options: object) -> None:
        connection.ensure_connection()
        pid = connection.connection.info.backend_pid
        other = connection.copy()
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
        other.close()

    yield lose
    connection.close()
