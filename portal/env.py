"""Configuration: the environment first, else what a running `up` wrote for other shells."""

import fcntl
import json
import os
import secrets
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

CLONE = Path(__file__).resolve().parent.parent
NOT_RUNNING = "hangar-is-not-running"
# A host that has gone is noticed within 20 seconds, not after the minutes of the driver or the kernel.
PATIENCE = {
    "connect_timeout": 10,
    "tcp_user_timeout": 15_000,
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
}

_env = environ.Env()


def data_folder() -> Path:
    """Where databases, uploads and logs live: HANGAR_DATA, else `var/` or where that points."""
    named = os.environ.get("HANGAR_DATA")
    if named:
        return (CLONE / Path(named).expanduser()).resolve()
    pointer = CLONE / "var" / "moved_to"
    if pointer.is_file():
        return Path(pointer.read_text().strip())
    return CLONE / "var"


@cache
def services() -> dict[str, Any]:
    """Addresses of the servers that a running `up` started in this data folder, or empty."""
    run = data_folder() / "run"
    try:
        if not _is_locked(run / "lock"):
            return {}
        return dict(json.loads((run / "services.json").read_text()))
    except (OSError, ValueError):
        return {}


def _is_locked(path: Path) -> bool:
    """Whether a living process holds the lock: the kernel drops it when the holder dies."""
    with path.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def is_external() -> bool:
    """Whether the operator gave a database, so that no embedded server starts."""
    return bool(os.environ.get("DATABASE_URL"))


def has_database() -> bool:
    """Whether a database is known, from the environment or from a running `up`."""
    return is_external() or bool(services())


def database() -> dict[str, Any]:
    """The DATABASES entry; where nothing runs, one whose address says so when it is opened."""
    unknown = f"postgres://hangar@//{NOT_RUNNING}/hangar"
    url = os.environ.get("DATABASE_URL") or services().get("database_url", unknown)
    if not url.startswith(("postgres://", "postgresql://")):
        raise ImproperlyConfigured("DATABASE_URL must look like postgres://user:password@host/name.")
    settings = dict(environ.Env.db_url_config(url))
    settings["OPTIONS"] = {**PATIENCE, **settings.get("OPTIONS", {})}
    return {**settings, "CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}


def redis_url() -> str:
    """Address of the broker and the cache."""
    url = os.environ.get("REDIS_URL") or services().get("redis_url")
    if not url and is_external():
        raise ImproperlyConfigured("REDIS_URL is required together with DATABASE_URL.")
    return str(url or f"redis://{NOT_RUNNING}:6379/0")


def secret_key() -> str:
    """The signing key: SECRET_KEY, required beside DATABASE_URL, else the data folder's own.

    Commands that need no server may run before any key exists; nothing they sign outlives them.
    """
    given = os.environ.get("SECRET_KEY")
    if given:
        return given
    if is_external():
        raise ImproperlyConfigured("SECRET_KEY is required together with DATABASE_URL.")
    try:
        return (data_folder() / "secret_key").read_text().strip()
    except OSError:
        return secrets.token_urlsafe(50)


def port() -> int:
    """The port of the web server."""
    try:
        value = int(os.environ.get("PORT") or 8000)
    except ValueError:
        value = 0
    if not 0 < value < 65536:
        raise ImproperlyConfigured("PORT must be a number from 1 to 65535.")
    return value


def bind() -> str:
    """The address the web server listens on."""
    return os.environ.get("HANGAR_BIND") or "127.0.0.1"


def public_url() -> str:
    """Base of every link, no trailing slash; an https value switches the strict settings on.

    A command in another shell, which may know neither HANGAR_PUBLIC_URL nor PORT, asks the running `up`.
    """
    given = os.environ.get("HANGAR_PUBLIC_URL", "").rstrip("/")
    if not given:
        return str(services().get("public_url") or f"http://127.0.0.1:{port()}")
    parts = urlsplit(given)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path:
        raise ImproperlyConfigured("HANGAR_PUBLIC_URL must look like https://hangar.example.org.")
    return given


def trusted_proxies() -> int:
    """How many proxies stand in front, each adding who it saw to X-Forwarded-For; https needs one."""
    given = os.environ.get("HANGAR_TRUSTED_PROXIES") or str(int(public_url().startswith("https://")))
    if given not in map(str, range(10)):
        raise ImproperlyConfigured("HANGAR_TRUSTED_PROXIES must be a number from 0 to 9.")
    return int(given)


def allowed_hosts() -> list[str]:
    """ALLOWED_HOSTS (comma-separated), always with this machine's own names and the public one."""
    public = urlsplit(public_url()).hostname
    hosts = [*_env.list("ALLOWED_HOSTS", default=[]), "127.0.0.1", "localhost", "[::1]", public]
    return list(dict.fromkeys(host for host in hosts if host))


def email() -> dict[str, Any]:
    """Django's EMAIL_ settings from EMAIL_URL; without one, no mail is sent (a link never enters a log)."""
    try:
        return dict(_env.email_url("EMAIL_URL", default="dummymail://"))
    except (ImproperlyConfigured, ValueError):
        raise ImproperlyConfigured("EMAIL_URL must look like smtp+tls://user:password@host:587.") from None


def is_demo() -> bool:
    """HANGAR_DEMO: on by default with the embedded servers, off with a database of one's own."""
    given = (os.environ.get("HANGAR_DEMO") or str(int(not is_external()))).lower()
    if given not in ("0", "1", "false", "true", "no", "yes", "off", "on"):
        raise ImproperlyConfigured("HANGAR_DEMO must be 0 or 1.")
    return given in ("1", "true", "yes", "on")


def validate() -> None:
    """Read everything once; raises ImproperlyConfigured with one sentence."""
    for read in (database, redis_url, secret_key, public_url, trusted_proxies, allowed_hosts, email, is_demo):
        read()
