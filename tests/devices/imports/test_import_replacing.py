"""Replace from a plan's row: at once, once, and not again by the import."""

import pytest
from django.utils import timezone

from devices.hardware import synthetic
from devices.models import AutopilotDevice, ImportRow
from devices.services.imports import planning, replacing
from devices.services.imports.uploading import Options
from tenants.models import AuditTarget, Tenant
from tenants.permissions import Actor
from tests.devices.imports.importing import LATER, add, check, commit, line, machines, row

ONE, TWO, THREE = machines(3)
BOARD = synthetic.recapture(ONE, at=LATER, new_board=9)


def replace(import_, number=1, **wishes):
    return replacing.replace(
        import_=import_, number=number, actor=Actor.command(), now=timezone.now(), **wishes
    )


@pytest.fixture
def import_(contoso: Tenant):
    add(contoso, line(ONE, tag="OLD"), line(TWO))
    return check(contoso, line(BOARD, tag="NEW"), line(THREE))


def test_the_board_takes_the_old_devices_place(contoso: Tenant, import_) -> None:
    device = AutopilotDevice.objects.of(contoso).get(pk=replace(import_))
    assert (device.serial_number, device.group_tag) == (ONE.serial, "OLD")
    assert AutopilotDevice.objects.of(contoso).live().count() == 2
    found = row(import_)
    assert (found.verdict, found.outcome, found.device_id) == ("new", "added", device.pk)
    assert found.blob is None
    assert str(ONE.serial) in found.reason
    import_.refresh_from_db()
    assert import_.verdicts == {"new": 2}


def test_the_files_values_win_when_the_person_says_so(contoso: Tenant, import_) -> None:
    device_id = replace(import_, keeps="new")
    assert AutopilotDevice.objects.of(contoso).get(pk=device_id).group_tag == "NEW"


def test_the_import_leaves_the_replaced_row_alone(contoso: Tenant, import_) -> None:
    device_id = replace(import_)
    assert planning.tick(import_=import_, numbers=None, is_ticked=True) == 0
    planning.change_options(import_=import_, options=Options(default_group_tag="X", updates_group_tag=True))
    assert planning.chosen(import_).count() == 1
    done = commit(import_)
    assert (done.added, done.failed, done.left_out) == (2, 0, 0)
    assert row(import_).device_id == device_id
    assert AutopilotDevice.objects.of(contoso).live().count() == 3
    acts = AuditTarget.objects.filter(object_id=device_id).values_list("event__activity", flat=True)
    assert list(acts) == ["device.replaced"]


def test_a_row_is_replaced_once(contoso: Tenant, import_) -> None:
    replace(import_)
    with pytest.raises(replacing.NothingToReplace):
        replace(import_)
    assert AutopilotDevice.objects.of(contoso).live().count() == 2


def test_a_row_that_waits_for_nothing_replaces_nothing(contoso: Tenant, import_) -> None:
    for number in (2, 99):
        with pytest.raises(replacing.NothingToReplace):
            replace(import_, number)


def test_a_plan_that_is_imported_is_no_longer_open(contoso: Tenant, import_) -> None:
    planning.tick(import_=import_, numbers=[1], is_ticked=True)
    commit(import_)
    with pytest.raises(planning.NotChecked):
        replace(import_)
    assert row(import_).outcome == ImportRow.Outcome.ADDED
