"""Nothing is left at work when a test's database is emptied.

A request of a closed window, or a statement of a killed worker, would wait for the emptying or
deadlock with it, and could write rows into the next test.
"""

import time
from collections.abc import Iterator

import pytest
from django.db import connection
from pytest_django.live_server_helper import LiveServer

PATIENCE = 60.0
SESSIONS = """
SELECT pid, state || ': ' || query FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend'
"""


def _sessions() -> dict[int, str]:
    with connection.cursor() as cursor:
        cursor.execute(SESSIONS)
        return dict(cursor.fetchall())


@pytest.fixture
def quiet_end(transactional_db: None) -> Iterator[None]:
    """Waits, after the test, until every session that began in it has ended."""
    before = _sessions()
    yield
    deadline = time.monotonic() + PATIENCE
    while left := [doing for pid, doing in _sessions().items() if pid not in before]:
        assert time.monotonic() < deadline, f"still using the database: {left}"
        time.sleep(0.02)


@pytest.fixture
def live_server(live_server: LiveServer, quiet_end: None) -> LiveServer:
    """The live site, whose last request has ended before the database is emptied."""
    return live_server
