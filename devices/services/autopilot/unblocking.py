"""Unblock: let a device that enrolled without a user do so once more (Graph allowNextEnrollment).

Source: "Troubleshooting FAQ", 0x80180014, and What's new 2310 [D].
"""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Case, F, Value, When

from devices.models import AutopilotDevice
from devices.services.autopilot.editing import Written
from tenants.models import Tenant

BLOCKED = AutopilotDevice.UserlessEnrollment.BLOCKED
ALLOWED = AutopilotDevice.UserlessEnrollment.ALLOWED
State = AutopilotDevice.EnrollmentState


def allow(*, tenant: Tenant, device_ids: Sequence[UUID]) -> list[Written]:
    """Allow the next userless enrollment of the blocked ones among the ids; those that changed."""
    rows = AutopilotDevice.objects.of(tenant).live().filter(pk__in=device_ids, userless_enrollment=BLOCKED)
    found = list(rows.select_for_update().order_by("pk").values_list("pk", "serial_number"))
    state = Case(
        When(enrollment_state=State.BLOCKED, then=Value(State.NOT_CONTACTED.value)),
        default=F("enrollment_state"),
    )
    AutopilotDevice.objects.of(tenant).filter(pk__in=[pk for pk, _serial in found]).update(
        userless_enrollment=ALLOWED, enrollment_state=state, revision=F("revision") + 1
    )
    before = {"userless_enrollment": BLOCKED.value}
    after = {"userless_enrollment": ALLOWED.value}
    return [Written(pk, serial, before, after) for pk, serial in found]
