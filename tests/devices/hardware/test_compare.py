"""Two captures field by field: what agrees, what differs, and what is not compared at all."""

from dataclasses import replace

from hypothesis import given

from devices.hardware.compare import FIELDS, Change, Field, State, Weight, compare
from devices.hardware.identity import HardwareIdentity, identity_keys
from devices.hardware.match import match
from devices.hardware.synthetic import machine, recapture
from tests.devices.hardware.devices_at_random import identities
from tests.devices.hardware.fleets import LATER, with_shared_things

KNOWN = machine(seed=1)


def fields(known: HardwareIdentity, candidate: HardwareIdentity) -> dict[str, Field]:
    return {field.name: field for field in compare(known, candidate)}


def test_a_recapture_with_another_disk_agrees_in_all_but_disk_and_time():
    found = fields(KNOWN, recapture(KNOWN, at=LATER, new_disk=7))
    differing = {name for name, field in found.items() if field.state == State.DIFFERS}
    assert differing <= {"disk_serial", "disks", "captured_at"}
    assert found["disk_serial"].state == State.DIFFERS
    assert (found["captured_at"].change, found["memory"].change) == (Change.CAPTURE, Change.USE)


def test_the_decisive_fields_come_first_and_the_absent_last():
    found = compare(KNOWN, recapture(KNOWN, at=LATER))
    assert [field.name for field in found[:2]] == ["ek", "uuid"]
    assert {field.weight for field in found[:2]} == {Weight.DECISIVE}
    assert found[-1].state == State.ABSENT


def test_a_placeholder_is_shown_and_not_compared():
    known = replace(KNOWN, system_serial="Default string")
    found = fields(known, known)["manufacturer_serial"]
    assert found.state == State.NOT_COMPARED
    assert (found.known[0].counts, "Default string" in found.known[0].text) == (False, True)


def test_docks_and_radios_are_shown_and_do_not_count():
    found = fields(with_shared_things(KNOWN), with_shared_things(machine(seed=2)))["mac"]
    docked = [value for value in found.known if "USB" in value.text or "BTH" in value.text]
    assert len(docked) == 2
    assert not any(value.counts for value in docked)


def test_one_shared_adapter_is_enough_and_is_marked():
    found = fields(KNOWN, recapture(KNOWN, at=LATER, new_nic=5))["mac"]
    assert found.state == State.AGREES
    assert [value.is_shared for value in found.known] == [False, True]


def test_what_one_capture_lacks_is_not_different():
    found = fields(KNOWN, recapture(KNOWN, at=LATER, from_winpe=True))
    assert (found["ek"].state, found["displays"].state) == (State.ONE_SIDED, State.ONE_SIDED)


def test_the_endorsement_key_is_never_shown_whole():
    [value] = fields(KNOWN, KNOWN)["ek"].known
    assert len(value.text) < 40


@given(identities(), identities())
def test_the_weighty_fields_say_what_the_match_says(first: HardwareIdentity, second: HardwareIdentity):
    agreed = {reason.kind: reason.agrees for reason in match(first, second).reasons}
    for field in compare(first, second):
        if field.name in agreed:
            assert field.state == (State.AGREES if agreed[field.name] else State.DIFFERS)
        elif field.weight != Weight.NONE:
            assert field.state not in (State.AGREES, State.DIFFERS)


@given(identities())
def test_every_field_of_any_machine_can_be_shown(identity: HardwareIdentity):
    found = compare(identity, identity)
    assert {field.name for field in found} == set(FIELDS)
    assert all(field.state != State.DIFFERS for field in found)
    assert identity_keys(identity) is not None
