"""Follow a job from a command: a worker does it, or, where none is alive, this process."""

import sys
import time
from collections.abc import Callable
from datetime import timedelta
from typing import TextIO

from django.utils import timezone

from portal.celery import app
from portal.models import Heartbeat
from tenants.models import Job

WORKER_IS_ALIVE = timedelta(seconds=30)
PAUSE_SECONDS = 0.3
BAR = 30


def follow(job: Job, *, show: Callable[[Job], None]) -> Job:
    """Wait for the end of a job, working on it here while no worker is alive; returns it ended."""
    while not job.is_ended:
        if has_worker():
            time.sleep(PAUSE_SECONDS)
        else:
            work_here(job)
        job.refresh_from_db()
        show(job)
    return job


def has_worker() -> bool:
    """Whether a worker gave a sign of life lately."""
    fresh = timezone.now() - WORKER_IS_ALIVE
    return Heartbeat.objects.filter(name__startswith="jobs", seen_at__gt=fresh).exists()


def work_here(job: Job) -> None:
    """One slice of the job in this process; a job that waits for its next try is waited for."""
    wait = (job.run_after - timezone.now()).total_seconds()
    if wait > 0:
        time.sleep(min(wait, 1.0))
    app.loader.import_default_modules()  # a command's process has not met the tasks yet
    app.tasks[job.task].run(str(job.pk))
    if Job.unscoped.filter(pk=job.pk, state=Job.State.RUNNING).exists():
        time.sleep(PAUSE_SECONDS)


class ProgressBar:
    """A job's progress on one line of a terminal; on anything else a line per phase."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self.stream = stream or sys.stderr
        self.is_terminal = self.stream.isatty()
        self.phase = ""

    def show(self, job: Job) -> None:
        """Draw the job's state."""
        if not self.is_terminal:
            if job.phase and job.phase != self.phase:
                self.phase = job.phase
                self.stream.write(f"{job.phase} …\n")
            return
        total = job.total or 0
        filled = BAR * job.done // total if total else 0
        bar = "#" * filled + "-" * (BAR - filled)
        rate = f", {job.rate:.0f}/s" if job.rate else ""
        self.stream.write(f"\r{job.phase:<12} [{bar}] {job.done:,} of {total:,}{rate}\033[K")
        self.stream.write("\n" if job.is_ended else "")
        self.stream.flush()
