"""A copy of Hangar in a scratch folder, and a real `up` in it."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from portal.env import CLONE

PARTS = ("manage.py", "portal", "tenants", "devices", "templates", "static", "pyproject.toml")
LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-uv.lock")
OURS = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "HANGAR_DATA", "DJANGO_SETTINGS_MODULE")
READY = "Hangar is ready at"


def copy_to(folder: Path) -> Path:
    """Copy the clone; its environment is shared by a link."""
    folder.mkdir(parents=True)
    for part in (*PARTS, *LOCKS):
        source = CLONE / part
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(source, folder / part, ignore=ignored)
        else:
            shutil.copy2(source, folder / part)
    (folder / ".venv").symlink_to(Path(sys.prefix))
    return folder


@contextmanager
def scratch(name: str) -> Iterator[Path]:
    """A folder that the servers' user may enter: pytest closes its own ones to others."""
    outer = Path(tempfile.mkdtemp(prefix="hangar-scratch-"))
    outer.chmod(0o711)
    (outer / name).mkdir()
    yield outer / name
    shutil.rmtree(outer, ignore_errors=True)


def free_port() -> int:
    """A port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(**more: str) -> dict[str, str]:
    """The environment of a person's shell: nothing of this test run in it."""
    plain = {name: value for name, value in os.environ.items() if name not in OURS}
    kept = {name: value for name, value in plain.items() if not name.startswith("PYTEST")}
    return kept | more


def manage(clone: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run one command of the clone from another folder, to its end."""
    return subprocess.run(
        [sys.executable, str(clone / "manage.py"), *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        env=environment(**more),
        timeout=120,
    )


class Up:
    """A running `manage.py up`; what it prints is kept in a file."""

    def __init__(self, clone: Path, data: Path, **more: str) -> None:
        self.clone, self.data = clone, data
        self.port = free_port()
        self.more = {"HANGAR_DATA": str(data), "PORT": str(self.port), "HANGAR_DEMO": "0", **more}
        self.output = data.parent / f"{data.name}.output"
        self.start()

    def start(self) -> None:
        """Start it; `wait` tells when it is ready."""
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, str(self.clone / "manage.py"), "up"],
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd="/",
                env=environment(**self.more),
            )

    def wait(self, seconds: float = 240) -> str:
        """Everything it printed until the ready line."""
        deadline = time.monotonic() + seconds
        while READY not in self.said():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.1)
        return self.said()

    def said(self) -> str:
        """What it printed so far."""
        return self.output.read_text()

    def children(self) -> dict[str, int]:
        """The pid of each child by name."""
        record = json.loads((self.data / "run" / "children.json").read_text())
        return {name: child["pid"] for name, child in record.items()}

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Signal it and return its exit status."""
        self.process.send_signal(number)
        return self.process.wait(20)


def eventually(condition: Callable[[], object], seconds: float = 90) -> bool:
    """Whether the condition comes true within some seconds."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.1)
    return False


def left_in(data: Path) -> list[str]:
    """Commands of processes that mention the data folder or hold its environment."""
    found = []
    for each in Path("/proc").glob("[0-9]*"):
        try:
            command, around = (each / "cmdline").read_bytes(), (each / "environ").read_bytes()
        except OSError:
            continue
        if each.name != str(os.getpid()) and str(data).encode() in command + around:
            found.append(command.decode(errors="replace").replace("\0", " "))
    return found


LISTENER = """
import os, socket, sys, time
os.setpgid(0, int(sys.argv[1]))
print("joined", flush=True)
web = socket.socket()
web.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
while True:
    try:
        web.bind(("127.0.0.1", int(sys.argv[2])))
        break
    except OSError:
        time.sleep(0.05)
web.listen()
print("listening", flush=True)
time.sleep(600)
"""


def orphan_of(group: int, up: Up) -> subprocess.Popen[bytes]:
    """A process in the group of one of up's children, which takes its port when that falls free."""
    orphan = subprocess.Popen(
        [sys.executable, "-c", LISTENER, str(group), str(up.port)],
        stdout=subprocess.PIPE,
        env=environment(HANGAR_DATA=str(up.data)),
    )
    assert said_by(orphan) == "joined"
    return orphan


def said_by(process: subprocess.Popen[bytes]) -> str:
    """The next line of a process's output."""
    assert process.stdout is not None
    return process.stdout.readline().decode().strip()
