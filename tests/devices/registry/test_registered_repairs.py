"""The repair table once more, through the registry: what a capture is answered after each change."""

from dataclasses import replace
from uuid import UUID

import pytest
from django.utils import timezone

from devices.hardware import synthetic
from devices.hardware.encode import encode
from devices.hardware.identity import HardwareIdentity
from devices.models import Registration
from devices.registry import claims, releases
from devices.registry.recognition import Kind, Place, recognise
from devices.registry.records import Claim, ClaimResult
from tenants.models import Tenant
from tests.devices.hardware.fleets import (
    BOGUS,
    DOCK,
    LATER,
    MODEL,
    RADIO,
    THUNDERBOLT_DOCK,
    known_by_product_key,
    known_by_serial,
    known_by_tpm,
    virtual,
    with_disk_of,
)

OWNER, DONOR = (synthetic.machine(seed=seed, **MODEL) for seed in (1, 2))


def ask(tenant: Tenant, *machines: HardwareIdentity, replaces: UUID | None = None) -> list[ClaimResult]:
    asked = [
        Claim(number, machine, encode(machine), replaces=replaces) for number, machine in enumerate(machines)
    ]
    return claims.claim(tenant=tenant, claims=asked, registered_by="x", channel="import", now=timezone.now())


def register(tenant: Tenant, *machines: HardwareIdentity) -> list[UUID]:
    found = [result.device_id for result in ask(tenant, *machines)]
    assert all(found)
    return [each for each in found if each]


def answer(tenant: Tenant, machine: HardwareIdentity) -> int | None:
    [result] = ask(tenant, machine)
    return result.code


def place(tenant: Tenant, machine: HardwareIdentity) -> Place:
    return recognise(tenant=tenant, identities={0: machine})[0]


def release(tenant: Tenant, *devices: UUID) -> None:
    releases.release(tenant=tenant, device_ids=devices, reason="test", now=timezone.now())


REPAIRED = {
    "memory": {"new_memory_gib": 128},
    "disk": {"new_disk": "spare"},
    "one adapter": {"new_nic": "spare"},
    "a dock": {"docked": True},
    "Windows PE": {"from_winpe": True},
}


@pytest.mark.parametrize("changes", REPAIRED.values(), ids=REPAIRED.keys())
def test_a_repaired_machine_is_806_here_and_808_elsewhere(
    contoso: Tenant, fabrikam: Tenant, changes: dict
) -> None:
    register(contoso, OWNER)
    again = synthetic.recapture(OWNER, at=LATER, **changes)
    assert (answer(contoso, again), answer(fabrikam, again)) == (806, 808)


def test_a_reimaged_machine_is_still_bound_to_its_tenant(contoso: Tenant, fabrikam: Tenant) -> None:
    register(contoso, OWNER)
    assert answer(fabrikam, replace(synthetic.recapture(OWNER, at=LATER), locale=None)) == 808


def test_a_disk_from_a_registered_machine_names_its_donor_until_that_is_deregistered(
    contoso: Tenant,
) -> None:
    owner, donor = register(contoso, OWNER, DONOR)
    found = place(contoso, with_disk_of(OWNER, DONOR))
    assert (found.kind, found.holder and found.holder.registration) == (Kind.HERE, owner)
    assert [each.registration for each in found.standing.donors] == [donor]
    release(contoso, donor)
    assert place(contoso, with_disk_of(OWNER, DONOR)).standing.donors == ()


def test_another_tpm_is_a_new_device_only_once_the_replacement_is_confirmed(contoso: Tenant) -> None:
    [old] = register(contoso, OWNER)
    again = synthetic.recapture(OWNER, at=LATER, new_tpm="spare")
    assert place(contoso, again).kind == Kind.BOARD
    assert answer(contoso, again) == 813
    [new] = ask(contoso, again, replaces=old)
    assert new.device_id
    assert Registration.objects.of(contoso).get(pk=old).attention_required_at
    assert [each.registration for each in place(contoso, again).standing.same] == [new.device_id]


def test_another_tpm_in_a_machine_of_another_tenant_is_808(contoso: Tenant, fabrikam: Tenant) -> None:
    register(fabrikam, OWNER)
    assert answer(contoso, synthetic.recapture(OWNER, at=LATER, new_tpm="spare")) == 808


def test_another_board_after_another_board_replaces_the_device_of_today(contoso: Tenant) -> None:
    [first] = register(contoso, OWNER)
    second = synthetic.recapture(OWNER, at=LATER, new_board="b")
    [answered] = ask(contoso, second, replaces=first)
    found = place(contoso, synthetic.recapture(OWNER, at=LATER, new_board="c"))
    assert (found.kind, found.holder and found.holder.registration) == (Kind.BOARD, answered.device_id)
    assert place(contoso, second).kind == Kind.HERE


def test_a_board_without_firmware_information_is_not_recognised(contoso: Tenant) -> None:
    register(contoso, OWNER)
    blank = replace(synthetic.recapture(OWNER, at=LATER, new_board="b"), system_serial=None)
    assert place(contoso, blank).kind == Kind.FREE


def test_a_donor_board_wants_both_machines_deregistered_first(contoso: Tenant) -> None:
    owner, donor = register(contoso, OWNER, DONOR)
    rebuilt = replace(with_disk_of(DONOR, OWNER), system_serial=OWNER.system_serial)
    assert answer(contoso, rebuilt) == 813
    release(contoso, donor, owner)
    assert answer(contoso, rebuilt) is None
    assert answer(contoso, DONOR) == 806  # the scavenged machine's old capture never registers again


def test_two_live_devices_with_one_identity_are_813_until_both_are_deregistered(contoso: Tenant) -> None:
    by_key = replace(OWNER, smbios_uuid=None, system_serial="TEST-A", product_key_id=None)
    by_uuid = replace(
        OWNER, ek_pub=None, offline_device_id=None, system_serial="TEST-B", product_key_id=None, nics=()
    )
    both = register(contoso, by_key, by_uuid)
    assert answer(contoso, OWNER) == 813
    release(contoso, *both)
    assert answer(contoso, OWNER) is None


def test_a_capture_that_disagrees_with_the_registration_says_how_as_event_908_does(contoso: Tenant) -> None:
    register(contoso, OWNER)
    changed = replace(OWNER, system_serial="TEST-OTHER", product_key_id="9999000000007")
    assert place(contoso, changed).mismatches == ("SerialNumberMismatch", "ProductKeyIdMismatch")
    assert place(contoso, synthetic.recapture(OWNER, at=LATER, new_disk=1)).mismatches == ()


def test_two_qemu_machines_with_one_sentinel_serial_and_disk_serial_stay_two(contoso: Tenant) -> None:
    one, two = virtual(1), virtual(2)
    assert one.system_serial == two.system_serial
    assert one.disk_serials == two.disk_serials
    devices = register(contoso, one, two)
    holders = [place(contoso, each).standing for each in (one, two)]
    assert [[held.registration for held in each.same] for each in holders] == [[pk] for pk in devices]
    assert not any(each.replaced or each.clashing or each.donors for each in holders)


def shared_by(kind: str, seed: int) -> HardwareIdentity:
    """A machine of its own that shares with all others what must never join them."""
    base = synthetic.machine(seed=seed, **MODEL)
    return {
        "bogus UUID": replace(base, smbios_uuid=BOGUS),
        "generic serial": replace(base, system_serial="To be filled by O.E.M."),
        "bogus UUID and generic serial": known_by_tpm(seed),
        "virtual adapter": replace(
            base, nics=tuple(replace(nic, mac=bytes.fromhex("005056c00001")) for nic in base.nics)
        ),
        "docks and Bluetooth": replace(base, nics=(*base.nics, DOCK, THUNDERBOLT_DOCK, RADIO)),
        "docks, known by serial": replace(known_by_serial(seed), nics=(DOCK, THUNDERBOLT_DOCK)),
        "docks, known by product key": replace(known_by_product_key(seed), nics=(DOCK, THUNDERBOLT_DOCK)),
    }[kind]


@pytest.mark.parametrize(
    "kind",
    [
        "bogus UUID",
        "generic serial",
        "bogus UUID and generic serial",
        "virtual adapter",
        "docks and Bluetooth",
        "docks, known by serial",
        "docks, known by product key",
    ],
)
def test_two_machines_are_never_joined_by_a_shared(contoso: Tenant, kind: str) -> None:
    one, two = shared_by(kind, 1), shared_by(kind, 2)
    register(contoso, one)
    assert place(contoso, two).kind == Kind.FREE
    register(contoso, two)
    assert [answer(contoso, each) for each in (one, two)] == [806, 806]


def test_the_one_that_holds_a_serial_alone_is_found_however_many_share_it(contoso: Tenant) -> None:
    def numbered(machine: HardwareIdentity, number: int) -> HardwareIdentity:
        return replace(machine, system_serial="TEST-SHARED", product_name=f"Model {number}")

    register(contoso, *(numbered(synthetic.machine(seed=n, **MODEL), n) for n in range(100, 125)))
    alone = replace(numbered(known_by_serial(1), 1), product_key_id="9999000000001", nics=())
    [device] = register(contoso, alone)
    again = synthetic.recapture(alone, at=LATER, new_disk="spare")
    assert [each.registration for each in place(contoso, replace(again, product_key_id=None)).standing.same]
    assert [each.registration for each in place(contoso, again).standing.same] == [device]
