"""One private PostgreSQL cluster: made once, reached only through a unix socket in a 0700 folder."""

import contextlib
import os
import re
import secrets
import shutil
import signal
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from portal.embedded import binaries, processes
from portal.embedded.account import Account, CannotStart, private_folder
from portal.embedded.binaries import Binaries

# A socket's address holds 104 bytes on the stingiest system; the server adds 14 of its own.
LONGEST_SOCKET_FOLDER = 85

SETTINGS = {
    "listen_addresses": "",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "jit": "off",
    "random_page_cost": "1.1",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "unix_socket_permissions": "0700",
    # A refused statement holds its values, hashes and digests among them: the log names the error alone.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
THROW_AWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True)
class Postgres:
    """A cluster in `folder`, run by `account`; `socket` is its folder of sockets."""

    server: Binaries
    folder: Path
    socket: Path
    password: str
    account: Account

    @property
    def url(self) -> str:
        """The address for DATABASE_URL; it holds the password."""
        return f"postgres://hangar:{self.password}@/{quote(str(self.socket))}/hangar"

    def program(self, log: Path, *, throw_away: bool = False) -> processes.Program:
        """The server as a child: SIGINT stops it at once and cleanly."""
        settings = SETTINGS | (THROW_AWAY if throw_away else {})
        options = [f"--{name}={value}" for name, value in settings.items()]
        return processes.Program(
            name="postgres",
            command=[
                self.server / "postgres",
                *("-D", str(self.folder)),
                *("-k", str(self.socket)),
                *options,
            ],
            log=log,
            environment={"LC_ALL": "C"},
            account=self.account,
            is_server=True,
            stop_signal=signal.SIGINT,
            orphan_signal=signal.SIGINT,
        )

    def is_ready(self, pid: int) -> bool:
        """Whether the server with this pid accepts connections, by its own status file."""
        try:
            lines = (self.folder / "postmaster.pid").read_text().split("\n")
        except OSError:
            return False
        return lines[0] == str(pid) and len(lines) > 7 and lines[7].strip() == "ready"

    def forget_the_dead(self) -> None:
        """Stop what an earlier start left in this folder and remove its marks.

        Only for the holder of the data folder's lock: PostgreSQL itself would believe a stale
        file whose pid another program has by now.
        """
        mark = self.folder / "postmaster.pid"
        with contextlib.suppress(OSError, ValueError, IndexError):
            pid = int(mark.read_text().split("\n")[0])
            if _serves(pid, self.folder):
                processes.end_group(os.getpgid(pid), number=signal.SIGINT, seconds=5)
        # A connection that was busy when its server was killed keeps the next one from starting.
        processes.end_orphans(self.folder, title="postgres:")
        mark.unlink(missing_ok=True)
        for left in self.socket.glob(".s.PGSQL.*"):
            left.unlink()


def _serves(pid: int, folder: Path) -> bool:
    """Whether the process is a server of this very folder (its working directory)."""
    listed = subprocess.run(
        ["ps", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return "postgres" in listed.stdout and str(folder) in listed.stdout


def prepare(data: Path, account: Account) -> Postgres:
    """The cluster of a data folder, made on the first call; raises CannotStart."""
    found = binaries.postgres()
    server = found.reachable("postgres", account=account, copies=data / "servers")
    password = _password(data / "database_password")
    folder = data / "postgres"
    if not folder.exists():
        _make_cluster(server, folder, password, account)
    made_by = (folder / "PG_VERSION").read_text().strip()
    if made_by != str(binaries.major(found)):
        raise CannotStart(
            f"The database in {folder} was made by PostgreSQL {made_by}, and only "
            f"{binaries.major(found)} is installed: set HANGAR_POSTGRES_BIN or migrate the data."
        )
    cluster = Postgres(server, folder, _socket_folder(data, account), password, account)
    cluster.forget_the_dead()
    return cluster


def _password(file: Path) -> str:
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(24))
    return file.read_text()


def _socket_folder(data: Path, account: Account) -> Path:
    """`socket` in the data folder, or a short private folder where its path cannot be an address."""
    folder = data / "socket"
    if len(os.fsencode(folder)) <= LONGEST_SOCKET_FOLDER and re.fullmatch(r"[\w /.+-]+", str(folder)):
        return private_folder(folder, account)
    pointer = data / "socket_folder"
    if pointer.exists():
        shutil.rmtree(pointer.read_text(), ignore_errors=True)
    short = Path(tempfile.mkdtemp(prefix="hangar-", dir="/tmp"))
    account.own(short)
    pointer.write_text(str(short))
    return short


def _make_cluster(server: Binaries, folder: Path, password: str, account: Account) -> None:
    """initdb, our role and our database; the folder gets its name when all of it is there."""
    half = folder.with_suffix(".half")
    shutil.rmtree(half, ignore_errors=True)
    private_folder(half, account)
    locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    if binaries.major(server) < 17:
        locale = ["--no-locale"]
    initdb = [server / "initdb", "-D", str(half), "-U", "postgres", "-E", "UTF8", *locale]
    _step([*initdb, "--auth=peer", "--no-instructions"], account)
    (half / "pg_hba.conf").write_text("local all hangar scram-sha-256\nlocal all all peer\n")
    sql = f"CREATE ROLE hangar LOGIN CREATEDB PASSWORD '{password}';\nCREATE DATABASE hangar OWNER hangar;\n"
    _step([server / "postgres", "--single", "-D", str(half), "postgres"], account, feed=sql)
    half.rename(folder)


def _step(command: list[str], account: Account, *, feed: str = "") -> None:
    done = subprocess.run(
        command,
        input=feed,
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        env={**os.environ, "LC_ALL": "C"},
        **account.identity(),
    )
    said = done.stdout + done.stderr
    if "No space left on device" in said:
        raise CannotStart("The disk is full: free some space for the database and start again.")
    if done.returncode or "ERROR:" in said or "FATAL:" in said:
        last = said.strip().splitlines()[-1] if said.strip() else "it said nothing"
        raise CannotStart(f"The database could not be made: {last}")
