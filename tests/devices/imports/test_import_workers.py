"""An import through a real worker that is killed like in a power cut."""

import time
from datetime import timedelta

import pytest
from django.utils import timezone

from devices.models import AutopilotDevice, Import, ImportRow, Registration
from devices.services.imports import committing
from portal import jobs
from tenants.models import AuditTarget, Job
from tenants.permissions import Actor
from tests import factories
from tests.devices.imports.importing import csv_of, line, machines, upload
from tests.real_worker import Worker

ROWS = 900
PATIENCE = timedelta(minutes=3)

pytestmark = [pytest.mark.workers, pytest.mark.django_db(transaction=True)]


def work_until_half(job: Job) -> None:
    """Wait until a job is under way and partly done, or ended, sweeping as the tick does."""
    give_up = timezone.now() + PATIENCE
    while timezone.now() < give_up:
        job.refresh_from_db()
        if job.is_ended or (job.done and job.state == Job.State.RUNNING):
            return
        jobs.sweep()
        time.sleep(0.1)
    raise AssertionError(f"job stayed {job.state} at {job.done}")


def work_to_the_end(job: Job) -> Job:
    """Wait for the end of a job, sweeping as the tick does."""
    give_up = timezone.now() + PATIENCE
    while timezone.now() < give_up:
        job.refresh_from_db()
        if job.is_ended:
            return job
        jobs.sweep()
        time.sleep(0.3)
    raise AssertionError(f"job stayed {job.state} at {job.done}")


def test_a_worker_killed_in_check_and_commit_leaves_every_row_done_once(real_worker: Worker) -> None:
    contoso = factories.make_tenant("Contoso")
    import_ = upload(contoso, csv_of(*map(line, machines(ROWS))))
    work_until_half(import_.check_job)
    real_worker.kill()
    real_worker.restart()
    assert work_to_the_end(import_.check_job).state == Job.State.SUCCEEDED
    import_.refresh_from_db()
    assert import_.verdicts == {"new": ROWS}
    job = committing.start(import_=import_, actor=Actor.command())
    work_until_half(job)
    real_worker.kill()
    real_worker.restart()
    assert work_to_the_end(job).state == Job.State.SUCCEEDED
    import_.refresh_from_db()
    assert (import_.state, import_.added) == (Import.State.COMPLETED, ROWS)
    assert ImportRow.objects.filter(of=import_).count() == ROWS
    assert Registration.objects.of(contoso).live().count() == ROWS
    assert AutopilotDevice.objects.of(contoso).live().count() == ROWS
    assert AuditTarget.objects.filter(event__activity="device.imported").count() == ROWS
