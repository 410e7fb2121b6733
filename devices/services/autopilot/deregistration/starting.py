"""Start a deregistration: freeze the devices, hold the job back where the tenant wants that."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from devices.models import AutopilotDevice, Deregistration
from devices.services.autopilot.bulk import NothingToDo
from tenants.models import Job, JobItem, Tenant
from tenants.permissions import Actor, missing
from tenants.services import approvals, jobs

from . import asking, plans

TASK = "devices.deregister_autopilot_devices"
Way = Deregistration.Way


def start(
    *,
    tenant: Tenant,
    actor: Actor,
    rows: QuerySet[AutopilotDevice],
    is_full: bool,
    now: datetime,
    dedupe_key: str | None = None,
) -> Job:
    """Freeze the rows and start the job, at once or when it is approved; raises Forbidden, NothingToDo."""
    return begin(
        tenant=tenant,
        actor=actor,
        rows=rows,
        way=Way.FULL if is_full else Way.REGISTRATION,
        task=TASK,
        arguments={"is_full": is_full},
        now=now,
        dedupe_key=dedupe_key,
    )


def begin(
    *,
    tenant: Tenant,
    actor: Actor,
    rows: QuerySet[AutopilotDevice],
    way: str,
    task: str,
    arguments: dict[str, Any],
    now: datetime,
    dedupe_key: str | None = None,
) -> Job:
    """A job over the rows whose devices nobody deletes yet, in one of the ways."""
    require(actor, tenant, is_full=arguments["is_full"])

    def prepare(job: Job) -> None:
        approvals.one_at_a_time(tenant=tenant, actor=actor)
        # The condition stands on the updated rows themselves: a racing claim is seen after its lock.
        free = AutopilotDevice.objects.of(tenant).live().filter(deletion_requested_at=None, deletion_job=None)
        wanted = free.filter(pk__in=rows.order_by().values("pk"))
        if not wanted.update(deletion_job=job, revision=F("revision") + 1):
            sentence = _("These devices are being deleted already, or were removed.")
            raise NothingToDo(f"{sentence} {_('A planned deletion can be cancelled in its job.')}")
        freeze(job)
        plans.lay(job=job, way=way, is_full=arguments["is_full"], now=now)
        hold(job, actor, now)

    return jobs.start(
        tenant=tenant,
        actor=actor,
        task=task,
        title=str(Way(way).label),
        permission="devices.delete",
        arguments=arguments,
        dedupe_key=dedupe_key,
        prepare=prepare,
    )


def require(actor: Actor, tenant: Tenant, *, is_full: bool) -> None:
    """Raises Forbidden where the actor may not delete, or not delete Intune records."""
    words = ["devices.delete", "managed_devices.delete"] if is_full else ["devices.delete"]
    for word in words:
        if not actor.can(word, tenant=tenant):
            raise missing(word)


def freeze(job: Job) -> None:
    """The devices that the job claimed become its items, by serial number."""
    claimed = AutopilotDevice.objects.of(job.tenant).live().filter(deletion_job=job)
    jobs.freeze(job=job, rows=claimed.order_by("serial_number", "pk"), label="serial_number")


def hold(job: Job, actor: Actor, now: datetime) -> None:
    """Where nothing holds the job back, its devices show as being deleted at once."""
    items = JobItem.objects.filter(job=job).values("object_id")
    earlier = asking.earlier(tenant=job.tenant, actor=actor, new=items, now=now)
    if not approvals.hold(job=job, actor=actor, count=job.total or 0, earlier=earlier, now=now):
        mark(job, now)


def mark(job: Job, now: datetime) -> None:
    """From here on the job's devices are being deleted; nothing else may change them."""
    claimed = AutopilotDevice.objects.of(job.tenant).live().filter(deletion_job=job)
    claimed.filter(deletion_requested_at=None).update(deletion_requested_at=now)


def give_back(job: Job, device_ids: list[UUID] | None = None) -> None:
    """Devices that were not removed after all (None: all of the job's) are in the list as before."""
    held = AutopilotDevice.objects.of(job.tenant).live().filter(deletion_job=job)
    rows = held if device_ids is None else held.filter(pk__in=device_ids)
    rows.update(deletion_job=None, deletion_requested_at=None)
