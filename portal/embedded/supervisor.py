"""Keep children alive: start, watch, restart with growing pauses, and stop all within 10 s."""

import contextlib
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

from portal.bootstrap import say
from portal.embedded import processes
from portal.embedded.account import CannotStart
from portal.embedded.processes import Program
from portal.embedded.state import RunFolder

PAUSES = (0.5, 1, 2, 4, 8, 15, 30)
LIVES_WELL = 30.0
GRACE = 5.0
SERVER_GRACE = 3.0
GIVE_UP_BEFORE_READY = 5
LOG_CHECK = 30.0


class StopAsked(Exception):
    """SIGINT or SIGTERM arrived."""


@dataclass
class Child:
    """A program and its present process."""

    program: Program
    process: subprocess.Popen[bytes]
    began: float
    failures: int = 0
    restart_at: float | None = None

    @property
    def is_alive(self) -> bool:
        """Whether the process runs; reaps it when it has ended."""
        return self.restart_at is None and self.process.poll() is None


class Supervisor:
    """The children of one `up`, in the order of their start; servers stop last."""

    def __init__(self, run: RunFolder) -> None:
        self.run = run
        self.children: list[Child] = []
        self.is_ready = False
        self._asked = 0
        self._logs_at = 0.0
        self._complain_at = 0.0

    @contextmanager
    def signals(self) -> Iterator[None]:
        """Turn SIGINT, SIGTERM and SIGHUP into StopAsked; a second one stops at once."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._ask)
        try:
            yield
        finally:
            self.stop()

    def _ask(self, number: int, frame: FrameType | None) -> None:
        self._asked += 1

    def start(self, program: Program) -> Child:
        """Start a program that shall live as long as we do."""
        child = Child(program, program.start(), time.monotonic())
        self.children.append(child)
        self.run.record(program.name, child.process.pid)
        return child

    def wait_until(self, condition: Callable[[], bool], *, pause: float = 0.05) -> None:
        """Watch the children until the condition holds; raises StopAsked or CannotStart."""
        while not condition():
            self._turn()
            time.sleep(pause)

    def run_step(self, program: Program) -> int:
        """Run a program to its end and return its exit status; a signal to us ends it too."""
        process = program.start()
        self.run.record(program.name, process.pid)
        try:
            self.wait_until(lambda: process.poll() is not None)
        finally:
            if process.poll() is None:
                processes.signal_group(process.pid, program.stop_signal)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(SERVER_GRACE)
            processes.signal_group(process.pid, signal.SIGKILL)
            process.wait()
        return process.returncode

    def watch(self) -> None:
        """Keep everything alive until a signal comes."""
        self.is_ready = True
        self.wait_until(lambda: False, pause=0.2)

    def _turn(self) -> None:
        if self._asked:
            raise StopAsked
        now = time.monotonic()
        is_log_check = now > self._logs_at
        self._logs_at = now + LOG_CHECK if is_log_check else self._logs_at
        for child in self.children:
            with self._endured(now):
                self._care(child, now)
            if is_log_check:
                with self._endured(now):
                    processes.keep_small(child.program.log)

    def _care(self, child: Child, now: float) -> None:
        if child.restart_at is None and child.process.poll() is not None:
            self._bury(child, now)
        elif child.restart_at is not None and now >= child.restart_at:
            self._restart(child, now)

    @contextmanager
    def _endured(self, now: float) -> Iterator[None]:
        """Once everything runs, a full disk or too little memory ends nothing else: it is tried again."""
        try:
            yield
        except OSError as error:
            if not self.is_ready or isinstance(error, BrokenPipeError):
                raise
            if now >= self._complain_at:
                self._complain_at = now + LOG_CHECK
                with contextlib.suppress(OSError):  # our own output may lie on that disk
                    say(f"{error.strerror or error}; going on as well as it goes")

    def _bury(self, child: Child, now: float) -> None:
        """Note a death, end what is left of its group, and set the time of the restart."""
        processes.signal_group(child.process.pid, signal.SIGKILL)
        child.failures = 1 if now - child.began > LIVES_WELL else child.failures + 1
        program = child.program
        if not self.is_ready and child.failures >= GIVE_UP_BEFORE_READY:
            words = program.last_words()
            if "No space left on device" in words:
                raise CannotStart("The disk is full: free some space and start again.")
            say(words)
            raise CannotStart(f"{program.name} keeps failing (see above and {program.log}).")
        pause = PAUSES[min(child.failures, len(PAUSES)) - 1]
        child.restart_at = now + pause
        how = _how_it_ended(child.process.returncode)
        say(f"{program.name} {how}; starting it again in {pause:g} s (log: {program.log})")

    def _restart(self, child: Child, now: float) -> None:
        child.restart_at = now + PAUSES[0]
        child.process = child.program.start()
        child.began, child.restart_at = now, None
        self.run.record(child.program.name, child.process.pid)

    def stop(self) -> None:
        """Stop everything: the processes that use the servers first, then the servers."""
        asked = self._asked
        servers = [child for child in self.children if child.program.is_server]
        others = [child for child in self.children if not child.program.is_server]
        self._stop_together(others, GRACE, asked)
        self._stop_together(list(reversed(servers)), SERVER_GRACE, asked)
        self.children.clear()
        self.run.clear()

    def _stop_together(self, children: list[Child], grace: float, asked: int) -> None:
        for child in children:
            if child.is_alive:
                child.process.send_signal(child.program.stop_signal)
        deadline = time.monotonic() + grace
        while any(child.is_alive for child in children) and time.monotonic() < deadline:
            if self._asked > asked + 1:
                break
            time.sleep(0.05)
        for child in children:
            processes.signal_group(child.process.pid, signal.SIGKILL)
            child.process.wait()


def _how_it_ended(status: int) -> str:
    if status < 0:
        return f"was killed by {signal.Signals(-status).name}"
    return f"ended with status {status}"
