"""Who may sign in, and what an administrator sees of an attempt that failed."""

from datetime import timedelta

import pytest
from django.utils import timezone

from devices.models import AutopilotDevice, EnrollmentFailure
from devices.services.autopilot import enrolment
from devices.services.autopilot.enrolment import failures, refusals
from devices.services.autopilot.enrolment.failures import Attempt
from tenants.models import AuditEvent, Schedule, VerifiedDomain
from tenants.permissions import Actor
from tenants.services import device_side

pytestmark = pytest.mark.django_db


def limit(tenant, **values):
    device_side.change(tenant=tenant, actor=Actor.system(), values=values, revision=0, now=timezone.now())


def test_the_device_limit_counts_live_windows_devices_of_the_user(contoso, device, by_user, ann):
    limit(contoso, device_limit=2)
    first, _second = [by_user(device(), ann) for _number in range(2)]
    third = device()
    with pytest.raises(refusals.DeviceLimitReached, match="2 devices") as refused:
        by_user(third, ann)
    assert refused.value.error_code == "0x80180013"
    type(first).objects.of(contoso).filter(pk=first.pk).update(removed_at=timezone.now())
    assert by_user(third, ann)


def test_the_limit_is_fifty_where_nobody_set_another(contoso):
    assert device_side.of(contoso).device_limit == 50


def test_a_machine_that_enrolls_again_does_not_count_against_itself(contoso, device, by_user, ann):
    limit(contoso, device_limit=1)
    laptop = device()
    by_user(laptop, ann)
    assert by_user(laptop, ann)


def test_a_user_name_of_another_organization_is_the_wrong_tenant(contoso):
    VerifiedDomain.objects.create(tenant=contoso, name="contoso.example")
    with pytest.raises(refusals.WrongTenant, match="another organization"):
        enrolment.find_user(tenant=contoso, upn="eve@fabrikam.example")
    with pytest.raises(refusals.UnknownUser):
        enrolment.find_user(tenant=contoso, upn="nobody@CONTOSO.example")


@pytest.mark.parametrize(
    ("refusal", "state"),
    [
        (refusals.UnlicensedUser("x has no licence"), "failed"),
        (refusals.UserlessBlocked("only once"), "blocked"),
    ],
    ids=["failed", "blocked"],
)
def test_a_failed_attempt_is_kept_with_code_sentence_and_what_to_do(contoso, device, refusal, state):
    laptop = device()
    attempt = Attempt("user_driven", laptop.serial_number, user_principal_name="x@y.example", device=laptop)
    failures.record(
        tenant=contoso, actor=Actor.device(), attempt=attempt, refusal=refusal, now=timezone.now()
    )
    laptop.refresh_from_db()
    found = failures.last_of(laptop)
    assert laptop.enrollment_state == state
    assert (found.reason, found.error_code, found.sentence) == (
        refusal.code,
        refusal.error_code,
        str(refusal),
    )
    assert found.next_step == str(refusal.next_step)
    event = AuditEvent.objects.get(activity="device.enrollment_failed")
    assert (event.result, event.via, event.actor_label) == ("failure", "device", "Device")
    assert event.targets.get().object_id == laptop.pk


def test_a_device_that_enrolled_after_all_shows_no_failure(contoso, device, by_user, ann):
    laptop = device()
    attempt = Attempt("user_driven", laptop.serial_number, device=laptop)
    refusal = refusals.UnlicensedUser("x")
    failures.record(
        tenant=contoso, actor=Actor.device(), attempt=attempt, refusal=refusal, now=timezone.now()
    )
    by_user(laptop, ann)
    assert failures.last_of(laptop) is None
    assert AutopilotDevice.objects.of(contoso).get().enrollment_state == "enrolled"


def test_old_failures_are_erased(contoso):
    for days in (1, 91):
        EnrollmentFailure.objects.create(
            tenant=contoso, at=timezone.now() - timedelta(days=days), mode="user_driven", sentence="x"
        )
    assert failures.erase_old() == 1
    assert failures.erase_old() == 0
    Schedule.objects.filter(name=failures.SCHEDULE).update(next_run_at=timezone.now())
    assert failures.erase_old() == 0
    assert EnrollmentFailure.objects.of(contoso).count() == 1
