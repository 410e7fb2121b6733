"""One made-up machine's requests to the device side, over one connection to this computer."""

import http.client
import ipaddress
import json
import socket
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

TIMEOUT = 60
MOST_WAITS = 5
SECRET_HEADER = "X-Hangar-Device-Secret"  # noqa: S105 - the header's name


class NotHere(ValueError):
    """The address is not one of this computer."""


class NoAnswer(Exception):
    """Nothing answers there, or not as the device side does."""


def checked_address(text: str) -> tuple[str, int]:
    """Host and port of an http address that stays on this computer; raises NotHere."""
    parts = urlsplit(text)
    try:
        host, port = parts.hostname, parts.port or 80
    except ValueError as error:
        raise NotHere(text) from error
    if parts.scheme != "http" or not host or parts.path not in ("", "/"):
        raise NotHere(text)
    try:
        found = {info[4][0] for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    except OSError as error:
        raise NotHere(text) from error
    if not found or not all(ipaddress.ip_address(each).is_loopback for each in found):
        raise NotHere(text)
    return host, port


@dataclass(frozen=True, slots=True)
class Answer:
    """Status and JSON of an answer."""

    status: int
    body: dict[str, Any]

    @property
    def is_ok(self) -> bool:
        """Whether it was granted."""
        return self.status == 200

    @property
    def code(self) -> str:
        """The stable word of a refusal."""
        return str(self.body.get("code", f"http_{self.status}"))


@dataclass(slots=True)
class Client:
    """Keeps one connection; a request that comes too soon is sent again when the server says."""

    address: tuple[str, int]
    key: str
    requests: int = 0
    _connection: http.client.HTTPConnection | None = field(default=None)

    def post(self, path: str, body: dict[str, Any], secret: str = "") -> Answer:
        """Send a request; raises NoAnswer."""
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        if secret:
            headers[SECRET_HEADER] = secret
        for _wait in range(MOST_WAITS):
            status, retry_after, text = self._send(path, json.dumps(body), headers)
            if status != 429:
                return Answer(status, _object(text))
            time.sleep(min(int(retry_after or 1), TIMEOUT))
        raise NoAnswer("The server keeps saying that there are too many requests.")

    def close(self) -> None:
        """Give the connection up."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _send(self, path: str, body: str, headers: dict[str, str]) -> tuple[int, str | None, bytes]:
        """One request; a kept connection that the server closed meanwhile is opened once more."""
        for is_second in (False, True):
            is_kept = self._connection is not None
            connection = self._connection or http.client.HTTPConnection(*self.address, timeout=TIMEOUT)
            self._connection = connection
            try:
                connection.request("POST", f"/device/v1/{path}", body, headers)
                answer = connection.getresponse()
                self.requests += 1
                return answer.status, answer.getheader("Retry-After"), answer.read()
            except (OSError, http.client.HTTPException) as error:
                self.close()
                if is_second or not is_kept or not _was_closed(error):
                    raise NoAnswer(f"No answer from {':'.join(map(str, self.address))}: {error}") from error
        raise NoAnswer("unreachable")


def _was_closed(error: Exception) -> bool:
    """Whether the server had closed the connection, so that it cannot have heard the request."""
    return isinstance(error, http.client.RemoteDisconnected | ConnectionResetError | BrokenPipeError)


def _object(text: bytes) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
