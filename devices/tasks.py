"""Celery's door to the devices app: each task claims its job and calls one service."""

from functools import partial

from celery import shared_task
from django.utils import timezone

from devices.services.autopilot import bulk, deregistration, restoring
from devices.services.autopilot.deregistration import moving
from devices.services.imports import committing as import_committing
from devices.services.imports.checking import steps as import_checking
from devices.services.partners import working as partner_working
from devices.services.profiles import assignment, evaluating
from devices.services.reconciling import checking as orphan_checking
from devices.services.reconciling import fixing as orphan_fixing
from devices.services.syncs import running as sync_running
from portal import jobs
from tenants.models import Job


@shared_task(name="devices.sync", ignore_result=True)
def sync(job_id: str) -> None:
    """Mirror a tenant's registrations."""
    jobs.run(job_id, step=partial(sync_running.step, now=timezone.now()), ended=sync_running.ended)


@shared_task(name="devices.assign_profiles", ignore_result=True)
def assign_profiles(job_id: str) -> None:
    """Finish Assigning devices."""
    jobs.run(job_id, step=partial(assignment.assign_step, now=timezone.now()))


@shared_task(name="devices.reevaluate_profiles", ignore_result=True)
def reevaluate_profiles(job_id: str) -> None:
    """Re-evaluate groups and profiles of a large tenant."""
    jobs.run(job_id, step=partial(assignment.reevaluate_step, now=timezone.now()))


@shared_task(name="devices.evaluate_group", ignore_result=True)
def evaluate_group(job_id: str) -> None:
    """Evaluate the rule of a dynamic group in a large tenant."""
    jobs.run(job_id, step=partial(evaluating.step, now=timezone.now()))


@shared_task(name="devices.check_import", ignore_result=True)
def check_import(job_id: str) -> None:
    """Check uploaded files."""
    jobs.run(job_id, step=import_checking.step, ended=import_checking.ended)


@shared_task(name="devices.commit_import", ignore_result=True)
def commit_import(job_id: str) -> None:
    """Import what a plan says."""
    jobs.run(job_id, step=partial(import_committing.step, now=timezone.now()), ended=import_committing.ended)


@shared_task(name="devices.change_autopilot_devices", ignore_result=True)
def change_autopilot_devices(job_id: str) -> None:
    """One change on many devices."""
    jobs.run(job_id, step=partial(bulk.step, now=timezone.now()))


@shared_task(name="devices.deregister_autopilot_devices", ignore_result=True)
def deregister_autopilot_devices(job_id: str) -> None:
    """Remove devices, either way."""
    jobs.run(job_id, step=_deregister, ended=deregistration.ended)


def _deregister(job: Job) -> bool:
    """Evidence carries the time of each phase, not that of the slice."""
    return deregistration.step(job, now=timezone.now())


@shared_task(name="devices.move_autopilot_devices", ignore_result=True)
def move_autopilot_devices(job_id: str) -> None:
    """Move devices to another tenant."""
    jobs.run(job_id, step=_move, ended=moving.ended)


def _move(job: Job) -> bool:
    """As for a deregistration."""
    return moving.step(job, now=timezone.now())


@shared_task(name="devices.register_again", ignore_result=True)
def register_again(job_id: str) -> None:
    """Register devices again from their undo kits."""
    jobs.run(job_id, step=partial(restoring.step, now=timezone.now()))


@shared_task(name="devices.check_orphans", ignore_result=True)
def check_orphans(job_id: str) -> None:
    """Check a tenant's records against each other."""
    jobs.run(job_id, step=partial(orphan_checking.step, now=timezone.now()))


@shared_task(name="devices.fix_orphans", ignore_result=True)
def fix_orphans(job_id: str) -> None:
    """Mend records."""
    jobs.run(job_id, step=partial(orphan_fixing.step, now=timezone.now()))


@shared_task(name="devices.partner_submission", ignore_result=True)
def partner_submission(job_id: str) -> None:
    """Register or remove what a partner sent."""
    jobs.run(job_id, step=partial(partner_working.step, now=timezone.now()), ended=partner_working.ended)
