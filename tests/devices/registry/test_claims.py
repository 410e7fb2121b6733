"""Claims: each machine ends in one place, whatever was exchanged in it and whoever races for it."""

import threading
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest
from django.db import connection
from django.utils import timezone

from devices.hardware import synthetic
from devices.hardware.encode import encode
from devices.hardware.identity import HardwareIdentity
from devices.models import EntraDevice, IdentityKey, Registration
from devices.registry import claims, releases
from devices.registry.records import Claim, ClaimResult
from tenants.models import Tenant
from tests import factories

LATER = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
BOGUS = UUID("03000200-0400-0500-0006-000700080009")


def claim_of(identity: HardwareIdentity, reference: int = 0, **fields: object) -> Claim:
    return Claim(reference=reference, identity=identity, blob=encode(identity), **fields)  # type: ignore[arg-type]


def register(tenant: Tenant, *asked: Claim) -> list[ClaimResult]:
    return claims.claim(
        tenant=tenant, claims=asked, registered_by="a@b.example", channel="import", now=timezone.now()
    )


def test_a_claim_makes_a_registration_and_its_entra_object(contoso: Tenant) -> None:
    machine = synthetic.machine(seed=1)
    [result] = register(contoso, claim_of(machine, group_tag="KIOSK", purchase_order="PO-7"))
    row = Registration.objects.of(contoso).get(pk=result.device_id)
    thing = EntraDevice.objects.of(contoso).get(ztdid=row.pk)
    assert (row.serial_number, row.manufacturer, row.model) == (
        machine.serial,
        machine.manufacturer,
        machine.model,
    )
    assert thing.display_name == machine.serial
    assert thing.physical_ids == [f"[ZTDID]:{row.pk}", "[OrderID]:KIOSK", "[PurchaseOrderId]:PO-7"]
    assert bytes(row.hardware_hash.blob) == encode(machine)


def test_results_come_in_the_order_of_the_claims(contoso: Tenant) -> None:
    machines = [synthetic.machine(seed=seed) for seed in range(20)]
    results = register(contoso, *(claim_of(machine, number) for number, machine in enumerate(machines)))
    rows = {row.pk: row for row in Registration.objects.of(contoso)}
    assert [rows[result.device_id].serial_number for result in results] == [each.serial for each in machines]


def test_a_fresh_capture_with_another_disk_is_already_here(contoso: Tenant) -> None:
    machine = synthetic.machine(seed=2)
    [first] = register(contoso, claim_of(machine))
    [second] = register(contoso, claim_of(synthetic.recapture(machine, at=LATER, new_disk="other")))
    assert (second.code, second.name, second.existing) == (806, "ZtdDeviceAlreadyAssigned", first.device_id)


def test_a_machine_of_another_tenant_is_808_and_names_its_holder(contoso: Tenant, fabrikam: Tenant) -> None:
    machine = synthetic.machine(seed=3)
    register(fabrikam, claim_of(machine))
    [result] = register(contoso, claim_of(synthetic.recapture(machine, at=LATER)))
    assert (result.code, result.device_id, result.existing_tenant) == (808, None, fabrikam.pk)


def test_the_same_machine_twice_in_a_batch_is_registered_once(contoso: Tenant) -> None:
    machine = synthetic.machine(seed=4)
    results = register(contoso, *(claim_of(machine, number) for number in range(3)))
    assert sorted(str(result.code) for result in results) == ["806", "806", "None"]


def test_a_released_machine_can_be_claimed_by_another_tenant(contoso: Tenant, fabrikam: Tenant) -> None:
    machine = synthetic.machine(seed=5)
    [first] = register(contoso, claim_of(machine))
    releases.release(tenant=contoso, device_ids=[first.device_id], reason="test", now=timezone.now())
    [second] = register(fabrikam, claim_of(machine))
    assert second.device_id is not None


def test_a_confirmed_new_board_is_a_new_device_and_the_old_needs_attention(contoso: Tenant) -> None:
    machine = synthetic.machine(seed=6)
    [old] = register(contoso, claim_of(machine))
    board = synthetic.recapture(machine, at=LATER, new_board="b")
    [new] = register(contoso, claim_of(board, replaces=old.device_id))
    assert new.device_id
    assert Registration.objects.of(contoso).get(pk=old.device_id).attention_required_at


def test_another_tenants_device_is_never_marked_as_replaced(contoso: Tenant, fabrikam: Tenant) -> None:
    machine = synthetic.machine(seed=7)
    [old] = register(fabrikam, claim_of(machine))
    board = synthetic.recapture(machine, at=LATER, new_board="b")
    register(contoso, claim_of(board, replaces=old.device_id))
    assert not Registration.objects.of(fabrikam).get(pk=old.device_id).attention_required_at


def test_a_machine_known_only_by_its_serial_holds_the_serial_alone(contoso: Tenant, fabrikam: Tenant) -> None:
    machine = replace(synthetic.machine(seed=8, tpm=False), smbios_uuid=BOGUS)
    register(contoso, claim_of(machine))
    [result] = register(fabrikam, claim_of(synthetic.recapture(machine, at=LATER, new_disk=1)))
    assert result.code == 808


def test_bogus_uuids_and_generic_serials_never_make_two_machines_one(contoso: Tenant) -> None:
    one, two = (
        replace(synthetic.machine(seed=seed, serial="Default string"), smbios_uuid=BOGUS) for seed in (9, 10)
    )
    assert all(result.device_id for result in register(contoso, claim_of(one, 1), claim_of(two, 2)))


def test_a_shared_uuid_of_two_different_machines_is_not_unique(contoso: Tenant) -> None:
    one, two = synthetic.machine(seed=11), synthetic.machine(seed=12)
    register(contoso, claim_of(one))
    [result] = register(contoso, claim_of(replace(two, smbios_uuid=one.smbios_uuid)))
    assert (result.code, result.name) == (813, "ZtdDeviceIsNotUnique")


@pytest.mark.parametrize("fields", [{"system_manufacturer": ""}, {"system_manufacturer": None}])
def test_a_hash_without_manufacturer_is_invalid(contoso: Tenant, fields: dict[str, str]) -> None:
    [result] = register(contoso, claim_of(replace(synthetic.machine(seed=13), **fields)))
    assert (result.code, result.name) == (802, "InvalidZtdHardwareHash")


def test_the_number_of_queries_does_not_grow_with_the_claims(
    contoso: Tenant, django_assert_num_queries: object
) -> None:
    few = [claim_of(synthetic.machine(seed=seed), seed) for seed in range(100, 102)]
    many = [claim_of(synthetic.machine(seed=seed), seed) for seed in range(200, 260)]
    for batch in (few, many):
        with django_assert_num_queries(8):  # type: ignore[operator]
            register(contoso, *batch)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("repetition", range(20))
def test_two_tenants_racing_for_the_same_machines_end_without_deadlock(repetition: int) -> None:
    tenants = [factories.make_tenant("Contoso"), factories.make_tenant("Fabrikam")]
    machines = [synthetic.machine(seed=f"{repetition} {number}") for number in range(200)]
    outcomes: dict[str, list[ClaimResult]] = {}
    start = threading.Barrier(2)

    def race(tenant: Tenant, *, is_reversed: bool) -> None:
        captures = [
            claim_of(synthetic.recapture(machine, at=LATER, new_disk=f"{tenant} {number}"), number)
            for number, machine in enumerate(machines)
        ]
        start.wait()
        try:
            outcomes[tenant.slug] = register(tenant, *(reversed(captures) if is_reversed else captures))
        finally:
            connection.close()

    runners = [
        threading.Thread(target=race, args=(tenant,), kwargs={"is_reversed": bool(number)})
        for number, tenant in enumerate(tenants)
    ]
    for runner in runners:
        runner.start()
    for runner in runners:
        runner.join()
    won = [result for results in outcomes.values() for result in results if result.device_id]
    lost = [result for results in outcomes.values() for result in results if not result.device_id]
    assert len(outcomes) == 2
    assert sorted(result.reference for result in won) == list(range(200))
    assert {result.code for result in lost} == {808}
    assert Registration.unscoped.live().count() == 200
    assert IdentityKey.objects.filter(is_exclusive=True, kind="ek").count() == 200
