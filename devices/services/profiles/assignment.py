"""Which profile a device gets, set by set, and its way from Assigning to Assigned."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from devices.models import AutopilotDevice
from devices.services.profiles import membership
from devices.services.profiles.effective import LIVE, effective
from tenants.models import Job, Tenant
from tenants.permissions import Actor
from tenants.services import jobs as job_services

GROUP, ALL_DEVICES, DEFAULT = "group", "all_devices", "default"
ASSIGN_TASK = "devices.assign_profiles"
REEVALUATE_TASK = "devices.reevaluate_profiles"
AT_ONCE = 2000
SLICE = 500
WAIT_FOR_MORE = timedelta(seconds=2)

LOCK_OBJECTS = """
    SELECT id FROM devices_entradevice WHERE tenant_id = %s AND id = ANY(%s) ORDER BY id FOR NO KEY UPDATE
"""
LOCK = "SELECT id FROM devices_autopilotdevice d WHERE {scope} ORDER BY id FOR NO KEY UPDATE"

WRITE = """
    UPDATE devices_autopilotdevice t SET
        assigned_profile_id = n.profile_id, profile_reason = n.reason, profile_reason_group_id = n.group_id,
        assignment_status = CASE
            WHEN n.profile_id IS NULL THEN 'not_assigned'
            WHEN n.profile_id IS NOT DISTINCT FROM t.assigned_profile_id THEN t.assignment_status
            WHEN n.reason = 'all_devices' THEN 'assigned' ELSE 'assigning' END,
        profile_assigned_at = CASE
            WHEN n.profile_id IS NOT DISTINCT FROM t.assigned_profile_id THEN t.profile_assigned_at
            WHEN n.reason = 'all_devices' THEN %s::timestamptz END
    FROM ({effective}) n
    WHERE n.id = t.id AND ROW(t.assigned_profile_id, t.profile_reason, t.profile_reason_group_id)
        IS DISTINCT FROM ROW(n.profile_id, n.reason, n.group_id)
"""

PENDING_RESET = """
    UPDATE devices_autopilotdevice d SET enrollment_state = CASE
        WHEN m.profile_id_at_enrollment IS DISTINCT FROM d.assigned_profile_id
        THEN 'pending_reset' ELSE 'enrolled' END
    FROM devices_manageddevice m
    WHERE m.autopilot_device_id = d.id AND m.removed_at IS NULL AND {scope}
    AND d.enrollment_state IN ('enrolled', 'pending_reset')
    AND (d.enrollment_state = 'enrolled')
        = (m.profile_id_at_enrollment IS DISTINCT FROM d.assigned_profile_id)
"""


def refresh(*, tenant: Tenant, device_ids: Sequence[UUID] | None = None, now: datetime) -> int:
    """Re-evaluate groups and profile of these devices (None: the tenant's); returns devices changed.

    The rows are locked first, so that two refreshes of one device see each other's groups.
    """
    scope, parameters = _scope(tenant, device_ids)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(LOCK.format(scope=scope), parameters)
        membership.refresh_members(tenant=tenant, device_ids=device_ids)
        return _write(tenant, scope, parameters, now)


def refresh_objects(*, tenant: Tenant, entra_device_ids: Sequence[UUID], now: datetime) -> int:
    """Re-evaluate the groups of these Entra objects, and the profile of the devices behind them.

    For objects that may have no Autopilot device; returns the number of devices changed.
    """
    with transaction.atomic():
        lock_objects(tenant=tenant, entra_device_ids=entra_device_ids)
        membership.refresh_members(tenant=tenant, entra_device_ids=entra_device_ids)
        return reassign_objects(tenant=tenant, entra_device_ids=entra_device_ids, now=now)


def lock_objects(*, tenant: Tenant, entra_device_ids: Sequence[UUID]) -> None:
    """Lock the devices behind Entra objects, then the objects, each by ascending id."""
    scope, parameters = _behind(tenant, entra_device_ids)
    with connection.cursor() as cursor:
        cursor.execute(LOCK.format(scope=scope), parameters)
        cursor.execute(LOCK_OBJECTS, parameters)


def reassign_objects(*, tenant: Tenant, entra_device_ids: Sequence[UUID], now: datetime) -> int:
    """Store the profile of the devices behind locked Entra objects whose groups are right already."""
    scope, parameters = _behind(tenant, entra_device_ids)
    return _write(tenant, scope, parameters, now)


def _reassign(tenant: Tenant, device_ids: Sequence[UUID] | None, now: datetime) -> int:
    """Store the profile of devices whose groups are right already."""
    scope, parameters = _scope(tenant, device_ids)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(LOCK.format(scope=scope), parameters)
        return _write(tenant, scope, parameters, now)


def _write(tenant: Tenant, scope: str, parameters: list[Any], now: datetime) -> int:
    """Store the effective profile of the devices in scope; returns how many changed."""
    with connection.cursor() as cursor:
        cursor.execute(WRITE.format(effective=effective(scope)), [now, *parameters, *parameters])
        changed = cursor.rowcount
        cursor.execute(PENDING_RESET.format(scope=scope), parameters)
    if changed:
        _start_assigning(tenant)
    return changed


def reevaluate(*, tenant: Tenant, actor: Actor, now: datetime) -> Job | None:
    """After a change of assignments: the profile of every device, in a large tenant by the job returned.

    Groups stay as they are: no object and no rule changed.
    """
    live = AutopilotDevice.objects.of(tenant).live().values("pk")
    if live[: AT_ONCE + 1].count() <= AT_ONCE:
        _reassign(tenant, None, now)
        return None
    return job_services.start(
        tenant=tenant,
        actor=actor,
        task=REEVALUATE_TASK,
        title=_("Re-evaluate deployment profiles"),
        permission="",
        total=live.count(),
    )


def reevaluate_step(job: Job, *, now: datetime) -> bool:
    """One slice of the tenant by ascending id; True when the last one is done."""
    rows = AutopilotDevice.objects.of(job.tenant).live().order_by("pk")
    if job.cursor.get("after"):
        rows = rows.filter(pk__gt=job.cursor["after"])
    ids = list(rows.values_list("pk", flat=True)[:SLICE])
    if ids:
        job.count("changed", _reassign(job.tenant, ids, now))
        job.cursor["after"] = str(ids[-1])
        job.done += len(ids)
    return len(ids) < SLICE


def assign_step(job: Job, *, now: datetime) -> bool:
    """Finish a slice of Assigning devices; rows someone else is changing are left to the next step.

    While other jobs of the tenant are at work the job waits for what they bring, so that a large
    import is followed by one job and not by one a slice. A job that is held back brings nothing yet.
    """
    rows = _assigning(job.tenant).order_by("pk").select_for_update(skip_locked=True, no_key=True)
    ids = list(rows.values_list("pk", flat=True)[:SLICE])
    status = AutopilotDevice.AssignmentStatus.ASSIGNED
    AutopilotDevice.objects.of(job.tenant).filter(pk__in=ids).update(
        assignment_status=status, profile_assigned_at=now
    )
    job.done += len(ids)
    if len(ids) == SLICE:
        return False
    others = Job.objects.of(job.tenant).unfinished().exclude(task=ASSIGN_TASK)
    if not others.exclude(started_at=None, run_after__gt=now).exists():
        return True
    job.run_after = now + WAIT_FOR_MORE
    return False


def start_forgotten() -> None:
    """Tick: a tenant with devices left in Assigning and no job for them gets one."""
    waiting = AutopilotDevice.unscoped.filter(
        tenant=OuterRef("pk"), removed_at=None, assignment_status="assigning"
    )
    for tenant in Tenant.objects.filter(Exists(waiting)):
        _start_assigning(tenant)


def _scope(tenant: Tenant, device_ids: Sequence[UUID] | None) -> tuple[str, list[Any]]:
    """A condition on the alias d for the devices in question, and its parameters."""
    if device_ids is None:
        return LIVE, [tenant.pk]
    return f"{LIVE} AND d.id = ANY(%s)", [tenant.pk, list(device_ids)]


def _behind(tenant: Tenant, entra_device_ids: Sequence[UUID]) -> tuple[str, list[Any]]:
    """The same for the devices behind Entra objects."""
    return f"{LIVE} AND d.entra_device_id = ANY(%s)", [tenant.pk, list(entra_device_ids)]


def _assigning(tenant: Tenant) -> Any:
    status = AutopilotDevice.AssignmentStatus.ASSIGNING
    return AutopilotDevice.objects.of(tenant).live().filter(assignment_status=status)


def _start_assigning(tenant: Tenant) -> None:
    """Start the tenant's assigning job unless one is under way or nothing waits for it."""
    under_way = Job.objects.of(tenant).unfinished().filter(task=ASSIGN_TASK)
    # By the partial index's order: without one the planner may read the table from end to end.
    if under_way.exists() or _assigning(tenant).values_list("pk").first() is None:
        return
    job_services.start(
        tenant=tenant,
        actor=Actor.system(),
        task=ASSIGN_TASK,
        title=_("Assign deployment profiles"),
        permission="",
    )
