"""Replacing a device whose board was exchanged: one step, everything moves, nothing happens twice."""

from dataclasses import replace as changed
from datetime import UTC, datetime

import pytest
from django.utils import timezone

from devices.hardware import synthetic
from devices.models import AutopilotDevice, EntraDevice, Registration, UndoKit
from devices.registry.recognition import Kind, recognise
from devices.services.autopilot import replacing, restoring
from devices.services.autopilot.replacing import NEW, OLD, Successor
from devices.services.profiles import direct
from portal.errors import Conflict, Forbidden
from tenants.models import AuditEvent
from tests import factories

pytestmark = pytest.mark.django_db
LATER = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
MACHINE = synthetic.machine(seed=1)
BOARD = synthetic.recapture(MACHINE, at=LATER, new_board="spare")
VALUES = {
    "group_tag": "KIOSK",
    "display_name": "FRONT-1",
    "user_principal_name": "adele@contoso.example",
    "addressable_user_name": "Adele",
    "purchase_order": "PO-7",
}


@pytest.fixture
def old(contoso):
    factories.make_directory_user(contoso, "adele@contoso.example")
    [device] = factories.machines(contoso, **VALUES)
    return device


def replace(tenant, actor, old, new, **wishes):
    device_id = replacing.replace(
        tenant=tenant, actor=factories.actor(actor), old=old, new=new, now=timezone.now(), **wishes
    )
    return AutopilotDevice.objects.of(tenant).get(pk=device_id)


def values_of(device):
    return {name: getattr(device, name) for name in VALUES}


def test_a_captured_board_takes_everything_over(contoso, admin, old):
    profile = factories.make_profile(contoso, "Kiosk", factories.make_group(contoso, "G"))
    actor = factories.actor(admin)
    direct.assign(tenant=contoso, actor=actor, profile=profile, device_ids=[old.pk], now=timezone.now())
    new = replace(contoso, admin, old, Successor(identity=BOARD))
    assert values_of(new) == VALUES
    assert (new.serial_number, new.user.user_principal_name) == (MACHINE.serial, "adele@contoso.example")
    assert new.assigned_profile == profile
    assert new.entra_device.physical_ids[1] == "[OrderID]:KIOSK"
    old.refresh_from_db()
    assert (old.removal_reason, old.removed_at is None) == ("replaced", False)
    assert Registration.objects.of(contoso).get(pk=old.pk).end_reason == "replaced"
    assert EntraDevice.objects.of(contoso).live().count() == 1


def test_the_old_device_can_be_brought_back_from_its_undo_kit(contoso, admin, old):
    new = replace(contoso, admin, old, Successor(identity=BOARD))
    kit = UndoKit.objects.of(contoso).get(device_id=old.pk)
    assert (kit.reason, kit.group_tag, kit.blob is None) == ("replaced", "KIOSK", False)
    again = restoring.restore(tenant=contoso, actor=factories.actor(admin), kit=kit, now=timezone.now())
    assert AutopilotDevice.objects.of(contoso).live().count() == 2
    places = recognise(tenant=contoso, identities={1: MACHINE, 2: BOARD})
    assert [places[number].kind for number in (1, 2)] == [Kind.HERE, Kind.HERE]
    assert [places[number].holder.registration for number in (1, 2)] == [again, new.pk]


def test_one_audit_event_names_both_devices(contoso, admin, old):
    new = replace(contoso, admin, old, Successor(identity=BOARD))
    event = AuditEvent.objects.get(activity="device.replaced")
    first, second = event.targets.order_by("pk")
    assert (first.object_id, first.after) == (old.pk, {"replaced_by": str(new.pk)})
    assert first.before["group_tag"] == "KIOSK"
    assert (second.object_id, second.after["replaces"]) == (new.pk, str(old.pk))
    assert second.after["group_tag"] == "KIOSK"


def test_a_device_that_is_registered_already_takes_the_place(contoso, admin, old):
    new = factories.machines(contoso, first=7, group_tag="OWN")[0]
    found = replace(contoso, admin, old, Successor.registered(new))
    assert (found.pk, values_of(found)) == (new.pk, VALUES)
    assert list(AutopilotDevice.objects.of(contoso).live()) == [new]


@pytest.mark.parametrize(
    ("keeps", "tag", "greeting"), [(OLD, "KIOSK", "Adele"), (NEW, "OWN", "Adele")], ids=["old", "new"]
)
def test_where_both_have_a_value_the_person_decides(contoso, admin, old, keeps, tag, greeting):
    new = factories.machines(contoso, first=7, group_tag="OWN")[0]
    found = replace(contoso, admin, old, Successor.registered(new), keeps=keeps)
    assert (found.group_tag, found.addressable_user_name) == (tag, greeting)


def test_a_user_and_the_greeting_stay_together(contoso, admin, old):
    factories.make_directory_user(contoso, "ben@contoso.example")
    new = factories.machines(contoso, first=7, user_principal_name="ben@contoso.example")[0]
    found = replace(contoso, admin, old, Successor.registered(new), keeps=NEW)
    assert (found.user_principal_name, found.addressable_user_name) == ("ben@contoso.example", "")


def test_attention_required_ends_with_the_old_device(contoso, admin, old):
    Registration.objects.of(contoso).filter(pk=old.pk).update(attention_required_at=timezone.now())
    new = replace(contoso, admin, old, Successor(identity=BOARD))
    assert new.remediation_state == "none"


def test_a_preview_names_what_moves_what_stays_and_why(contoso, admin, old):
    profile = factories.make_profile(contoso, "Kiosk", factories.make_group(contoso, "Other"))
    actor = factories.actor(admin)
    direct.assign(tenant=contoso, actor=actor, profile=profile, device_ids=[old.pk], now=timezone.now())
    group = factories.make_group(contoso, "By hand")
    group.members.create(device=old.entra_device)
    found = replacing.preview(tenant=contoso, old=old, new=Successor(identity=BOARD))
    assert {value.name: value.then for value in found.values} == VALUES
    assert (found.profile, found.groups, found.has_conflict) == (profile, ["By hand"], False)
    assert "same manufacturer and serial number" in map(str, found.match.reasons)


def test_the_likely_successor_has_the_same_serial_number(contoso, old):
    factories.machines(contoso, first=50)
    board = factories.listed(contoso, str(MACHINE.serial), manufacturer=str(MACHINE.manufacturer).upper())
    assert replacing.likely(tenant=contoso, old=old) == [board]
    newer = factories.listed(contoso, str(MACHINE.serial), manufacturer=str(MACHINE.manufacturer))
    AutopilotDevice.objects.of(contoso).filter(pk=newer.pk).update(remediation_state="attention_required")
    assert replacing.likely(tenant=contoso, old=old) == [board, newer]


def test_the_same_machine_replaces_nothing(contoso, admin, old):
    again = synthetic.recapture(MACHINE, at=LATER, new_disk="spare")
    with pytest.raises(replacing.SameMachine):
        replace(contoso, admin, old, Successor(identity=again))
    with pytest.raises(replacing.SameMachine):
        replace(contoso, admin, old, Successor.registered(old))


def test_another_tpm_replaces(contoso, admin, old):
    new = replace(contoso, admin, old, Successor(identity=synthetic.recapture(MACHINE, at=LATER, new_tpm=1)))
    assert values_of(new) == VALUES


@pytest.mark.parametrize(
    ("identity", "number"),
    [
        (synthetic.machine(seed=9), 808),
        (synthetic.machine(seed=2), 806),
        (changed(synthetic.machine(seed=3), smbios_uuid=synthetic.machine(seed=2).smbios_uuid), 813),
        (changed(BOARD, system_manufacturer=""), 802),
    ],
)
def test_a_refused_machine_leaves_everything_as_it_was(contoso, fabrikam, admin, old, identity, number):
    factories.machines(contoso, first=2)
    factories.machines(fabrikam, first=9)
    with pytest.raises(replacing.NewRefused) as refusal:
        replace(contoso, admin, old, Successor(identity=identity))
    assert refusal.value.context["number"] == number
    assert str(number) in str(refusal.value)
    old.refresh_from_db()
    assert (old.removed_at, old.entra_device.deleted_at) == (None, None)
    assert not UndoKit.objects.of(contoso).exists()
    assert Registration.objects.of(contoso).live().count() == 2


def test_a_second_press_changes_nothing_more(contoso, admin, old):
    replace(contoso, admin, old, Successor(identity=BOARD))
    with pytest.raises(Conflict):
        replace(contoso, admin, old, Successor(identity=BOARD))
    assert AuditEvent.objects.filter(activity="device.replaced").count() == 1
    assert AutopilotDevice.objects.of(contoso).live().count() == 1


def test_a_device_being_deleted_takes_no_place(contoso, admin, old):
    new = factories.machines(contoso, first=7)[0]
    AutopilotDevice.objects.of(contoso).filter(pk=new.pk).update(deletion_requested_at=timezone.now())
    with pytest.raises(replacing.AlreadyReplaced):
        replace(contoso, admin, old, Successor.registered(new))


def test_a_registration_that_left_the_service_is_807(contoso, admin, old):
    Registration.objects.of(contoso).filter(pk=old.pk).update(ended_at=timezone.now())
    with pytest.raises(replacing.NotRegistered, match="807"):
        replace(contoso, admin, old, Successor(identity=BOARD))


def test_importing_and_deleting_are_both_needed(contoso, school_admin, help_desk, old):
    for person in (school_admin, help_desk):
        with pytest.raises(Forbidden):
            replace(contoso, person, old, Successor(identity=BOARD))


def test_where_each_deletion_needs_approval_nothing_is_replaced_past_it(contoso, admin, old):
    contoso.approval_above = 0
    with pytest.raises(replacing.ApprovalNeeded):
        replace(contoso, admin, old, Successor(identity=BOARD))
    contoso.approval_above = 1
    assert replace(contoso, admin, old, Successor(identity=BOARD)).group_tag == "KIOSK"
