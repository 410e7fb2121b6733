"""What `up` keeps in the data folder's `run/`: its lock, its children, the servers' addresses."""

import fcntl
import json
import os
import signal
import time
from pathlib import Path
from typing import IO, Any

from portal.embedded import processes
from portal.embedded.account import CannotStart, private_folder


class RunFolder:
    """The `run` folder of a data folder, held by one `up` at a time."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.folder = private_folder(data / "run")
        self._lock: IO[str] | None = None
        self._children: dict[str, dict[str, Any]] = {}

    def hold(self) -> None:
        """Take the lock, which the kernel drops when we die; raises CannotStart if it is held."""
        self._lock = (self.folder / "lock").open("a")
        # Another command may look at the lock for an instant, so one refusal is not the answer.
        for _ in range(10):
            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                time.sleep(0.1)
        raise CannotStart(f"Hangar is already running in {self.data}: stop it first.")

    def stop_leftovers(self) -> None:
        """Stop what a killed `up` left: its children by their start time, and the children's own."""
        mark = f"HANGAR_DATA={self.data}"
        for child in _read(self.folder / "children.json").values():
            is_child = processes.started_at(child["pid"]) == child["started"] != ""
            if is_child or processes.is_orphaned(child["pid"], mark=mark):
                processes.end_group(child["pid"], number=signal.SIGTERM, seconds=5)
        (self.folder / "children.json").unlink(missing_ok=True)

    def record(self, name: str, pid: int) -> None:
        """Remember a child for the `up` that comes after a kill of this one."""
        self._children[name] = {"pid": pid, "started": processes.started_at(pid)}
        _write(self.folder / "children.json", self._children)

    def publish(self, database_url: str, redis_url: str, public_url: str) -> None:
        """Tell other shells where the servers and the pages are."""
        addresses = {"database_url": database_url, "redis_url": redis_url, "public_url": public_url}
        _write(self.folder / "services.json", {**addresses, "pid": os.getpid()})

    def clear(self) -> None:
        """Forget everything when all children have ended."""
        for name in ("children.json", "services.json"):
            (self.folder / name).unlink(missing_ok=True)


def _read(file: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(file.read_text()))
    except (OSError, ValueError):
        return {}


def _write(file: Path, content: dict[str, Any]) -> None:
    """Write a file only its owner may read, in one move."""
    half = file.with_suffix(".half")
    half.unlink(missing_ok=True)
    half.touch(mode=0o600)
    half.write_text(json.dumps(content))
    half.replace(file)
