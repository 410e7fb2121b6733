"""`simulate_devices`: a fleet over HTTP against a running site of this computer, each as its story says."""

import io
from collections import Counter

import pytest
from django.core.management import CommandError, call_command

from devices.hardware.decode import decode
from devices.management.simulation import client, fleet
from devices.management.simulation.fleet import People, Shares
from devices.models import AutopilotDevice, EnrollmentFailure, ManagedDevice
from tenants.models import EnrollmentKey
from tests import factories
from tests.devices.device_side.conftest import switch_on

PEOPLE = People(["ann@contoso.example", "bob@contoso.example"], ["guest@contoso.example"])
MANY = Shares(unlicensed=20, deleted=20, personal=20, disk=20, board=20, reset=20)


def ends_of(found):
    return Counter((each.fate, each.is_unlicensed, each.is_lost, each.is_personal) for each in found)


def simulate(*options):
    out, progress = io.StringIO(), io.StringIO()
    arguments = ("--tenant", "contoso", *options)
    call_command("simulate_devices", *arguments, stdout=out, stderr=progress)
    return out.getvalue(), progress.getvalue()


def test_the_same_seed_tells_the_same_stories():
    def tell(seed):
        return fleet.stories(seed=seed, count=200, shares=MANY, people=PEOPLE)

    assert tell(7) == tell(7)
    assert tell(7) != tell(8)
    assert len(tell(7)) == 240
    assert len(ends_of(tell(7))) > 8


def test_the_import_file_holds_the_registered_machines_only():
    found = fleet.stories(seed=7, count=10, shares=MANY, people=PEOPLE)
    header, *lines = fleet.csv_lines(found, ["A", ""])
    assert header.startswith("Device Serial Number,")
    assert [line.split(",")[3] for line in lines] == ["A", ""] * 5
    serial, _key, text, *_rest = lines[3].split(",")
    assert decode(text).serial == serial == found[3].hardware().serial


@pytest.mark.parametrize(
    "address",
    [
        "http://192.0.2.1",
        "https://127.0.0.1",
        "http://[2001:db8::1]:8000",
        "ftp://127.0.0.1",
        "127.0.0.1:8000",
        "http://127.0.0.1:8000/elsewhere",
        "http://127.0.0.1:99999",
        "http://user@192.0.2.7:80",
        "",
    ],
)
def test_only_addresses_of_this_computer_are_taken(address):
    with pytest.raises(client.NotHere):
        client.checked_address(address)


def test_localhost_in_any_spelling_is_this_computer():
    assert client.checked_address("http://localhost:8000") == ("localhost", 8000)
    assert client.checked_address("http://127.8.8.8/") == ("127.8.8.8", 80)


@pytest.mark.django_db
def test_a_tenant_whose_device_side_is_off_is_left_alone(contoso):
    factories.make_directory_user(contoso, "ann@contoso.example")
    with pytest.raises(CommandError, match="device side of Contoso is off"):
        simulate("--count", "1")
    with pytest.raises(CommandError, match="not an http address of this computer"):
        simulate("--count", "1", "--base-url", "http://192.0.2.1")


@pytest.mark.django_db
def test_without_anybody_licensed_there_is_nothing_to_simulate(contoso):
    factories.make_directory_user(contoso, "guest@contoso.example", is_licensed=False)
    with pytest.raises(CommandError, match="Nobody in this tenant is licensed"):
        simulate()


@pytest.mark.django_db(transaction=True)
def test_every_machine_ends_as_its_story_expects(contoso, live_server):
    switch_on(contoso)
    for upn in PEOPLE.licensed:
        factories.make_directory_user(contoso, upn)
    factories.make_directory_user(contoso, PEOPLE.unlicensed[0], is_licensed=False)
    stories = fleet.stories(seed=100, count=16, shares=MANY, people=PEOPLE)
    registered = [story for story in stories if not story.is_personal]
    factories.claim(contoso, *(story.hardware() for story in registered))
    shares = [part for name in Shares.__slots__ for part in (f"--{name}", "20")]
    table, progress = simulate(
        "--count", "16", "--seed", "100", "--workers", "2", "--base-url", live_server.url, *shares
    )
    assert "did not end as their story expects" not in table
    assert "19 of 19 machines" in progress
    unlicensed = [story for story in registered if story.is_unlicensed]
    failed = [story for story in registered if story.is_lost and story.fate == fleet.Fate.PREPARED]
    enrolled = {row.serial_number for row in ManagedDevice.objects.of(contoso).live()}
    assert unlicensed
    assert not enrolled & {story.hardware().serial for story in [*unlicensed, *failed]}
    assert len(enrolled) == len(stories) - len(unlicensed) - len(failed)
    reasons = Counter(EnrollmentFailure.objects.of(contoso).values_list("reason", flat=True))
    wanted = {"unlicensed_user": len(unlicensed), "entra_device_missing": len(failed)}
    assert reasons == Counter({reason: count for reason, count in wanted.items() if count})
    assert AutopilotDevice.objects.of(contoso).filter(remediation_state="none").count() == 16
    assert not EnrollmentKey.objects.of(contoso).filter(is_for_one_run=True, revoked_at=None).exists()
