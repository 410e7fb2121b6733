"""Candidates: SQL finds who shares a key, the pure match decides; absent values never count."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from django.db import connection
from django.utils import timezone

from devices.hardware import synthetic
from devices.hardware.encode import encode
from devices.hardware.identity import HardwareIdentity, identity_keys
from devices.registry import candidates, claims, releases
from devices.registry.candidates import Standing
from devices.registry.records import Claim
from tenants.models import Tenant

LATER = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def register(tenant: Tenant, *machines: HardwareIdentity) -> list[UUID | None]:
    asked = [Claim(number, machine, encode(machine)) for number, machine in enumerate(machines)]
    found = claims.claim(tenant=tenant, claims=asked, registered_by="x", channel="import", now=timezone.now())
    return [result.device_id for result in found]


def standing(machine: HardwareIdentity) -> Standing:
    shared = candidates.sharing({1: identity_keys(machine)})
    return candidates.standings(shared, {1: machine}).get(1, candidates.UNKNOWN)


def test_a_recapture_finds_its_registration(contoso: Tenant) -> None:
    machine = synthetic.machine(seed=1)
    [device] = register(contoso, machine)
    [holder] = standing(synthetic.recapture(machine, at=LATER, new_disk=1)).same
    assert (holder.registration, holder.tenant) == (device, contoso.pk)


def test_a_new_board_is_a_replacement_and_not_the_same(contoso: Tenant) -> None:
    machine = synthetic.machine(seed=2)
    register(contoso, machine)
    found = standing(synthetic.recapture(machine, at=LATER, new_board=1))
    assert (len(found.same), len(found.replaced)) == (0, 1)


def test_a_released_registration_is_no_candidate(contoso: Tenant) -> None:
    machine = synthetic.machine(seed=3)
    [device] = register(contoso, machine)
    assert device
    releases.release(tenant=contoso, device_ids=[device], reason="test", now=timezone.now())
    assert standing(machine) == candidates.UNKNOWN


def test_a_disk_of_another_device_alone_makes_no_match(contoso: Tenant) -> None:
    one, two = synthetic.machine(seed=4), synthetic.machine(seed=5)
    register(contoso, one)
    found = standing(replace(two, disk_serials=one.disk_serials, disk_ssn_kernel=one.disk_ssn_kernel))
    assert (found.same, found.replaced) == ((), ())


def test_a_key_shared_by_many_is_bounded(contoso: Tenant) -> None:
    one = synthetic.machine(seed=6)
    many = [replace(synthetic.machine(seed=100 + n), nics=one.nics) for n in range(30)]
    register(contoso, *many)
    shared = candidates.sharing({1: identity_keys(one)})
    assert len(shared[1]) <= candidates.MOST_PER_KEY * len(one.nics)


def test_the_look_up_reads_only_by_index(contoso: Tenant) -> None:
    register(contoso, *(synthetic.machine(seed=seed) for seed in range(20, 40)))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            "EXPLAIN SELECT registration_id FROM devices_identitykey "
            "WHERE kind = 'ek' AND value = 'x' AND is_live AND authority = 'local' LIMIT 20"
        )
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "Index" in plan
    assert "Seq Scan" not in plan
