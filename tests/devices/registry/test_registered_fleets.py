"""Random fleets in two tenants, through PostgreSQL: no two machines are merged, and none is lost."""

from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devices.hardware.encode import encode
from devices.hardware.identity import HardwareIdentity, identity_keys
from devices.hardware.synthetic import recapture
from devices.registry import claims
from devices.registry.claims import exclusive_keys, is_sufficient
from devices.registry.recognition import Kind, recognise
from devices.registry.records import Claim, ClaimResult
from tenants.models import Tenant
from tests.devices.hardware.fleets import LATER, Fleet, fleets

IS_THOROUGH = settings.default.max_examples > 1000  # type: ignore[union-attr]
HERE_AND_THERE = {True: (806, Kind.HERE), False: (808, Kind.ELSEWHERE)}


def ask(tenant: Tenant, machines: dict[int, HardwareIdentity]) -> dict[int, ClaimResult]:
    asked = [Claim(number, machine, encode(machine)) for number, machine in machines.items()]
    found = claims.claim(tenant=tenant, claims=asked, registered_by="x", channel="import", now=timezone.now())
    return {result.reference: result for result in found}


def is_known_by_serial_alone(identity: HardwareIdentity) -> bool:
    """Nothing in such a machine tells that its board was exchanged."""
    return [key.kind for key in exclusive_keys(identity_keys(identity))] == ["manufacturer_serial"]


@settings(
    max_examples=300 if IS_THOROUGH else 15,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(fleet=fleets(most=8), is_mine=st.lists(st.booleans(), min_size=8, max_size=8))
def test_a_registered_fleet_is_neither_merged_nor_lost(
    contoso: Tenant, fabrikam: Tenant, fleet: Fleet, is_mine: list[bool]
) -> None:
    with transaction.atomic():
        known = dict(enumerate(fleet.known))
        held: dict[int, ClaimResult] = {}
        for tenant, wanted in ((contoso, True), (fabrikam, False)):
            held |= ask(tenant, {number: each for number, each in known.items() if is_mine[number] is wanted})
        assert all(result.device_id for result in held.values())
        again = {number: each for number, each in enumerate(fleet.again) if is_sufficient(each)}
        places, answers = recognise(tenant=contoso, identities=again), ask(contoso, again)
        for number, answer in answers.items():
            code, kind = HERE_AND_THERE[is_mine[number]]
            assert (answer.code, places[number].kind) == (code, kind)
            assert answer.existing == held[number].device_id
        boards = {number: recapture(each, at=LATER, new_board=number) for number, each in known.items()}
        for number, place in recognise(tenant=contoso, identities=boards).items():
            assert place.kind in (Kind.BOARD, Kind.FREE) or is_known_by_serial_alone(known[number])
            assert not place.holder or place.holder.registration == held[number].device_id
        transaction.set_rollback(True)
