"""The failure an administrator sees: on the flyout, among *Enrollment failures*, in the audit log."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from devices.models import AutopilotDevice, EnrollmentFailure
from devices.models.enrollment_failures import FAILURE_DAYS
from devices.services.autopilot.enrolment.refusals import EnrollmentRefused, UserlessBlocked
from tenants.models import AuditEvent, Schedule, Tenant
from tenants.permissions import Actor
from tenants.services import audit

State = AutopilotDevice.EnrollmentState
SCHEDULE, EVERY, MOST = "erase_enrollment_failures", timedelta(hours=1), 5000


@dataclass(frozen=True, slots=True)
class Attempt:
    """What was tried on which machine; device is None where the machine is not registered here."""

    mode: str
    serial_number: str
    manufacturer: str = ""
    model: str = ""
    user_principal_name: str = ""
    device: AutopilotDevice | None = None


def record(
    *, tenant: Tenant, actor: Actor, attempt: Attempt, refusal: EnrollmentRefused, now: datetime
) -> EnrollmentFailure:
    """Write a failed attempt down; a registered device becomes Failed, or Blocked for 0x80180014."""
    device = attempt.device
    with transaction.atomic():
        if device is not None:
            state = State.BLOCKED if isinstance(refusal, UserlessBlocked) else State.FAILED
            rows = AutopilotDevice.objects.of(tenant).live().filter(pk=device.pk)
            rows.update(enrollment_state=state, last_contacted_at=now, revision=F("revision") + 1)
        made: EnrollmentFailure = EnrollmentFailure.objects.create(
            tenant=tenant,
            at=now,
            autopilot_device=device,
            serial_number=attempt.serial_number[:255],
            manufacturer=attempt.manufacturer[:255],
            model=attempt.model[:255],
            mode=attempt.mode,
            user_principal_name=attempt.user_principal_name[:254],
            reason=refusal.code,
            error_code=refusal.error_code,
            sentence=str(refusal)[:400],
            next_step=str(refusal.next_step)[:400],
        )
        _audit(tenant, actor, made, device)
    return made


def _audit(tenant: Tenant, actor: Actor, failure: EnrollmentFailure, device: AutopilotDevice | None) -> None:
    after = {"reason": failure.reason, "mode": failure.mode, "user": failure.user_principal_name}
    if failure.error_code:
        after["error_code"] = failure.error_code
    target = audit.Target(
        "autopilot_device", failure.serial_number, device.pk if device else None, after=after
    )
    audit.record(
        tenant=tenant,
        actor=actor,
        activity="device.enrollment_failed",
        targets=[target],
        result=AuditEvent.Result.FAILURE,
        summary=failure.sentence,
    )


def last_of(device: AutopilotDevice) -> EnrollmentFailure | None:
    """The newest failure of a device that has not enrolled since."""
    if device.enrollment_state not in (State.FAILED, State.BLOCKED):
        return None
    rows = EnrollmentFailure.objects.of(device.tenant).filter(autopilot_device=device)
    found: EnrollmentFailure | None = rows.order_by("-at", "-pk").first()
    return found


@transaction.atomic
def erase_old() -> int:
    """Tick: once an hour, erase failures older than FAILURE_DAYS; how many went."""
    now = timezone.now()
    Schedule.objects.get_or_create(name=SCHEDULE, tenant=None, defaults={"every": EVERY, "next_run_at": now})
    due = Schedule.objects.filter(name=SCHEDULE, tenant=None, next_run_at__lte=now)
    if not due.update(next_run_at=now + EVERY):
        return 0
    old = EnrollmentFailure.unscoped.filter(at__lt=now - timedelta(days=FAILURE_DAYS))
    ids = list(old.values_list("pk", flat=True)[:MOST])
    return int(EnrollmentFailure.unscoped.filter(pk__in=ids).delete()[0])
