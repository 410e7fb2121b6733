"""The embedded servers: private, durable, and never in the way of the next start."""

import contextlib
import errno
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from redis import Redis
from redis.exceptions import AuthenticationError

from portal.embedded import account, binaries, postgres, processes, valkey
from portal.embedded.account import CannotStart
from portal.embedded.state import RunFolder
from portal.embedded.supervisor import Supervisor
from tests.portal.a_clone import scratch

pytestmark = pytest.mark.workers


@pytest.fixture
def data() -> Iterator[Path]:
    with scratch("data") as folder:
        yield folder


@pytest.fixture
def supervisor(data: Path) -> Iterator[Supervisor]:
    run = RunFolder(data)
    run.hold()
    running = Supervisor(run)
    yield running
    running.stop()


def _start_postgres(supervisor: Supervisor, data: Path) -> postgres.Postgres:
    cluster = postgres.prepare(data, account.server_account())
    child = supervisor.start(cluster.program(data / "postgres.log"))
    supervisor.wait_until(lambda: cluster.is_ready(child.process.pid))
    return cluster


def _connect(cluster: postgres.Postgres) -> psycopg.Connection:
    return psycopg.connect(
        host=str(cluster.socket), user="hangar", password=cluster.password, dbname="hangar"
    )


def test_committed_rows_survive_a_kill_of_the_database(supervisor: Supervisor, data: Path) -> None:
    cluster = _start_postgres(supervisor, data)
    with _connect(cluster) as client:
        client.execute("CREATE TABLE kept (n int)")
        client.execute("INSERT INTO kept SELECT generate_series(1, 500)")
    child = supervisor.children[0]

    processes.signal_group(child.process.pid, signal.SIGKILL)
    killed = child.process.pid
    supervisor.wait_until(lambda: child.process.pid != killed)
    supervisor.wait_until(lambda: cluster.is_ready(child.process.pid))

    with _connect(cluster) as client:
        assert client.execute("SELECT count(*) FROM kept").fetchone() == (500,)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_connection_that_outlived_its_killed_server_does_not_stop_the_next(
    supervisor: Supervisor, data: Path
) -> None:
    cluster = _start_postgres(supervisor, data)
    first = supervisor.children.pop()
    with _connect(cluster) as client, contextlib.suppress(psycopg.OperationalError):
        busy = client.info.backend_pid
        os.kill(busy, signal.SIGSTOP)  # so that it cannot notice the death of its parent
        first.process.kill()
        first.process.wait()

    cluster = postgres.prepare(data, account.server_account())
    child = supervisor.start(cluster.program(data / "postgres.log"))
    supervisor.wait_until(lambda: cluster.is_ready(child.process.pid))

    assert processes.started_at(busy) == ""


def test_the_database_needs_its_password_and_has_no_port(supervisor: Supervisor, data: Path) -> None:
    cluster = _start_postgres(supervisor, data)

    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(host=str(cluster.socket), user="hangar", password="wrong", dbname="hangar")
    with _connect(cluster) as client:
        assert client.execute("SHOW listen_addresses").fetchone() == ("",)
        assert client.execute("SHOW fsync").fetchone() == ("on",)
        assert client.execute("SELECT rolsuper FROM pg_roles WHERE rolname='hangar'").fetchone() == (False,)


def test_a_refused_statement_leaves_no_value_in_the_databases_log(supervisor: Supervisor, data: Path) -> None:
    cluster = _start_postgres(supervisor, data)
    with _connect(cluster) as client:
        client.execute("CREATE TABLE kept (secret text PRIMARY KEY)")
        client.execute("INSERT INTO kept VALUES ('a-hash')")

    with _connect(cluster) as client, pytest.raises(psycopg.errors.UniqueViolation, match="a-hash"):
        client.execute("INSERT INTO kept VALUES ('a-hash')")

    written = (data / "postgres.log").read_text()
    assert "duplicate key value" in written
    assert "a-hash" not in written


def test_our_role_can_make_the_extensions_that_search_needs(supervisor: Supervisor, data: Path) -> None:
    cluster = _start_postgres(supervisor, data)

    with _connect(cluster) as client:
        client.execute("CREATE EXTENSION pg_trgm")
        client.execute("CREATE EXTENSION btree_gin")


def test_a_path_too_long_for_a_socket_gets_a_short_private_folder(tmp_path: Path) -> None:
    folder = tmp_path / ("x" * 100)
    folder.mkdir()

    short = postgres._socket_folder(folder, account.server_account())
    again = postgres._socket_folder(folder, account.server_account())

    assert len(str(short)) < postgres.LONGEST_SOCKET_FOLDER
    assert again.stat().st_mode & 0o777 == 0o700
    assert not short.exists()
    again.rmdir()


def test_a_half_made_cluster_is_made_anew(supervisor: Supervisor, data: Path) -> None:
    half = data / "postgres.half"
    half.mkdir()
    (half / "PG_VERSION").write_text("18")

    cluster = _start_postgres(supervisor, data)

    with _connect(cluster) as client:
        assert client.execute("SELECT 1").fetchone() == (1,)


def test_data_of_another_major_version_is_refused_in_a_sentence(data: Path) -> None:
    (data / "postgres").mkdir()
    (data / "postgres" / "PG_VERSION").write_text("12\n")

    with pytest.raises(CannotStart, match="was made by PostgreSQL 12"):
        postgres.prepare(data, account.server_account())


def test_the_broker_needs_its_password_and_keeps_what_it_was_given(
    supervisor: Supervisor, data: Path
) -> None:
    broker = valkey.prepare(data, account.server_account())
    child = supervisor.start(broker.program(data / "valkey.log"))
    supervisor.wait_until(broker.is_ready)
    with pytest.raises(AuthenticationError):
        Redis(port=broker.port, password="wrong").ping()
    with Redis.from_url(broker.url) as client:
        client.set("kept", "yes")
        client.execute_command("WAITAOF", 1, 0, 5000)
    killed = child.process.pid

    child.process.kill()
    supervisor.wait_until(lambda: child.process.pid != killed and broker.is_ready())

    with Redis.from_url(broker.url) as client:
        assert client.get("kept") == b"yes"


def test_the_broker_does_not_take_another_program_for_itself(data: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        mine = valkey.Valkey(binaries.valkey(), data, other.getsockname()[1], "secret", account.Account())

        assert not mine.is_ready()


def test_a_named_folder_without_postgres_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HANGAR_POSTGRES_BIN", str(tmp_path))

    with pytest.raises(CannotStart, match="No PostgreSQL 16 or newer"):
        binaries.postgres()


def test_a_binary_that_the_servers_user_cannot_reach_is_copied(data: Path, tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root runs the servers as another user")
    hidden = tmp_path / "hidden"
    hidden.mkdir(mode=0o700)
    (hidden / "server").write_text("#!/bin/sh\nexit 0\n")
    (hidden / "server").chmod(0o755)
    runs_as = account.server_account()

    found = binaries.Binaries(hidden).reachable("server", account=runs_as, copies=data / "servers")

    assert runs_as.run([found / "server"]) == 0
    assert hidden.stat().st_mode & 0o777 == 0o700


def test_a_disk_that_is_too_small_for_the_copy_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fill(*args: object, **options: object) -> None:
        raise shutil.Error([("a", "b", "[Errno 28] No space left on device: 'a' -> 'b'")] * 900)

    monkeypatch.setattr(shutil, "copytree", fill)
    (tmp_path / "server").touch()

    with pytest.raises(CannotStart, match=r"^The disk is full: free some space for \S+ and start again\.$"):
        binaries.Binaries(tmp_path).reachable("server", account=account.Account(), copies=tmp_path / "copies")


def test_a_file_is_no_data_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("HANGAR_DATA", str(tmp_path / "file"))

    with pytest.raises(CannotStart, match="is a file"):
        account.choose_data_folder(account.server_account())


def test_a_named_data_folder_that_the_servers_user_cannot_enter_is_an_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root runs the servers as another user")
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    monkeypatch.setenv("HANGAR_DATA", str(closed / "data"))

    with pytest.raises(CannotStart, match="cannot be entered"):
        account.choose_data_folder(account.server_account())
    assert closed.stat().st_mode & 0o777 == 0o700


def test_a_child_is_known_by_pid_and_start_time() -> None:
    assert processes.started_at(os.getpid()) == processes.started_at(os.getpid()) != ""
    assert processes.started_at(os.getpid()) != processes.started_at(os.getppid())


def test_what_another_program_left_under_the_number_of_a_child_is_not_stopped(data: Path) -> None:
    script = "sleep 60 & echo $!"
    daemon = subprocess.Popen(["/bin/sh", "-c", script], stdout=subprocess.PIPE, process_group=0)
    assert daemon.stdout is not None
    other = int(daemon.stdout.readline())
    daemon.wait()
    run = RunFolder(data)
    run.record("web", daemon.pid)

    run.stop_leftovers()

    assert processes.started_at(other) != ""
    os.kill(other, signal.SIGKILL)


def test_a_log_that_grew_too_long_starts_anew(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    log.write_bytes(b"x" * (processes.LOG_BYTES + 1))

    processes.keep_small(log)

    assert log.stat().st_size == 0
    assert (tmp_path / "web.log.1").stat().st_size == processes.LOG_BYTES + 1


def test_a_disk_that_is_full_later_does_not_end_what_runs(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*args: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    child = supervisor.start(processes.Program("sleeper", ["sleep", "600"]))
    supervisor.is_ready = True
    monkeypatch.setattr(supervisor.run, "record", full)
    monkeypatch.setattr(processes, "keep_small", full)
    first = child.process.pid
    child.process.kill()

    supervisor.wait_until(lambda: child.is_alive and child.process.pid != first)

    assert capsys.readouterr().out.count("No space left on device; going on") == 1
