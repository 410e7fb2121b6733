"""Evaluate one dynamic group over the whole tenant: after its rule was made or changed."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from devices.models import EntraDevice, Group
from devices.services.profiles import assignment, membership
from tenants.models import Job, Tenant
from tenants.permissions import Actor
from tenants.services import jobs as job_services

TASK = "devices.evaluate_group"
AT_ONCE = 2000
SLICE = 2000

UP_TO_DATE, EVALUATING, FAILED = "up_to_date", "evaluating", "failed"


@dataclass(frozen=True, slots=True)
class Processing:
    """How far the evaluation of a dynamic group is; job: the one at work, or the one that failed."""

    state: str
    job: Job | None


def evaluate(*, group: Group, actor: Actor, now: datetime) -> Job | None:
    """Bring the members of a group in line with its rule: at once, or by the job that is returned."""
    objects = EntraDevice.objects.of(group.tenant).live().values("pk")
    if objects[: AT_ONCE + 1].count() <= AT_ONCE:
        _evaluate(group, EntraDevice.objects.of(group.tenant), now)
        _finished(group, now)
        return None
    return job_services.start(
        tenant=group.tenant,
        actor=actor,
        task=TASK,
        title=_("Evaluate the rule of “%(name)s”") % {"name": group.name},
        permission="",
        arguments={"group": str(group.pk)},
        total=EntraDevice.objects.of(group.tenant).count(),
    )


def step(job: Job, *, now: datetime) -> bool:
    """One slice of the tenant's objects by ascending id; True when the last one is done."""
    group = Group.objects.of(job.tenant).filter(pk=job.arguments["group"], membership="dynamic").first()
    if group is None:
        return True
    rows = EntraDevice.objects.of(job.tenant).order_by("pk")
    if job.cursor.get("after"):
        rows = rows.filter(pk__gt=job.cursor["after"])
    ids = list(rows.values_list("pk", flat=True)[:SLICE])
    if ids:
        job.count("changed", _evaluate(group, rows.filter(pk__lte=ids[-1]), now))
        job.cursor["after"] = str(ids[-1])
        job.done += len(ids)
    is_last = len(ids) < SLICE
    if is_last:
        _finished(group, now)
    return is_last


def processing(group: Group) -> Processing:
    """Whether the last change of the group's rule has reached every object."""
    jobs = Job.objects.of(group.tenant).filter(task=TASK, arguments__group=str(group.pk))
    at_work = jobs.unfinished().order_by("created_at").first()
    if at_work is not None:
        return Processing(EVALUATING, at_work)
    last = jobs.order_by("-created_at").first()
    is_over = last is None or last.state == Job.State.SUCCEEDED
    return Processing(UP_TO_DATE, None) if is_over else Processing(FAILED, last)


def _evaluate(group: Group, rows: QuerySet[EntraDevice], now: datetime) -> int:
    """Evaluate the group over some objects; returns how many entered or left it.

    The rule is read once the objects are locked: a later one has an evaluation of its own.
    """
    tenant: Tenant = group.tenant
    with transaction.atomic():
        ids = list(rows.values_list("pk", flat=True))
        assignment.lock_objects(tenant=tenant, entra_device_ids=ids)
        objects = membership.objects_of(tenant, entra_device_ids=ids)
        current = Group.objects.of(tenant).get(pk=group.pk)
        changed = membership.write(tenant, objects, membership.of_group(current))
        if changed:
            assignment.reassign_objects(tenant=tenant, entra_device_ids=changed, now=now)
    return len(changed)


def _finished(group: Group, now: datetime) -> None:
    Group.objects.of(group.tenant).filter(pk=group.pk).update(evaluated_at=now)
