"""Make Hangar's environment on a bare machine: standard library only.

`enter` creates `.venv` beside manage.py, installs the hash-locked packages into it and replaces
this process by the same command inside it. Registries are whatever pip is configured to use.
"""

import errno
import fcntl
import hashlib
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

CLONE = Path(__file__).resolve().parent.parent
VENV = CLONE / ".venv"
PYTHON = VENV / "bin" / "python"
LOCKS = {"up": "requirements.lock", "test": "requirements-dev.lock"}
UV_LOCK = "requirements-uv.lock"


def enter(command: str) -> None:
    """Continue inside `.venv`; `up` and `test` make it and keep it at its lock file first."""
    if os.name != "posix":
        _stop("Hangar runs on Linux and macOS.")
    if command in LOCKS:
        _bring_up_to(CLONE / LOCKS[command])
    if Path(sys.prefix).resolve() == VENV.resolve():
        return
    if PYTHON.exists():
        os.execv(PYTHON, [str(PYTHON), str(CLONE / "manage.py"), *sys.argv[1:]])  # noqa: S606
    if importlib.util.find_spec("django") is None:
        _stop("Hangar's packages are not installed yet: run `python3 manage.py up` first.")


def _bring_up_to(lock: Path) -> None:
    """Install a lock file's packages unless its stamp in `.venv` says they are there."""
    if _is_current(lock):
        return
    stops = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with _alone():
            if not _is_current(lock):
                _make_venv()
                _install(lock)
                _stamp(lock).write_text(_digest(lock))
    except KeyboardInterrupt:
        _stop("Stopped; the next start goes on with .venv.", status=130)
    except OSError as error:
        _stop(explain(error, CLONE))
    signal.signal(signal.SIGTERM, stops)


def _digest(lock: Path) -> str:
    return hashlib.sha256(lock.read_bytes()).hexdigest()


def _stamp(lock: Path) -> Path:
    return VENV / f"{lock.name}.installed"


def _is_current(lock: Path) -> bool:
    stamp = _stamp(lock)
    return PYTHON.exists() and stamp.is_file() and stamp.read_text() == _digest(lock)


@contextmanager
def _alone() -> Iterator[None]:
    """Hold a lock on the clone's folder itself, so that two starts do not collide."""
    folder = os.open(CLONE, os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another start is preparing .venv; waiting for it …")
            fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _make_venv() -> None:
    """Make `.venv` with pip in it; one that was left half-made is made anew."""
    if _has_pip():
        return
    if importlib.util.find_spec("ensurepip") is None:
        package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
        _stop(f"Python's ensurepip is missing: install it with `apt-get install {package}`.")
    say("Making the environment in .venv …")
    if VENV.exists():
        shutil.rmtree(VENV)
    _probe_writable(CLONE)
    _run([sys.executable, "-m", "venv", str(VENV)], "Python could not make .venv")


def _has_pip() -> bool:
    if not PYTHON.exists():
        return False
    seen = subprocess.run([PYTHON, "-c", "import pip"], capture_output=True, check=False)
    return seen.returncode == 0


def _probe_writable(folder: Path) -> None:
    """Raise the OSError that tells why a folder cannot be written to."""
    probe = folder / f".writable-{os.getpid()}"
    probe.touch()
    probe.unlink()


def _install(lock: Path) -> None:
    packages = sum(line[:1].isalnum() for line in lock.read_text().splitlines())
    began = time.monotonic()
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if not (VENV / "bin" / "uv").exists():
        say("Fetching the installer …")
        _run([*pip, "--require-hashes", "-r", str(CLONE / UV_LOCK)], "pip could not install uv")
    say(f"Installing {packages} packages of {lock.name} …")
    uv = [str(VENV / "bin" / "uv"), "pip", "install", "--quiet", "--python", str(PYTHON)]
    uv.append("--compile-bytecode")  # once here, rather than by each process of the first start
    _run(
        [*uv, "--require-hashes", "-r", str(lock)],
        "the packages could not be installed",
        environment=uv_environment(_pip_configuration()),
    )
    say(f"Installed in {time.monotonic() - began:.0f} s.")


def _pip_configuration() -> dict[str, str]:
    """What pip is configured to use (environment and files), by option name."""
    listed = subprocess.run(
        [PYTHON, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    )
    pairs = (line.split("=", 1) for line in listed.stdout.splitlines() if "=" in line)
    found: dict[str, str] = {}
    for name, value in sorted(pairs, key=lambda pair: pair[0].startswith(":env:")):
        found[name.rsplit(".", 1)[-1]] = value.strip("'\"").replace("\\n", " ").strip()
    return found


def uv_environment(pip: dict[str, str]) -> dict[str, str]:
    """The environment that makes uv use pip's registries; what uv was told itself comes first."""
    told = {
        "UV_DEFAULT_INDEX": pip.get("index-url", ""),
        "UV_INDEX": " ".join(pip.get("extra-index-url", "").split()),
        "UV_FIND_LINKS": ",".join(pip.get("find-links", "").split()),
        "UV_INSECURE_HOST": " ".join(pip.get("trusted-host", "").split()),
        "UV_NO_INDEX": "1" if pip.get("no-index", "").lower() in ("1", "true", "yes") else "",
        "UV_HTTP_TIMEOUT": pip.get("timeout") or pip.get("default-timeout", ""),
        "SSL_CERT_FILE": pip.get("cert", ""),
        "ALL_PROXY": pip.get("proxy", ""),
        "UV_INDEX_STRATEGY": "unsafe-best-match",
        "UV_CACHE_DIR": str(VENV / "cache"),
    }
    return {name: value for name, value in told.items() if value} | dict(os.environ)


def _run(command: list[str], failure: str, *, environment: dict[str, str] | None = None) -> None:
    """Run one step quietly; on failure stop with one sentence and the end of what it said."""
    try:
        with _stops_wait():
            process = subprocess.Popen(
                command,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                process_group=0,
            )
        said, _ = process.communicate()
    except KeyboardInterrupt:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise
    if process.returncode == 0:
        return
    if "No space left on device" in said:
        _stop(explain(OSError(errno.ENOSPC, "full"), CLONE))
    if "Permission denied" in said or "Read-only file system" in said:
        _stop(explain(OSError(errno.EACCES, "denied"), CLONE))
    tail = "\n".join(said.strip().splitlines()[-15:])
    print(tail, file=sys.stderr)
    _stop(f"Hangar could not be prepared: {failure} (see above); run the command again.")


@contextmanager
def _stops_wait() -> Iterator[None]:
    """Ctrl-C and SIGTERM wait: a child that was forked but has no name yet could not be ended."""
    noted: list[int] = []
    both = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, lambda number, _frame: noted.append(number)) for number in both}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if noted:
        raise KeyboardInterrupt


def explain(error: OSError, folder: Path) -> str:
    """One sentence for what a folder refused."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"The disk is full: free some space for {folder} and start again."
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"{folder} cannot be written to: make it writable or use another folder."
    return f"{folder} cannot be used: {error.strerror or error}."


def say(line: str) -> None:
    """Show a line of progress at once."""
    print(line, flush=True)


def _stop(sentence: str, *, status: int = 1) -> NoReturn:
    print(sentence, file=sys.stderr, flush=True)
    sys.exit(status)
