"""What holds a deletion back: a second administrator's word, and a time to think again."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from devices import tasks
from devices.models import AutopilotDevice, Deregistration, Registration
from portal.errors import Forbidden
from tenants import permissions
from tenants.models import Approval, AuditEvent, Job, Tenant
from tenants.services import approvals
from tenants.services import jobs as job_services
from tests import factories
from tests.devices.autopilot import leaving

pytestmark = pytest.mark.django_db
RULES = "/t/contoso/settings/deletion/"


@pytest.fixture
def second(contoso):
    person = factories.make_person("second@contoso.example")
    factories.join(contoso, person, permissions.GLOBAL_ADMINISTRATOR)
    return person


@pytest.fixture
def held(contoso, admin, second):
    """A deletion of three devices that waits for approval."""
    contoso.approval_above = 2
    contoso.save()
    factories.machines(contoso, 3)
    return leaving.start(contoso, admin)


def approve(job, person, **values):
    return approvals.approve(job=job, actor=factories.actor(person), now=timezone.now(), **values)


def work(job):
    tasks.deregister_autopilot_devices(str(job.pk))
    job.refresh_from_db()
    return job


def is_untouched(tenant):
    rows = AutopilotDevice.objects.of(tenant).live()
    untouched = rows.filter(deletion_requested_at=None).count()
    return untouched == Registration.objects.of(tenant).live().count() == 3


def test_who_asks_alone_is_told_that_nobody_could_approve(client_of, contoso, admin):
    contoso.approval_above = 1
    contoso.save()
    devices, client = factories.machines(contoso, 2), client_of(admin)
    sent = {"selection": [str(each.pk) for each in devices]}
    dialog = client.post("/t/contoso/autopilot-devices/delete/", sent).content.decode()
    assert "More than 1 device: a second" in dialog
    assert "invite another Global Administrator" in dialog
    job = f"/t/contoso/jobs/{leaving.start(contoso, admin).pk}/"
    assert "Invite another Global Administrator" in client.get(job).content.decode()
    other = factories.make_person("second@contoso.example")
    factories.join(contoso, other, permissions.GLOBAL_ADMINISTRATOR)
    assert "nvite another" not in client.post("/t/contoso/autopilot-devices/delete/", sent).content.decode()
    assert "nvite another" not in client.get(job).content.decode()


def test_both_rules_are_off_by_default(contoso, admin):
    factories.machines(contoso, 3)
    assert leaving.run(leaving.start(contoso, admin)).state == "succeeded"
    assert not Approval.unscoped.exists()


def test_above_the_number_nothing_happens_before_an_approval(contoso, admin, held):
    leaving.turn(held)
    assert (held.state, held.done) == ("queued", 0)
    assert is_untouched(contoso)
    assert AutopilotDevice.objects.of(contoso).filter(deletion_job=held).count() == 3


def test_up_to_the_number_no_approval_is_needed(contoso, admin):
    contoso.approval_above = 3
    contoso.save()
    factories.machines(contoso, 3)
    assert leaving.run(leaving.start(contoso, admin)).state == "succeeded"


def test_devices_that_wait_cannot_be_deleted_a_second_time(contoso, admin, held):
    with pytest.raises(Exception, match="being deleted already"):
        leaving.start(contoso, admin)


def test_a_second_administrator_lets_it_run(contoso, held, second):
    approve(held, second, reason="Agreed")
    assert work(held).state == "succeeded"
    event = AuditEvent.objects.get(activity="approval.granted")
    assert (event.actor, event.targets.get().after["reason"]) == (second, "Agreed")
    assert not AutopilotDevice.objects.of(contoso).live().exists()


def test_nobody_approves_or_declines_an_own_request(admin, held):
    with pytest.raises(approvals.OwnRequest):
        approve(held, admin)
    with pytest.raises(approvals.OwnRequest):
        approvals.decline(job=held, actor=factories.actor(admin), reason="x", now=timezone.now())


def test_only_a_global_administrator_decides(held, intune_admin):
    with pytest.raises(Forbidden):
        approve(held, intune_admin)


def test_declined_devices_stay_and_the_reason_is_kept(contoso, held, second):
    approvals.decline(job=held, actor=factories.actor(second), reason="In use", now=timezone.now())
    assert work(held).state == "cancelled"
    assert Approval.unscoped.get().reason == "In use"
    assert is_untouched(contoso)
    assert not AutopilotDevice.objects.of(contoso).exclude(deletion_job=None).exists()


def test_declining_needs_a_reason(held, second):
    with pytest.raises(approvals.ReasonMissing):
        approvals.decline(job=held, actor=factories.actor(second), reason=" ", now=timezone.now())


def test_a_request_expires(contoso, held, second):
    Approval.unscoped.update(expires_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(approvals.NotWaiting):
        approve(held, second)
    leaving.turn(held)
    assert (held.state, held.error_code, Approval.unscoped.get().state) == (
        "failed",
        "approval_expired",
        "expired",
    )
    assert is_untouched(contoso)


def test_a_cancelled_request_is_withdrawn(contoso, admin, held, second):
    job_services.cancel(job=held, actor=factories.actor(admin))
    with pytest.raises(approvals.NotWaiting):
        approve(held, second)
    work(held)
    assert Approval.unscoped.get().state == "withdrawn"
    assert is_untouched(contoso)


def test_a_deletion_begins_only_after_the_cooling_off_time(contoso, admin):
    contoso.cooling_off_hours = 4
    contoso.save()
    factories.machines(contoso, 3)
    job = leaving.start(contoso, admin)
    assert (work(job).state, is_untouched(contoso)) == ("queued", True)
    assert timedelta(hours=3, minutes=59) < job.run_after - timezone.now() <= timedelta(hours=4)
    job_services.cancel(job=job, actor=factories.actor(admin))
    assert (work(job).state, is_untouched(contoso)) == ("cancelled", True)
    assert set(Deregistration.unscoped.values_list("state", flat=True)) == {"stopped"}


def test_the_cooling_off_time_runs_from_the_approval(contoso, held, second):
    Tenant.objects.filter(pk=contoso.pk).update(cooling_off_hours=2)
    held.tenant.refresh_from_db()
    approve(held, second)
    held.refresh_from_db()
    assert held.run_after > timezone.now() + timedelta(hours=1, minutes=59)
    assert (work(held).state, is_untouched(contoso)) == ("queued", True)
    assert held.begins_at


def test_the_job_page_offers_the_decision_to_others_only(client_of, admin, second, reader, held):
    url = f"/t/contoso/jobs/{held.pk}/"
    own, other, reading = (client_of(person).get(url).content.decode() for person in (admin, second, reader))
    assert "You asked for this yourself" in own
    assert "/approve/" in other
    assert "/approve/" not in own + reading
    assert "Waiting for approval" in reading
    assert "asks you to approve" in client_of(second).get("/t/contoso/").content.decode()
    assert "asks you to approve" not in client_of(admin).get("/t/contoso/").content.decode()
    assert "Waiting for approval" in client_of(reader).get("/t/contoso/jobs/").content.decode()


def test_the_decision_is_made_in_a_dialog(client_of, second, held):
    client, url = client_of(second), f"/t/contoso/jobs/{held.pk}/"
    assert client.post(f"{url}decline/", {"step": "confirm", "reason": ""}).status_code == 422
    answer = client.post(f"{url}approve/", {"step": "confirm", "one_time_key": str(uuid.uuid4())})
    assert answer.url == url
    assert work(held).state == "succeeded"


def test_the_rules_are_saved_and_audited(client_of, admin, contoso):
    client = client_of(admin)
    sent = {"approval_above": "20", "cooling_off_hours": "", "revision": "1"}
    assert client.post(RULES, sent).status_code == 302
    contoso.refresh_from_db()
    assert (contoso.approval_above, contoso.cooling_off_hours) == (20, 0)
    assert client.post(RULES, {**sent, "approval_above": ""}).status_code == 409
    after = AuditEvent.objects.get(activity="tenant.deletion_rules_changed").targets.get().after
    assert after == {"approval_above": 20, "cooling_off_hours": 0}


@pytest.mark.parametrize(
    "sent", [{"approval_above": "-1"}, {"cooling_off_hours": "721"}, {"approval_above": "x"}]
)
def test_rules_that_make_no_sense_are_refused(client_of, admin, contoso, sent):
    assert client_of(admin).post(RULES, {"revision": "1", **sent}).status_code == 422


def test_a_tenant_with_one_administrator_is_warned(client_of, contoso, admin, reader):
    text = client_of(reader).get(RULES).content.decode()
    assert "only one active Global Administrator" in text
    assert Job.unscoped.count() == 0
