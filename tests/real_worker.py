"""A real Celery worker process on the test's own database and broker."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection
from redis import Redis

from portal.embedded import processes
from portal.env import CLONE


class Worker:
    """One worker process group, started and killed by the test."""

    def __init__(self, log: Path) -> None:
        self.program = processes.Program(
            name="jobs",
            command=[
                *(sys.executable, "-m", "celery", "-A", "portal.celery", "worker"),
                *("-B", "-Q", "jobs,tick", "-n", f"jobs-{os.getpid()}@%h", "--concurrency", "2"),
                *("--prefetch-multiplier", "1", "--without-gossip", "--without-mingle"),
            ],
            log=log,
            environment={
                "DATABASE_URL": database_url(),
                "REDIS_URL": settings.REDIS_URL,
                "HANGAR_DATA": str(Path(settings.MEDIA_ROOT).parent),
            },
            folder=CLONE,
        )
        self.process = self.program.start()

    def kill(self) -> None:
        """kill -9 of the worker and of its children, as a power cut would."""
        processes.signal_group(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def restart(self) -> None:
        """Start it again after a kill."""
        self.process = self.program.start()

    def stop(self) -> None:
        """End it, warm at first."""
        if self.process.poll() is None:
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(8)
        self.kill()


def database_url() -> str:
    """The address of the database that this test sees."""
    at = connection.settings_dict
    host = quote(at["HOST"]) if at["HOST"].startswith("/") else f"{at['HOST']}:{at['PORT'] or 5432}"
    slash = "/" if at["HOST"].startswith("/") else ""
    return f"postgres://{at['USER']}:{quote(at['PASSWORD'])}@{slash}{host}/{at['NAME']}"


@pytest.fixture
def real_worker(quiet_end: None, tmp_path: Path) -> Iterator[Worker]:
    """A running worker; the broker's number is emptied before and after."""
    broker = Redis.from_url(settings.REDIS_URL)
    broker.flushdb()
    worker = Worker(tmp_path / "worker.log")
    yield worker
    worker.stop()
    broker.flushdb()
