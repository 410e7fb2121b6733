"""Move devices to another tenant one administers: once, with both audits, and back where it fails."""

import html
import re
import uuid

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from devices import tasks
from devices.hardware import synthetic
from devices.models import (
    AutopilotDevice,
    Deregistration,
    EntraDevice,
    IdentityKey,
    Registration,
    UndoKit,
)
from devices.services.autopilot.deregistration import moving, slices
from portal.errors import Forbidden
from tenants import permissions
from tenants.models import AuditEvent, Job
from tests import factories
from tests.devices.autopilot import leaving
from tests.devices.imports import importing

pytestmark = pytest.mark.django_db


@pytest.fixture
def devices(contoso):
    return factories.machines(contoso, 3, group_tag="OLD", user_principal_name="Ann@contoso.example")


def start(tenant, target, user, **words):
    return moving.start(
        tenant=tenant,
        target=target,
        actor=factories.actor(user),
        rows=words.pop("rows", AutopilotDevice.objects.of(tenant).live()),
        is_full=words.pop("is_full", True),
        now=timezone.now(),
        **words,
    )


def run(job):
    return leaving.run(job, tasks.move_autopilot_devices)


def test_devices_leave_one_tenant_and_are_registered_in_the_other_once(contoso, fabrikam, admin, devices):
    factories.make_directory_user(fabrikam, "ann@contoso.example", display_name="Ann")
    job = run(start(contoso, fabrikam, admin))
    assert (job.state, job.counters) == ("succeeded", {"done": 3})
    there = AutopilotDevice.objects.of(fabrikam).live()
    assert set(there.values_list("serial_number", flat=True)) == {each.serial_number for each in devices}
    assert set(there.values_list("group_tag", "user_principal_name")) == {("OLD", "ann@contoso.example")}
    assert not AutopilotDevice.objects.of(contoso).live().exists()
    assert Registration.unscoped.live().count() == 3
    live = IdentityKey.objects.filter(is_live=True).values_list("registration__tenant", flat=True)
    assert set(live) == {fabrikam.pk}


def test_tag_and_user_are_chosen(contoso, fabrikam, admin, devices):
    factories.make_directory_user(fabrikam, "ann@contoso.example")
    run(start(contoso, fabrikam, admin, tag="set", text="NEW", keeps_user=False))
    there = AutopilotDevice.objects.of(fabrikam).live()
    assert set(there.values_list("group_tag", "user_principal_name")) == {("NEW", "")}


def test_a_user_the_other_tenant_does_not_know_is_not_taken_along(contoso, fabrikam, admin, devices):
    factories.make_directory_user(fabrikam, "ann@contoso.example", is_licensed=False)
    run(start(contoso, fabrikam, admin, tag="clear"))
    there = AutopilotDevice.objects.of(fabrikam).live()
    assert set(there.values_list("group_tag", "user_principal_name")) == {("", "")}


def test_both_tenants_keep_the_act_and_neither_names_the_other(contoso, fabrikam, admin, devices):
    run(start(contoso, fabrikam, admin))
    out, into = (AuditEvent.objects.get(activity=f"device.moved_{way}") for way in ("out", "in"))
    assert (out.tenant, out.target_count, into.tenant, into.target_count) == (contoso, 3, fabrikam, 3)
    assert into.job_id is None
    seen = repr([Deregistration.unscoped.values_list("steps", "message"), out.summary, into.summary])
    assert "abrikam" not in seen
    assert str(fabrikam.pk) not in seen


def test_both_rights_are_needed(contoso, fabrikam, admin, intune_admin, devices):
    with pytest.raises(Forbidden) as refusal:
        start(contoso, fabrikam, intune_admin)
    assert refusal.value.permission == "devices.import"
    factories.join(fabrikam, intune_admin, permissions.SCHOOL_ADMINISTRATOR)
    with pytest.raises(Forbidden):
        start(contoso, fabrikam, intune_admin)
    with pytest.raises(moving.SameTenant):
        start(contoso, contoso, admin)


def test_a_device_without_hash_stays_untouched(contoso, fabrikam, admin):
    device = factories.listed(contoso, "NO-HASH")
    job = run(start(contoso, fabrikam, admin))
    device.refresh_from_db()
    assert (job.items.get().code, device.removed_at, device.deletion_job) == ("no_hash", None, None)


def joined(tenant, device, **facts):
    """The object of the device's machine, which a user joined in a tenant without any registration."""
    values = {name: getattr(device, name) for name in ("serial_number", "manufacturer", "model")}
    return EntraDevice.objects.create(
        tenant=tenant, display_name="PC", **{"trust_type": "AzureAd", **values, **facts}
    )


@pytest.mark.parametrize(
    "facts", [{}, {"trust_type": "ServerAd"}, {"trust_type": "Workplace", "model": ""}], ids=str
)
def test_814_leaves_a_device_that_joined_the_other_tenant_where_it_is(
    facts, contoso, fabrikam, admin, devices
):
    first = devices[0]
    joined(fabrikam, first, **facts)
    job = run(start(contoso, fabrikam, admin))
    assert job.counters == {"done": 2, "failed": 1}
    row = Deregistration.unscoped.get(state="failed")
    assert (row.device_id, row.code, [each["step"] for each in row.steps]) == (first.pk, "814", [])
    assert "Remove it there first" in row.message
    first.refresh_from_db()
    assert (first.removed_at, first.deletion_job) == (None, None)
    assert first.user_principal_name == "Ann@contoso.example"


def test_814_is_not_for_what_no_joined_object_of_the_same_machine_is(contoso, fabrikam, admin, devices):
    joined(fabrikam, devices[0], model="Other")
    joined(fabrikam, devices[1], trust_type="")
    joined(fabrikam, devices[2], deleted_at=timezone.now())
    joined(contoso, devices[0])
    assert run(start(contoso, fabrikam, admin)).counters == {"done": 3}


def test_814_puts_a_device_back_that_joined_while_it_was_on_its_way(contoso, fabrikam, admin, devices):
    job = start(contoso, fabrikam, admin)
    while not Deregistration.unscoped.filter(step="target").exists():
        one_phase(job)
    joined(fabrikam, devices[0])
    assert run(job).counters == {"done": 2, "failed": 1}
    row = Deregistration.unscoped.get(state="failed")
    assert (row.device_id, row.code) == (devices[0].pk, "814")
    assert "put back" in row.message
    assert AutopilotDevice.objects.of(contoso).live().get().serial_number == devices[0].serial_number


def test_a_device_that_was_enrolled_here_moves_away_and_back(contoso, fabrikam, admin, devices):
    leaving.enroll(contoso, admin, devices[0])
    assert run(start(contoso, fabrikam, admin)).counters == {"done": 3}
    assert run(start(fabrikam, contoso, admin)).counters == {"done": 3}
    assert AutopilotDevice.objects.of(contoso).live().count() == 3


def test_a_machine_a_third_tenant_took_meanwhile_stays_there(contoso, fabrikam, admin, devices):
    third = factories.make_tenant("Third")
    job = start(contoso, fabrikam, admin, rows=AutopilotDevice.objects.of(contoso).filter(pk=devices[0].pk))
    moving_on = {"step": "target"}
    while not Deregistration.unscoped.filter(**moving_on).exists():
        one_phase(job)
    factories.machines(third, 1)
    run(job)
    row = Deregistration.unscoped.get()
    assert (row.state, row.code) == ("failed", "808")
    assert "could not be put back" in row.message
    assert UndoKit.objects.of(contoso).filter(restored_at=None).count() == 1
    assert Registration.objects.of(third).live().count() == 1


def test_where_the_other_tenant_refuses_the_device_is_put_back(contoso, fabrikam, admin, devices):
    job = start(contoso, fabrikam, admin)
    while not Deregistration.unscoped.filter(step="target").exists():
        one_phase(job)
    admin.memberships.filter(tenant=fabrikam).update(roles=[permissions.READ_ONLY_OPERATOR])
    run(job)
    assert set(Deregistration.unscoped.values_list("state", "code")) == {("failed", "forbidden")}
    back = AutopilotDevice.objects.of(contoso).live()
    assert set(back.values_list("serial_number", "group_tag", "user_principal_name")) == {
        (each.serial_number, "OLD", "Ann@contoso.example") for each in devices
    }
    assert not AutopilotDevice.objects.of(fabrikam).exists()
    assert AuditEvent.objects.get(activity="device.registered_again").tenant == contoso
    assert "put back" in Deregistration.unscoped.first().message
    assert not Deregistration.unscoped.open().exists()


def test_a_move_cancelled_half_way_leaves_no_device_in_neither_tenant(contoso, fabrikam, admin, devices):
    job = start(contoso, fabrikam, admin)
    while not Deregistration.unscoped.filter(step="entra_device").exists():
        one_phase(job)
    Job.objects.of(contoso).filter(pk=job.pk).update(cancel_requested_at=timezone.now())
    assert run(job).state == "cancelled"
    assert AutopilotDevice.objects.of(contoso).live().count() == 3
    assert Registration.unscoped.live().count() == 3
    assert "put back" in Deregistration.unscoped.first().message


def test_a_failure_before_the_release_leaves_the_device_as_it_was(
    contoso, fabrikam, admin, devices, monkeypatch
):
    busy = leaving.BusyService()
    type(busy).times = 10**6
    monkeypatch.setattr(slices, "connector_for", lambda tenant: busy)
    job = run(start(contoso, fabrikam, admin))
    assert job.counters == {"failed": 3}
    assert set(AutopilotDevice.objects.of(contoso).live().values_list("pk", flat=True)) == {
        each.pk for each in devices
    }


def one_phase(job):
    """One phase of one step, as a worker that is killed right after it."""
    with transaction.atomic():
        current = Job.objects.of(job.tenant).select_for_update().get(pk=job.pk)
        moving.step(current, now=timezone.now())
        current.save()


def post(client, url, devices, **sent):
    ids = [str(device.pk) for device in devices]
    return client.post(url, {"selection": ids, "step": "confirm", "one_time_key": str(uuid.uuid4()), **sent})


MOVE = "/t/contoso/autopilot-devices/move/"


def test_the_dialog_offers_only_tenants_one_may_import_into(client_of, admin, contoso, fabrikam, devices):
    other = factories.make_tenant("Northwind")
    factories.join(other, admin, permissions.READ_ONLY_OPERATOR)
    text = client_of(admin).post(MOVE, {"only": str(devices[0].pk)}).content.decode()
    assert 'value="fabrikam"' in text
    assert "northwind" not in re.findall(r'<option value="([^"]*)"', text)
    assert "contoso" not in re.findall(r'<option value="([^"]*)"', text)
    assert post(client_of(admin), MOVE, devices, target="northwind", tag="keep").status_code == 422
    assert not Job.unscoped.filter(task=moving.TASK).exists()


def test_the_dialog_names_what_a_tenant_cannot_take(client_of, admin, contoso, fabrikam, devices):
    client, sent = client_of(admin), {"selection": [str(device.pk) for device in devices[:2]]}
    other = factories.make_tenant("Northwind")
    factories.join(other, admin, permissions.GLOBAL_ADMINISTRATOR)
    assert "(814)" not in client.post(MOVE, sent).content.decode()
    joined(fabrikam, devices[0])
    joined(fabrikam, devices[2])
    text = client.post(MOVE, sent).content.decode()
    assert f"Fabrikam cannot take 1 of these devices: {devices[0].serial_number}." in text
    assert "Northwind cannot take" not in text


def test_the_dialog_asks_all_tenants_at_once(client_of, admin, contoso, fabrikam, devices):
    client, sent = client_of(admin), {"selection": [str(device.pk) for device in devices]}
    asked = []
    for number in range(2):
        for device in devices:
            joined(fabrikam, device)
        with CaptureQueriesContext(connection) as queries:
            assert "(814)" in client.post(MOVE, sent).content.decode()
        asked.append(len(queries))
        factories.join(factories.make_tenant(f"T{number}"), admin, permissions.GLOBAL_ADMINISTRATOR)
    assert asked[0] == asked[1]


def test_devices_are_moved_from_the_selection(client_of, admin, contoso, fabrikam, devices):
    client = client_of(admin)
    assert post(client, MOVE, devices, target="fabrikam", tag="set", text="").status_code == 422
    answer = post(client, MOVE, devices, target="fabrikam", tag="keep", keeps_user="on", is_full="on")
    job = run(Job.objects.of(contoso).get(task=moving.TASK))
    assert answer.url == f"/t/contoso/jobs/{job.pk}/"
    row = Deregistration.unscoped.first()
    flyout = f"/t/contoso/autopilot-devices/deregistrations/{job.pk}/{row.pk}/"
    there = AutopilotDevice.objects.of(fabrikam).live().get(serial_number=row.serial_number)
    assert f"/t/fabrikam/autopilot-devices/{there.pk}/" in client.get(flyout).content.decode()
    admin.memberships.filter(tenant=fabrikam).delete()
    assert "fabrikam" not in client.get(flyout).content.decode()


def test_the_command_is_offered_to_people_of_several_tenants(client_of, admin, intune_admin, devices):
    page = "/t/contoso/autopilot-devices/"
    assert MOVE in client_of(admin).get(page).content.decode()
    assert MOVE not in client_of(intune_admin).get(page).content.decode()


def test_an_import_row_with_808_leads_to_the_move(client_of, admin, contoso, fabrikam, devices):
    import_ = importing.check(fabrikam, importing.line(synthetic.machine(seed=1)))
    page = f"/t/fabrikam/imports/{import_.pk}/"
    link = f"{MOVE}?only={devices[0].pk}&amp;target=fabrikam"
    assert link in client_of(admin).get(page).content.decode()
    dialog = client_of(admin).get(html.unescape(link)).content.decode()
    assert re.search(r'value="fabrikam" selected', dialog)
    admin.memberships.filter(tenant=contoso).update(roles=[permissions.READ_ONLY_OPERATOR])
    assert MOVE not in client_of(admin).get(page).content.decode()
