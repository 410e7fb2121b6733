"""Devices on their way out: start, run, and services that are slow, busy or break on one device."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from devices import tasks
from devices.connectors.base import ServiceBusy
from devices.connectors.local import LocalConnector
from devices.models import AutopilotDevice, Deregistration, EntraDevice
from devices.services.autopilot import deregistration, enrolment
from tenants.models import Job, Tenant, User
from tests import factories


def start(tenant: Tenant, user: User, *, is_full: bool = True, rows: Any = None) -> Job:
    """Deregister the tenant's devices, or the given ones."""
    return deregistration.start(
        tenant=tenant,
        actor=factories.actor(user),
        rows=AutopilotDevice.objects.of(tenant).live() if rows is None else rows,
        is_full=is_full,
        now=timezone.now(),
    )


def turn(job: Job, task: Any = tasks.deregister_autopilot_devices) -> Job:
    """One turn of a worker; what waits for its next try is due at once."""
    Job.objects.of(job.tenant).filter(pk=job.pk).update(run_after=timezone.now() - timedelta(days=1))
    past = timezone.now() - timedelta(seconds=1)
    Deregistration.objects.of(job.tenant).active().filter(job=job).update(next_try_at=past)
    task(str(job.pk))
    job.refresh_from_db()
    return job


def run(job: Job, task: Any = tasks.deregister_autopilot_devices) -> Job:
    """To the end, without waiting."""
    for _turn in range(60):
        if turn(job, task).is_ended:
            return job
    raise AssertionError(f"job stayed {job.state} at {job.done}")


def results(job: Job, device: AutopilotDevice | None = None) -> list[tuple[str, str | None]]:
    """Step and result of a device of a job."""
    rows = Deregistration.objects.of(job.tenant).filter(job=job)
    row = rows.get(device_id=device.pk) if device else rows.get()
    return [(each["step"], each.get("result")) for each in row.steps]


def enroll(tenant: Tenant, admin: User, device: AutopilotDevice, *, is_hybrid: bool = False) -> None:
    """Sign in on a device; a hybrid join gets its second object."""
    user = factories.make_directory_user(tenant)
    given = {"device": device, "user": user, "simulated": True, "now": timezone.now()}
    enrolment.enroll(tenant=tenant, actor=factories.actor(admin), **given)
    device.refresh_from_db()
    if is_hybrid:
        first = device.entra_device
        EntraDevice.objects.create(
            tenant=tenant, display_name="CORP-1", twin_of=first, trust_type="ServerAd", has_enrolled=True
        )


class SlowService(LocalConnector):
    """Accepts a release and shows the registration until `is_done` is set."""

    is_done = False

    def registrations(self, **asked: Any) -> Any:
        """What the service shows; releases only once it is done."""
        shown = super().registrations(**asked)
        if self.is_done:
            return shown
        rows = AutopilotDevice.objects.of(asked["tenant"]).filter(pk__in=asked["ids"])
        kept = {row.pk for row in rows} - {each.id for each in shown}
        return [*shown, *(_Still(pk) for pk in kept)]


class _Still:
    """A registration that the service still lists."""

    def __init__(self, pk: Any) -> None:
        self.id, self.user_principal_name = pk, ""


class BusyService(LocalConnector):
    """Too many requests, `times` times."""

    times = 10**6

    def release(self, **asked: Any) -> Any:
        """Refuse for now."""
        type(self).times -= 1
        if type(self).times >= 0:
            raise ServiceBusy("Too many requests.")
        return super().release(**asked)


class BreakingService(LocalConnector):
    """Breaks whenever one device is among those released."""

    poison: Any = None

    def release(self, **asked: Any) -> Any:
        """As a fault nobody thought of."""
        if self.poison in asked["device_ids"]:
            raise RuntimeError("boom")
        return super().release(**asked)
