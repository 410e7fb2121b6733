"""Recognition: what a capture is to the live registrations of all tenants, seen from one of them."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from django.utils import timezone

from devices.hardware import synthetic
from devices.hardware.encode import encode
from devices.hardware.identity import HardwareIdentity
from devices.registry import claims
from devices.registry.claims import Claim
from devices.registry.recognition import Kind, Place, recognise
from tenants.models import Tenant

LATER = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def register(tenant: Tenant, *machines: HardwareIdentity) -> list[str]:
    asked = [Claim(number, machine, encode(machine)) for number, machine in enumerate(machines)]
    found = claims.claim(tenant=tenant, claims=asked, registered_by="x", channel="import", now=timezone.now())
    assert all(each.device_id for each in found)
    return [str(each.device_id) for each in found]


def place(tenant: Tenant, machine: HardwareIdentity) -> Place:
    return recognise(tenant=tenant, identities={1: machine})[1]


def test_an_unknown_machine_is_free(contoso: Tenant) -> None:
    assert place(contoso, synthetic.machine(seed=1)) == Place()


def test_a_capture_is_here_for_its_tenant_and_elsewhere_for_another(
    contoso: Tenant, fabrikam: Tenant
) -> None:
    machine = synthetic.machine(seed=1)
    [device] = register(contoso, machine)
    again = synthetic.recapture(machine, at=LATER, new_disk=1)
    here, elsewhere = place(contoso, again), place(fabrikam, again)
    assert (here.kind, elsewhere.kind) == (Kind.HERE, Kind.ELSEWHERE)
    assert {str(each.holder.registration) for each in (here, elsewhere) if each.holder} == {device}
    assert elsewhere.holder
    assert elsewhere.holder.tenant == contoso.pk
    assert "same TPM endorsement key; same SMBIOS UUID" in here.evidence


def test_another_board_concerns_only_the_tenant_of_the_device(contoso: Tenant, fabrikam: Tenant) -> None:
    machine = synthetic.machine(seed=1)
    register(contoso, machine)
    board = synthetic.recapture(machine, at=LATER, new_board=1)
    assert place(contoso, board).kind == Kind.BOARD
    assert place(fabrikam, board).kind == Kind.FREE


def test_a_clash_of_uuids_is_unclear(contoso: Tenant) -> None:
    one, two = synthetic.machine(seed=1), synthetic.machine(seed=2)
    register(contoso, one)
    found = place(contoso, replace(two, smbios_uuid=one.smbios_uuid))
    assert (found.kind, len(found.standing.clashing)) == (Kind.UNCLEAR, 1)


def test_a_donor_board_under_the_serial_of_another_registered_machine_is_unclear(contoso: Tenant) -> None:
    owner = synthetic.machine(seed=1, manufacturer="Contoso", model="Tower 5000")
    donor = synthetic.machine(seed=2, manufacturer="Contoso", model="Tower 5000")
    register(contoso, owner, donor)
    assert place(contoso, replace(donor, system_serial=owner.system_serial)).kind == Kind.UNCLEAR


@pytest.mark.parametrize("count", [1, 12])
def test_a_batch_takes_two_queries(contoso: Tenant, count: int, django_assert_num_queries: object) -> None:
    machines = dict(enumerate(synthetic.machine(seed=seed) for seed in range(count)))
    register(contoso, *machines.values())
    with django_assert_num_queries(2):  # type: ignore[operator]
        found = recognise(tenant=contoso, identities=machines)
    assert {each.kind for each in found.values()} == {Kind.HERE}
