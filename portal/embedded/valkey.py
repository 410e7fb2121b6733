"""One private Valkey: a free loopback port, a password from a 0600 file, append-only file on."""

import secrets
import socket
from dataclasses import dataclass
from pathlib import Path

from portal.embedded import binaries, processes
from portal.embedded.account import Account, private_folder
from portal.embedded.binaries import Binaries


@dataclass(frozen=True)
class Valkey:
    """A server that keeps its data in `folder` and listens on `port` of 127.0.0.1."""

    server: Binaries
    folder: Path
    port: int
    password: str
    account: Account

    @property
    def url(self) -> str:
        """The address for REDIS_URL; it holds the password."""
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def program(self, log: Path) -> processes.Program:
        """The server as a child."""
        return processes.Program(
            name="valkey",
            command=[self.server / "valkey-server", str(self.folder / "valkey.conf")],
            log=log,
            account=self.account,
            is_server=True,
        )

    def is_ready(self) -> bool:
        """Whether the server answers PING with our password, so it is ours and has loaded."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as client:
                client.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                client.settimeout(1)
                said = b""
                while said.count(b"\n") < 2:
                    more = client.recv(200)
                    if not more:
                        return False
                    said += more
        except OSError:
            return False
        return b"+PONG" in said


def prepare(data: Path, account: Account, *, throw_away: bool = False) -> Valkey:
    """Write the configuration for a start on a free port; raises CannotStart."""
    server = binaries.valkey().reachable("valkey-server", account=account, copies=data / "servers")
    folder = private_folder(data / "valkey", account)
    valkey = Valkey(server, folder, _free_port(), secrets.token_urlsafe(24), account)
    file = folder / "valkey.conf"
    file.unlink(missing_ok=True)
    file.touch(mode=0o600)
    file.write_text(_configuration(valkey, throw_away))
    account.own(file)
    return valkey


def _configuration(valkey: Valkey, throw_away: bool) -> str:
    folder = str(valkey.folder).replace("\\", "\\\\").replace('"', '\\"')
    return "\n".join(
        [
            "bind 127.0.0.1",
            f"port {valkey.port}",
            f"requirepass {valkey.password}",
            f'dir "{folder}"',
            f"appendonly {'no' if throw_away else 'yes'}",
            "appendfsync everysec",
            'save ""',
            "databases 64",
            "daemonize no",
            "loglevel notice",
            "",
        ]
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
