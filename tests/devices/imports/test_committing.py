"""The commit: outcomes, options, stale plans, replaced boards, cancelling, audit, and double clicks."""

import uuid

import pytest
from django.utils import timezone

from devices import tasks
from devices.hardware import synthetic
from devices.models import AutopilotDevice, EntraDevice, Import, ImportRow, Registration
from devices.registry import releases
from devices.services.imports import committing, planning, retention
from devices.services.imports.uploading import Options
from portal import jobs
from tenants.models import AuditEvent, AuditTarget, Job, Membership, Tenant, User
from tenants.permissions import Actor
from tests import factories
from tests.devices.imports.importing import LATER, add, check, commit, line, machines, row, run


def outcomes(import_: Import) -> list[str]:
    return list(ImportRow.objects.filter(of=import_).order_by("number").values_list("outcome", flat=True))


def test_new_machines_are_listed_when_the_import_completes(contoso: Tenant) -> None:
    some = machines(3)
    import_ = add(contoso, *(line(machine, tag="KIOSK") for machine in some))
    devices = AutopilotDevice.objects.of(contoso).live()
    assert (import_.state, import_.added) == (Import.State.COMPLETED, 3)
    assert set(devices.values_list("serial_number", flat=True)) == {machine.serial for machine in some}
    assert set(devices.values_list("group_tag", flat=True)) == {"KIOSK"}
    assert EntraDevice.objects.of(contoso).count() == 3


def test_good_rows_are_imported_although_others_fail(contoso: Tenant) -> None:
    one, two = machines(2)
    import_ = add(contoso, line(one), line(two, hash_="T0Fgarbage"), line(one))
    assert outcomes(import_) == ["added", "failed", "failed"]
    assert (import_.added, import_.failed) == (1, 2)


def test_hash_bytes_leave_the_rows_and_cells_stay(contoso: Tenant) -> None:
    import_ = add(contoso, *map(line, machines(2)))
    found = row(import_)
    assert found.blob is None
    assert found.cells


def test_the_default_tag_goes_to_rows_without_one(contoso: Tenant) -> None:
    one, two = machines(2)
    import_ = check(contoso, line(one), line(two, tag="OWN"), options=Options(default_group_tag="KIOSK"))
    commit(import_)
    tags = Registration.objects.of(contoso).values_list("group_tag", flat=True)
    assert set(tags) == {"KIOSK", "OWN"}


def test_the_user_is_assigned_as_the_directory_spells_it(contoso: Tenant) -> None:
    factories.make_directory_user(contoso, "Adele@contoso.example", display_name="Adele Vance")
    add(contoso, line(machines(1)[0], user="adele@CONTOSO.example"))
    device = AutopilotDevice.objects.of(contoso).get()
    assert (device.user_principal_name, device.addressable_user_name) == (
        "Adele@contoso.example",
        "Adele Vance",
    )


def test_updates_write_only_what_the_boxes_allow(contoso: Tenant) -> None:
    [machine] = machines(1)
    add(contoso, line(machine, tag="OLD", user="a@contoso.example"))
    again = line(machine, tag="NEW", user="b@contoso.example")
    import_ = commit(check(contoso, again, options=Options(updates_group_tag=True)))
    device = AutopilotDevice.objects.of(contoso).get()
    assert (import_.updated, device.group_tag, device.user_principal_name) == (1, "NEW", "a@contoso.example")


def test_a_device_already_here_is_no_failure(contoso: Tenant) -> None:
    [machine] = machines(1)
    add(contoso, line(machine))
    import_ = add(contoso, line(machine))
    assert (import_.already_here, import_.failed) == (1, 0)
    assert row(import_).device_id == AutopilotDevice.objects.of(contoso).get().pk


def test_rows_that_need_a_decision_are_left_out_until_ticked(contoso: Tenant) -> None:
    one, two = machines(2)
    import_ = check(contoso, line(one, serial="A"), line(two, serial="B"))
    planning.tick(import_=import_, numbers=[2], is_ticked=True)
    commit(import_)
    assert outcomes(import_) == ["left_out", "added"]
    assert AutopilotDevice.objects.of(contoso).get().serial_number == two.serial


def test_a_ticked_new_board_is_a_new_device_and_the_old_needs_attention(contoso: Tenant) -> None:
    [machine] = machines(1)
    add(contoso, line(machine))
    import_ = check(contoso, line(synthetic.recapture(machine, at=LATER, new_board=4)))
    planning.tick(import_=import_, numbers=None, is_ticked=True)
    commit(import_)
    found = AutopilotDevice.objects.of(contoso).live().order_by("registered_at")
    assert outcomes(import_) == ["added"]
    assert [device.profile_status for device in found] == ["attention_required", "not_assigned"]


def test_a_machine_taken_by_another_import_here_meanwhile_is_already_here(contoso: Tenant) -> None:
    [machine] = machines(1)
    stale = check(contoso, line(machine))
    add(contoso, line(machine))
    commit(stale)
    assert outcomes(stale) == ["already_here"]
    assert row(stale).code == 806
    assert AutopilotDevice.objects.of(contoso).count() == 1


def test_a_machine_taken_by_another_tenant_meanwhile_fails_with_808(
    contoso: Tenant, fabrikam: Tenant
) -> None:
    [machine] = machines(1)
    stale = check(contoso, line(machine))
    add(fabrikam, line(machine))
    commit(stale)
    found = row(stale)
    assert (found.outcome, found.code, found.verdict) == ("failed", 808, "other_tenant")
    assert found.existing_tenant == fabrikam.pk


def test_a_board_replaced_after_the_check_is_left_out(contoso: Tenant) -> None:
    [machine] = machines(1)
    stale = check(contoso, line(synthetic.recapture(machine, at=LATER, new_board=4)))
    add(contoso, line(machine))
    commit(stale)
    assert outcomes(stale) == ["left_out"]
    assert "mainboard" in row(stale).reason


def test_a_device_released_after_the_check_is_registered_anew(contoso: Tenant) -> None:
    [machine] = machines(1)
    add(contoso, line(machine, tag="OLD"))
    stale = check(contoso, line(machine, tag="NEW"), options=Options(updates_group_tag=True))
    old = Registration.objects.of(contoso).get()
    releases.release(tenant=contoso, device_ids=[old.pk], reason="test", now=timezone.now())
    commit(stale)
    assert outcomes(stale) == ["added"]


def test_a_second_start_returns_the_same_job(contoso: Tenant) -> None:
    import_ = check(contoso, *map(line, machines(2)))
    first = committing.start(import_=import_, actor=Actor.command())
    assert committing.start(import_=import_, actor=Actor.command()).pk == first.pk


def test_a_finished_plan_can_not_be_changed(contoso: Tenant) -> None:
    import_ = add(contoso, line(machines(1)[0]))
    with pytest.raises(planning.NotChecked):
        planning.change_options(import_=import_, options=Options())


def test_an_import_that_seems_anothers_wants_the_tenants_name(contoso: Tenant) -> None:
    import_ = check(contoso, line(machines(1)[0]))
    import_.needs_tenant_typed = True
    import_.save()
    with pytest.raises(committing.TenantNotTyped):
        committing.start(import_=import_, actor=Actor.command(), typed="Fabrikam")
    assert committing.start(import_=import_, actor=Actor.command(), typed=" contoso ")


def test_the_audit_names_each_device_with_old_and_new_values(contoso: Tenant, admin: User) -> None:
    one, two = machines(2)
    add(contoso, line(one, tag="OLD"))
    import_ = check(contoso, line(one, tag="NEW"), line(two), options=Options(updates_group_tag=True))
    run(committing.start(import_=import_, actor=Actor(user=admin)))
    event = AuditEvent.objects.get(actor=admin, activity="device.imported")
    targets = {target.label: target for target in AuditTarget.objects.filter(event=event)}
    assert event.target_count == 2
    assert targets[str(one.serial)].before == {"group_tag": "OLD"}
    assert targets[str(one.serial)].after == {"group_tag": "NEW"}
    assert "1 added, 1 updated" in event.summary


def test_an_actor_who_lost_the_right_stops_the_commit(contoso: Tenant, intune_admin: User) -> None:
    import_ = check(contoso, line(machines(1)[0]))
    job = committing.start(import_=import_, actor=Actor(user=intune_admin))
    Membership.unscoped.filter(user=intune_admin).update(is_active=False)
    assert run(job).state == Job.State.FAILED
    import_.refresh_from_db()
    assert import_.state == Import.State.FAILED
    assert not Registration.objects.of(contoso).exists()


def test_cancelling_keeps_what_was_done(contoso: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(committing, "SLICE", 2)
    import_ = check(contoso, *map(line, machines(6)))
    job = committing.start(import_=import_, actor=Actor.command())
    step_once(job)
    jobs.request_cancel(Job.objects.of(contoso).get(pk=job.pk))
    run(Job.objects.of(contoso).get(pk=job.pk))
    import_.refresh_from_db()
    assert (import_.state, import_.added) == (Import.State.CANCELLED, 2)
    assert AutopilotDevice.objects.of(contoso).count() == 2


def step_once(job: Job) -> None:
    """Claim a job, do one step and vanish as a killed worker does: the lease stays and runs out."""
    claimed = jobs.claim(job.pk)
    assert claimed is not None
    jobs._one_step(claimed, step=_step_of(job), ended=None)
    Job.unscoped.filter(pk=job.pk).update(lease_until=timezone.now() - timezone.timedelta(seconds=1))


def _step_of(job: Job) -> jobs.Step:
    from devices.services.imports.checking import steps

    return (
        steps.step
        if job.task == "devices.check_import"
        else lambda each: committing.step(each, now=timezone.now())
    )


def test_a_commit_left_by_a_killed_worker_goes_on_row_by_row(
    contoso: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(committing, "SLICE", 3)
    import_ = check(contoso, *map(line, machines(10)))
    job = committing.start(import_=import_, actor=Actor.command())
    for _killed in range(3):
        step_once(job)
    run(Job.objects.of(contoso).get(pk=job.pk))
    import_.refresh_from_db()
    assert (import_.state, import_.added) == (Import.State.COMPLETED, 10)
    assert Registration.objects.of(contoso).count() == 10
    assert AuditTarget.objects.filter(event__activity="device.imported").count() == 10


def test_a_step_that_fails_halfway_leaves_nothing_behind(
    contoso: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_ = check(contoso, *map(line, machines(4)))
    job = committing.start(import_=import_, actor=Actor.command())
    with monkeypatch.context() as broken:
        broken.setattr(committing, "_count", _break)
        tasks.commit_import(str(job.pk))
    assert not Registration.objects.of(contoso).exists()
    Job.unscoped.filter(pk=job.pk).update(run_after=timezone.now())
    run(Job.objects.of(contoso).get(pk=job.pk))
    import_.refresh_from_db()
    assert import_.added == 4


def _break(*_arguments: object) -> None:
    raise RuntimeError("the machine stumbled")


def test_a_plan_left_lying_beyond_retention_fails_row_by_row(contoso: Tenant) -> None:
    import_ = check(contoso, line(machines(1)[0]))
    Import.unscoped.update(created_at=timezone.now() - timezone.timedelta(days=91))
    assert retention.erase_due() == 1
    assert retention.erase_due() == 0
    commit(import_)
    assert (row(import_).cells, outcomes(import_)) == ([], ["failed"])


def test_rows_within_retention_keep_their_cells(contoso: Tenant) -> None:
    import_ = add(contoso, line(machines(1)[0]))
    assert retention.erase_due() == 0
    assert row(import_).cells


def test_each_import_keeps_to_its_tenant(contoso: Tenant, fabrikam: Tenant) -> None:
    import_ = check(fabrikam, line(machines(1)[0]))
    with pytest.raises(Import.DoesNotExist):
        planning.open_plan(contoso, import_.pk)
    with pytest.raises(Import.DoesNotExist):
        planning.open_plan(contoso, uuid.uuid4())
