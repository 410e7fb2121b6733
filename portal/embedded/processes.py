"""Start children that cannot outlive their parent, tell processes apart, and stop whole groups."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from portal.embedded.account import Account

PR_SET_PDEATHSIG = 1
LOG_BYTES = 10 * 1024 * 1024


@dataclass(frozen=True)
class Program:
    """One child: its command, environment, user, log and the signals that end it."""

    name: str
    command: list[str]
    log: Path | None = None
    environment: dict[str, str] = field(default_factory=dict)
    account: Account = field(default_factory=Account)
    folder: Path = Path("/")
    stop_signal: int = signal.SIGTERM
    orphan_signal: int = signal.SIGKILL
    is_server: bool = False

    def start(self) -> subprocess.Popen[bytes]:
        """Start the child in its own process group; the kernel ends it when this process dies."""
        with contextlib.ExitStack() as stack:
            output = None
            if self.log is not None:
                keep_small(self.log)
                output = stack.enter_context(self.log.open("ab"))
            return subprocess.Popen(
                self.command,
                env={**os.environ, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT if output else None,
                cwd=self.folder,
                process_group=0,
                preexec_fn=_die_with(os.getpid(), self.orphan_signal),
                **self.account.identity(),
            )

    def last_words(self, lines: int = 8) -> str:
        """The end of the child's log."""
        if self.log is None:
            return ""
        with self.log.open("rb") as log:
            log.seek(0, os.SEEK_END)
            log.seek(max(0, log.tell() - 8192))
            return "\n".join(log.read().decode(errors="replace").splitlines()[-lines:])


def _die_with(parent: int, orphan_signal: int) -> Callable[[], None] | None:
    """A preexec function; it runs after the change of user, which would clear the setting."""
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None).prctl

    def arrange() -> None:
        prctl(PR_SET_PDEATHSIG, orphan_signal)
        if os.getppid() != parent:
            os._exit(1)

    return arrange


def keep_small(log: Path | None) -> None:
    """Move a log that has grown too long to `.1`; appending writers go on in the emptied file."""
    if log is None:
        return
    if log.exists() and log.stat().st_size > LOG_BYTES:
        log.with_suffix(".log.1").write_bytes(log.read_bytes())
        os.truncate(log, 0)
    elif not log.exists():
        log.touch(mode=0o600)


def started_at(pid: int) -> str:
    """A mark that differs between two processes which had the same pid; empty when there is none."""
    stat = Path(f"/proc/{pid}/stat")
    try:
        fields = stat.read_text().rpartition(")")[2].split()
        return "" if fields[0] == "Z" else fields[19]
    except OSError:
        if Path("/proc/self/stat").exists():
            return ""
    listed = subprocess.run(
        ["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return listed.stdout.strip()


def signal_group(group: int, number: int) -> bool:
    """Signal every process of a group; False when none is left."""
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def end_group(group: int, *, number: int, seconds: float) -> None:
    """Signal a group that is not our child, and kill what is left of it after some seconds."""
    if not _goes(group, number, seconds):
        _goes(group, signal.SIGKILL, 2)


def _goes(group: int, number: int, seconds: float) -> bool:
    """Signal a group and wait; whether nothing is left of it."""
    deadline = time.monotonic() + seconds
    while signal_group(group, number):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
        number = 0
    return True


def is_orphaned(group: int, *, mark: str) -> bool:
    """Whether a group lives on without its leader, with our mark in its environment (Linux only).

    The mark tells it from another program's group that has the number by now.
    """
    return not started_at(group) and any(
        _group_of(each) == group and mark.encode() in _read(each / "environ").split(b"\0")
        for each in _all_processes()
    )


def end_orphans(folder: Path, *, title: str) -> None:
    """Kill the processes of this title whose working directory is the folder (Linux only)."""
    for each in _all_processes():
        with contextlib.suppress(OSError):
            works_here = os.readlink(each / "cwd") == os.path.realpath(folder)
            if works_here and _read(each / "cmdline").startswith(title.encode()):
                os.kill(int(each.name), signal.SIGKILL)


def _all_processes() -> Iterator[Path]:
    return Path("/proc").glob("[0-9]*")


def _group_of(process: Path) -> int:
    fields = _read(process / "stat").rpartition(b")")[2].split()
    return int(fields[2]) if fields else 0


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        return b""
