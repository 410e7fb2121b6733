"""A whole Hangar on a path with spaces: start, faults, stop; every process is real."""

import contextlib
import json
import os
import signal
import socket
import stat
import sys
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.portal.a_clone import (
    READY,
    Up,
    copy_to,
    environment,
    eventually,
    left_in,
    manage,
    orphan_of,
    said_by,
    scratch,
)

pytestmark = [
    pytest.mark.workers,
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
    pytest.mark.xdist_group("up"),
]


@pytest.fixture(scope="module")
def clone() -> Iterator[Path]:
    with scratch("a path with spaces") as folder:
        yield copy_to(folder / "hangar")


@pytest.fixture(scope="module")
def hangar(clone: Path) -> Iterator[Up]:
    running = Up(clone, clone.parent / "the data")
    yield running
    if running.process.poll() is None:
        running.stop()


@pytest.fixture
def up(hangar: Up) -> Up:
    """A Hangar that is ready: the tests of this module may run in any order, on any worker."""
    if hangar.process.poll() is not None:
        hangar.start()
    hangar.wait()
    return hangar


def _status(port: int, path: str) -> int:
    client = HTTPConnection("127.0.0.1", port, timeout=10)
    client.request("GET", path)
    return client.getresponse().status


def test_the_ready_line_comes_when_pages_answer(up: Up) -> None:
    assert f"{READY} http://127.0.0.1:{up.port}/" in up.said()
    assert _status(up.port, "/readyz") == 200


def test_without_the_demo_a_set_up_link_is_printed(up: Up) -> None:
    assert f"http://127.0.0.1:{up.port}/" in up.said().split(READY)[0]


def test_what_up_wrote_is_for_its_owner_only(up: Up) -> None:
    for name in ("secret_key", "database_password", "run/services.json", "run/children.json"):
        assert stat.S_IMODE((up.data / name).stat().st_mode) == 0o600, name
    for name in ("postgres", "socket", "valkey", "run", "log"):
        assert stat.S_IMODE((up.data / name).stat().st_mode) == 0o700, name


def test_no_password_is_on_a_command_line(up: Up) -> None:
    password = (up.data / "database_password").read_text()

    for each in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):  # a process that has just ended
            assert password not in each.read_text(errors="replace")


def test_another_shell_finds_the_servers(up: Up, clone: Path) -> None:
    seen = manage(clone, "showmigrations", "tenants", HANGAR_DATA=str(up.data))

    assert seen.returncode == 0, seen.stderr
    assert "[X] 0001_initial" in seen.stdout


def test_a_second_up_on_the_same_data_is_refused_in_a_sentence(up: Up, clone: Path) -> None:
    second = manage(clone, "up", HANGAR_DATA=str(up.data), PORT="1")

    assert second.returncode == 1
    assert second.stderr.strip() == f"Hangar is already running in {up.data}: stop it first."


@pytest.mark.parametrize("name", ["postgres", "valkey", "web", "jobs", "tick", "beat"])
def test_a_killed_child_is_started_again(up: Up, name: str) -> None:
    before = up.children()[name]

    with contextlib.suppress(ProcessLookupError):  # the test before may have taken it along
        os.kill(before, signal.SIGKILL)

    assert eventually(lambda: up.children()[name] != before)
    assert eventually(lambda: _answers(up.port))


def _answers(port: int) -> bool:
    try:
        return _status(port, "/readyz") == 200
    except OSError:
        return False


def test_children_do_not_outlive_a_killed_up_and_the_next_one_recovers(up: Up) -> None:
    key = (up.data / "secret_key").read_text()

    up.stop(signal.SIGKILL)

    assert eventually(lambda: not left_in(up.data)), left_in(up.data)
    up.start()
    up.wait()
    assert (up.data / "secret_key").read_text() == key


def test_a_web_worker_that_outlived_a_killed_up_does_not_keep_the_port(up: Up) -> None:
    up.wait()
    orphan = orphan_of(up.children()["web"], up)

    up.stop(signal.SIGKILL)
    assert said_by(orphan) == "listening"
    up.start()

    assert orphan.wait(60) == -signal.SIGTERM
    assert READY in up.wait()


def test_ctrl_c_stops_everything_and_leaves_no_process(up: Up) -> None:
    assert up.stop(signal.SIGINT) == 0

    assert left_in(up.data) == []
    assert not (up.data / "run" / "services.json").exists()


def test_a_running_hangar_keeps_its_templates_when_a_newer_version_is_put_in_place(
    up: Up, clone: Path
) -> None:
    page = clone / "templates" / "account" / "password_reset.html"
    ours = page.read_text()
    page.write_text("{% load static %}{% static 'css/of_a_newer_version.css' %}")
    try:
        assert _status(up.port, "/accounts/password/reset/") == 200
    finally:
        page.write_text(ours)


def test_a_stale_pid_file_that_names_another_program_is_no_obstacle(hangar: Up) -> None:
    if hangar.process.poll() is None:
        hangar.wait()
        assert hangar.stop(signal.SIGTERM) == 0
    mark = hangar.data / "postgres" / "postmaster.pid"
    mark.write_text(f"{os.getpid()}\n{hangar.data / 'postgres'}\n")

    hangar.start()

    assert READY in hangar.wait()


def test_external_servers_are_used_and_embedded_ones_never_start(up: Up, clone: Path, tmp_path: Path) -> None:
    there = json.loads((up.data / "run" / "services.json").read_text())
    assert there["public_url"] == f"http://127.0.0.1:{up.port}"
    broker = there["redis_url"].removesuffix("/0") + "/7"
    other = Up(
        clone,
        tmp_path / "second",
        DATABASE_URL=there["database_url"],
        REDIS_URL=broker,
        SECRET_KEY="k" * 60,
    )
    other.wait()

    assert set(other.children()) == {"preparation", "web", "jobs", "tick", "beat"}
    assert other.stop() == 0
    assert not (other.data / "postgres").exists()


def test_a_taken_port_is_a_sentence(clone: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])

        refused = manage(clone, "up", HANGAR_DATA=str(clone.parent / "other data"), PORT=port)

    assert refused.returncode == 1
    assert refused.stderr.startswith(f"Port {port} of 127.0.0.1 is taken by another program")


def test_a_database_without_a_secret_key_is_refused(clone: Path, tmp_path: Path) -> None:
    refused = manage(
        clone,
        "up",
        HANGAR_DATA=str(tmp_path / "data"),
        DATABASE_URL="postgres://nobody@127.0.0.1:1/none",
        REDIS_URL="redis://127.0.0.1:1/0",
    )

    assert refused.returncode == 1
    assert refused.stderr.strip() == "SECRET_KEY is required together with DATABASE_URL."


def test_the_environment_of_the_test_run_does_not_leak() -> None:
    assert "DATABASE_URL" not in environment()
