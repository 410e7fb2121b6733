"""The same thing twice, or from a page opened before somebody else saved: done once, or told."""

import uuid

import pytest
from django.urls import reverse
from django.utils import timezone

from devices.models import Group, UndoKit
from devices.services.autopilot import deregistration, restoring
from devices.services.autopilot.bulk import NothingToDo
from devices.services.directory import entra_devices, groups
from devices.services.profiles import profiles
from portal.errors import Conflict, NotFound
from tenants.models import AuditEvent, Job, VerifiedDomain
from tenants.services import tenants
from tests import factories

pytestmark = pytest.mark.django_db


def run(job, step, ended=None):
    from portal import jobs

    now = timezone.now()
    jobs.run(str(job.pk), step=lambda job: step(job, now=now), ended=ended)
    job.refresh_from_db()
    return job


def test_a_group_deleted_twice_at_once_is_gone_once(contoso, admin):
    group = factories.make_group(contoso, "Kiosks")
    seen_by_both = [Group.objects.of(contoso).get(), Group.objects.of(contoso).get()]
    groups.delete(tenant=contoso, actor=factories.actor(admin), group=seen_by_both[0])
    with pytest.raises(NotFound):
        groups.delete(tenant=contoso, actor=factories.actor(admin), group=seen_by_both[1])
    assert AuditEvent.objects.filter(activity="group.deleted").count() == 1
    assert not Group.objects.of(contoso).filter(pk=group.pk).exists()


def test_a_profile_saved_after_its_deletion_is_told(contoso, admin):
    profile = factories.make_profile(contoso, "Standard")
    actor = factories.actor(admin)
    stale = type(profile).objects.of(contoso).get()
    profiles.delete(tenant=contoso, actor=actor, profile=profile)
    values = {"display_name": "Other"}
    with pytest.raises(NotFound):
        profiles.update(
            tenant=contoso, actor=actor, profile=stale, values=values, revision=1, now=timezone.now()
        )


def test_a_domain_removed_twice_is_audited_once(contoso, admin):
    name = "contoso.example"
    VerifiedDomain.objects.create(tenant=contoso, name=name)
    both = [VerifiedDomain.objects.of(contoso).get(), VerifiedDomain.objects.of(contoso).get()]
    tenants.remove_domain(tenant=contoso, actor=factories.actor(admin), domain=both[0])
    with pytest.raises(NotFound):
        tenants.remove_domain(tenant=contoso, actor=factories.actor(admin), domain=both[1])
    assert AuditEvent.objects.filter(activity="domain.removed").count() == 1


def test_a_tenant_deleted_twice_is_deleted_once(fabrikam, admin):
    tenants.delete(tenant=fabrikam, actor=factories.actor(admin))
    with pytest.raises(NotFound):
        tenants.delete(tenant=fabrikam, actor=factories.actor(admin))


def test_an_entra_object_deleted_twice_is_told(contoso, admin):
    device = factories.listed(contoso, "S1").entra_device
    words = {"is_override": True, "typed_serial": "S1", "now": timezone.now()}
    entra_devices.delete(tenant=contoso, actor=factories.actor(admin), device=device, **words)
    with pytest.raises(Conflict):
        entra_devices.delete(tenant=contoso, actor=factories.actor(admin), device=device, **words)


def test_two_deletions_of_the_same_devices_keep_one_undo_kit(contoso, admin):
    devices = factories.machines(contoso, 3)
    rows = type(devices[0]).objects.of(contoso).live()
    values = {"tenant": contoso, "actor": factories.actor(admin), "is_full": False, "now": timezone.now()}
    first = deregistration.start(rows=rows, dedupe_key=str(uuid.uuid4()), **values)
    with pytest.raises(NothingToDo):
        deregistration.start(rows=rows, dedupe_key=str(uuid.uuid4()), **values)
    run(first, deregistration.step, deregistration.ended)
    assert first.counters == {"done": 3}
    assert UndoKit.objects.of(contoso).count() == 3


def test_register_again_pressed_twice_with_other_keys_registers_once(contoso, admin):
    devices = factories.machines(contoso, 3)
    rows = type(devices[0]).objects.of(contoso).live()
    actor = factories.actor(admin)
    job = deregistration.start(tenant=contoso, actor=actor, rows=rows, is_full=False, now=timezone.now())
    run(job, deregistration.step, deregistration.ended)
    kits = UndoKit.objects.of(contoso)
    both = [restoring.start(tenant=contoso, actor=actor, kits=kits, dedupe_key=f"k{n}") for n in range(2)]
    for each in both:
        run(each, restoring.step)
    assert [each.counters for each in both] == [{"done": 3}, {"failed": 3}]
    assert rows.count() == 3


@pytest.mark.parametrize("name", ["autopilot_edit_group_tag", "autopilot_delete", "autopilot_unassign_user"])
def test_a_double_click_on_a_command_makes_one_job(contoso, admin, client_of, name):
    device = factories.machines(contoso, 1)[0]
    client, url = client_of(admin), reverse(f"devices:{name}", kwargs={"tenant_slug": "contoso"})
    values = {
        "selection": str(device.pk),
        "step": "confirm",
        "one_time_key": str(uuid.uuid4()),
        "operation": "set",
        "text": "KIOSK",
        "way": "registration",
        "reviewed": repr([("operation", "set"), ("text", "KIOSK")]),
    }
    answers = [client.post(url, values) for _press in range(2)]
    assert answers[0].status_code == 302
    assert Job.objects.of(contoso).count() == 1
    assert answers[1].status_code == 302
    assert answers[1]["Location"] == answers[0]["Location"]
