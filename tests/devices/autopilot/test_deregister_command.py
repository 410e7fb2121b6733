"""`manage.py deregister`: the page's service and job, with a line a device."""

import io
import json
import uuid

import pytest
from django.core.management import CommandError, call_command

from devices.models import AutopilotDevice
from tests import factories

pytestmark = pytest.mark.django_db


def deregister(*words):
    """Exit status and the lines on standard output."""
    out = io.StringIO()
    try:
        call_command("deregister", "--tenant", "contoso", *map(str, words), "--json", stdout=out)
    except SystemExit as stop:
        status = stop.code
    else:
        status = 0
    return status, [json.loads(line) for line in out.getvalue().splitlines()]


@pytest.fixture
def devices(contoso):
    return factories.machines(contoso, 4)


def test_devices_named_by_serial_are_deregistered_fully(contoso, devices, tmp_path):
    file = tmp_path / "serials.txt"
    file.write_text("\ufeff" + "\r\n".join(device.serial_number for device in devices[:3]))
    status, lines = deregister("--serials", file, "--full", "--yes")
    assert (status, {line["outcome"] for line in lines}) == (0, {"done"})
    assert lines[0]["steps"]["registration"] == "released"
    assert AutopilotDevice.objects.of(contoso).live().get() == devices[3]


def test_807_811_and_shared_serials_are_lines_of_their_own(contoso, fabrikam, devices):
    theirs = factories.machines(fabrikam, 1, first=90)[0]
    nobody = uuid.uuid4()
    status, lines = deregister("--ids", devices[0].pk, nobody, theirs.pk, "--yes")
    assert status == 1
    assert {(line["device_id"], line["code"]) for line in lines} == {
        (str(devices[0].pk), None),
        (str(nobody), "807"),
        (str(theirs.pk), "811"),
    }
    assert AutopilotDevice.objects.of(fabrikam).live().exists()


def test_a_serial_that_several_devices_share_names_none(contoso, tmp_path):
    twins = [factories.listed(contoso, "TWIN") for _number in range(2)]
    (tmp_path / "s").write_text("TWIN\nUNKNOWN\n")
    status, lines = deregister("--serials", tmp_path / "s", "--yes")
    assert (status, [line["code"] for line in lines]) == (1, ["ambiguous", "807"])
    assert all(str(twin.pk) in lines[0]["reason"] for twin in twins)
    assert AutopilotDevice.objects.of(contoso).live().count() == 2


def test_nothing_is_removed_without_a_word(contoso, devices, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO())
    with pytest.raises(CommandError, match="--yes"):
        deregister("--ids", devices[0].pk)
    assert AutopilotDevice.objects.of(contoso).live().count() == 4


def test_a_held_deletion_ends_the_command_with_3(contoso, devices):
    contoso.approval_above = 0
    contoso.save()
    assert deregister("--ids", devices[0].pk, "--yes") == (3, [])
    assert AutopilotDevice.objects.of(contoso).live().count() == 4
