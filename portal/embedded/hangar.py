"""Hangar's own processes: preparation, web server, workers and beat."""

import errno
import http.client
import json
import os
import secrets
import socket
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

from portal import env
from portal.bootstrap import say
from portal.embedded.account import CannotStart
from portal.embedded.processes import Program
from portal.embedded.supervisor import Supervisor

ADMINISTRATOR = "admin@contoso.example"
REMIND = 15.0
SILENT = "the web server does not answer yet"


class Hangar:
    """The processes that need the servers; `addresses` is their secret part of the environment."""

    def __init__(self, supervisor: Supervisor, data: Path, addresses: dict[str, str]) -> None:
        self.supervisor = supervisor
        self.data = data
        self.report = data / "run" / "prepared.json"
        self.is_password_given = bool(os.environ.get("HANGAR_ADMIN_PASSWORD"))
        self.password = os.environ.get("HANGAR_ADMIN_PASSWORD") or secrets.token_urlsafe(12)
        self.environment = {
            **addresses,
            "HANGAR_DATA": str(data),
            "HANGAR_DEMO": str(int(env.is_demo())),
            "DJANGO_SETTINGS_MODULE": "portal.settings",
            "PYTHONUNBUFFERED": "1",
        }

    def prepare(self) -> None:
        """Migrate, collect static files, and make the demo or the set-up link."""
        self.report.unlink(missing_ok=True)
        step = Program(
            name="preparation",
            command=[sys.executable, "manage.py", "prepare", "--report", str(self.report)],
            environment={**self.environment, "HANGAR_ADMIN_PASSWORD": self.password},
            folder=env.CLONE,
        )
        if self.supervisor.run_step(step):
            raise CannotStart("Hangar could not be prepared: see above.")

    def start(self) -> None:
        """Start web server, both workers and the beat."""
        say("Starting the web server and the workers …")
        for name, module, *arguments in self._programs():
            command = [sys.executable, "-m", module, *arguments]
            log = self.data / "log" / f"{name}.log"
            self.supervisor.start(Program(name, command, log, environment=self.environment, folder=env.CLONE))

    def _programs(self) -> list[tuple[str, ...]]:
        celery = ("celery", "-A", "portal.celery")
        quiet = ("--without-gossip", "--without-mingle", "--loglevel", "INFO")
        jobs = ("-Q", "jobs", "-n", "jobs@%h", "--concurrency", "2", "--prefetch-multiplier", "1")
        tick = ("-Q", "tick", "-n", "tick@%h", "--pool", "solo")
        return [
            ("web", "gunicorn", "portal.wsgi", *self._gunicorn()),
            ("jobs", *celery, "worker", *jobs, *quiet),
            ("tick", *celery, "worker", *tick, *quiet),
            ("beat", *celery, "beat", "--pidfile", "", "--schedule", "none"),
        ]

    def _gunicorn(self) -> list[str]:
        return [
            *("--bind", f"{_bracketed(env.bind())}:{env.port()}"),
            *("--worker-class", "gthread", "--workers", "2", "--threads", "4"),
            *("--timeout", "120", "--graceful-timeout", "5"),
            *("--max-requests", "5000", "--max-requests-jitter", "1000"),
            *("--preload", "--no-control-socket", "--access-logfile", "-"),
            *("--logger-class", "portal.log_masking.AccessLog"),
        ]

    def wait_for_pages(self) -> None:
        """Return when /readyz answers 200 through HTTP."""
        self._said_at = time.monotonic() + REMIND
        self.supervisor.wait_until(self._is_ready, pause=0.3)

    def _is_ready(self) -> bool:
        status, body = self._ask_readyz()
        if status != 200 and time.monotonic() > self._said_at:
            self._said_at = time.monotonic() + REMIND
            failing = f"the pages answer with status {status} (log: {self.data}/log/web.log)"
            say(f"Still waiting: {body if status == 503 else failing if status else SILENT}")
        return status == 200

    def _ask_readyz(self) -> tuple[int, str]:
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(env.bind(), env.bind())  # noqa: S104
        client = http.client.HTTPConnection(host, env.port(), timeout=5)
        try:
            named = urlsplit(env.public_url()).netloc
            client.request("GET", "/readyz", headers={"Host": named})
            answer = client.getresponse()
            return answer.status, answer.read(500).decode(errors="replace")
        except (OSError, http.client.HTTPException):
            return 0, ""
        finally:
            client.close()

    def announce(self) -> None:
        """Print the line people and scripts wait for."""
        report = json.loads(self.report.read_text())
        hint = f"password printed at the first start; reset: manage.py changepassword {ADMINISTRATOR}"
        if report["is_administrator_new"]:
            hint = f"password {self.password}"
        if self.is_password_given and report["is_administrator_new"]:
            hint = "password as in HANGAR_ADMIN_PASSWORD"
        sign_in = f" (sign in as {ADMINISTRATOR}, {hint})" if report["has_administrator"] else ""
        say(f"Hangar is ready at {env.public_url()}/{sign_in}")


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def ensure_port_is_free(host: str, port: int) -> None:
    """Raise CannotStart where the web server could not listen."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen()
        except OSError as error:
            raise CannotStart(_why_not_bound(error, host, port)) from None


def _why_not_bound(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} of {host} is taken by another program: choose another with PORT=…"
    if error.errno == errno.EACCES:
        return f"This user may not listen on port {port}: choose one above 1023 with PORT=…"
    return f"HANGAR_BIND={host} is not an address of this machine ({error.strerror})."
