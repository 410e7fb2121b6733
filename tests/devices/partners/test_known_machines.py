"""An OEM's hashes: by its exact name a machine is found, an unknown one is 812, an unclear one 813."""

from dataclasses import replace
from importlib import import_module

import pytest
from django.db import connection

from devices.hardware import synthetic
from devices.models import KnownMachine, Registration
from devices.services.partners import reporting
from portal.errors import Forbidden
from tenants.models import Partner
from tests import factories
from tests.devices.partners.sending import by_key, by_tuple, machines, outcomes, reason, report, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer(tailwind, contoso):
    factories.authorize(tailwind, contoso)
    return contoso


def test_a_report_belongs_to_no_tenant_and_says_what_was_kept(litware, maker):
    made = report(litware, maker, machines(3))
    assert (made.tenant, made.done_count, made.failed_count) == (None, 3, 0)
    assert KnownMachine.objects.filter(reported_by=litware).count() == 3
    assert not Registration.unscoped.exists()


def test_a_machine_nobody_can_name_is_not_kept(litware, maker):
    (machine,) = machines(1)
    nameless = replace(machine, system_serial="Default string", product_key_id=None)
    made = report(litware, maker, [nameless])
    assert outcomes(made) == [("failed", 802)]


def test_only_an_oem_reports(tailwind, reseller):
    with pytest.raises(reporting.NotAReporter):
        report(tailwind, reseller, machines(1))


def test_a_person_of_another_partner_reports_nothing_for_it(litware, reseller):
    with pytest.raises(Forbidden):
        report(litware, reseller, machines(1))


def test_a_hash_of_another_manufacturer_is_refused_by_name(litware, maker):
    Partner.objects.filter(pk=litware.pk).update(manufacturers=["Contoso", "Litware"])
    own, other, shouted = (
        synthetic.machine(seed=seed, manufacturer=name)
        for seed, name in enumerate(("Contoso", "Fabrikam", "CONTOSO"), 1)
    )
    made = report(litware, maker, [own, other, shouted])
    assert outcomes(made) == [("kept", None), ("failed", None), ("failed", None)]
    assert "“Fabrikam”; this partner reports machines of Contoso, Litware alone" in reason(made, 2)
    assert "record the name for you" in made.rows.get(number=3).next_step
    assert (made.done_count, made.failed_count) == (1, 2)
    assert list(KnownMachine.objects.values_list("manufacturer", flat=True)) == ["Contoso"]


def test_an_oem_without_recorded_names_reports_nothing_yet(litware, maker, client_of):
    Partner.objects.filter(pk=litware.pk).update(manufacturers=[])
    made = report(litware, maker, machines(1))
    assert outcomes(made) == [("failed", None)]
    assert "no manufacturer name is recorded for this partner" in reason(made)
    for address in ("", "hash-reports/new/"):
        assert "ecorded" in client_of(maker).get(f"/p/litware/{address}").content.decode()


def test_an_oem_does_not_make_anothers_tuple_unclear(tailwind, reseller, customer, litware, maker):
    rogue = factories.make_partner("Rogue", kind="oem", manufacturers=["Rogue"])
    person = factories.make_person("r@example.org")
    factories.work_for(rogue, person)
    same = {"manufacturer": "Contoso", "model": "Tower 5000", "serial": "TWICE"}
    real, forged = (synthetic.machine(seed=seed, **same) for seed in (1, 2))
    report(litware, maker, [real])
    assert outcomes(report(rogue, person, [forged])) == [("failed", None)]
    assert outcomes(send(tailwind, customer, reseller, [by_tuple(real)])) == [("registered", None)]


def test_an_oem_does_not_make_anothers_product_id_unclear(tailwind, reseller, customer, litware, maker):
    rogue = factories.make_partner("Rogue", kind="oem")
    person = factories.make_person("r@example.org")
    factories.work_for(rogue, person)
    real, other = machines(2)
    report(litware, maker, [real])
    forged = replace(other, product_key_id=real.product_key_id)
    made = report(rogue, person, [forged, real])
    assert outcomes(made) == [("failed", None), ("kept", None)]
    assert real.product_key_id in reason(made)
    assert outcomes(send(tailwind, customer, reseller, [by_key(real)])) == [("registered", None)]


def test_what_an_oem_reported_before_the_update_is_recorded_for_it(litware, maker, tailwind):
    Partner.objects.filter(pk=litware.pk).update(manufacturers=["Maker 0", "Maker 1"])
    report(litware, maker, [synthetic.machine(seed=n, manufacturer=f"Maker {n % 2}") for n in range(4)])
    Partner.objects.update(manufacturers=[])
    migration = import_module("devices.migrations.0016_reported_manufacturers")
    with connection.cursor() as cursor:
        cursor.execute(migration.RECORD)
    litware.refresh_from_db()
    tailwind.refresh_from_db()
    assert (litware.manufacturers, tailwind.manufacturers) == (["Maker 0", "Maker 1"], [])


def test_an_unknown_tuple_is_not_found(tailwind, reseller, customer):
    made = send(tailwind, customer, reseller, [by_tuple(*machines(1)), by_key(*machines(1, start=9))])
    assert outcomes(made) == [("failed", 812), ("failed", 812)]


@pytest.mark.parametrize(
    "change", [{"manufacturer": "CONTOSO"}, {"model": "meridian 14 g3"}, {"serial": "test-1"}]
)
def test_a_tuple_counts_in_exact_spelling_and_case(change, tailwind, reseller, customer, litware, maker):
    machine = synthetic.machine(seed=1, manufacturer="Contoso", model="Meridian 14 G3", serial="TEST-1")
    report(litware, maker, [machine])
    made = send(tailwind, customer, reseller, [by_tuple(machine, **change), by_tuple(machine)])
    assert outcomes(made) == [("failed", 812), ("registered", None)]


def test_two_machines_under_one_tuple_are_not_unique(tailwind, reseller, customer, litware, maker):
    same = {"manufacturer": "Contoso", "model": "Tower 5000", "serial": "TWICE"}
    both = [synthetic.machine(seed=seed, **same) for seed in (1, 2)]
    report(litware, maker, both)
    made = send(tailwind, customer, reseller, [by_tuple(both[0]), by_key(both[1])])
    assert outcomes(made) == [("failed", 813), ("registered", None)]


def test_a_second_report_of_a_machine_takes_the_place_of_the_first(litware, maker):
    (machine,) = machines(1)
    later = machine.capture.generated_at.replace(year=2027)
    report(litware, maker, [machine])
    report(litware, maker, [synthetic.recapture(machine, at=later, new_disk="other")])
    assert KnownMachine.objects.get().captured_at == later


def test_two_oems_that_report_one_machine_do_not_make_it_unclear(
    tailwind, reseller, customer, litware, maker
):
    other = factories.make_partner("Other", kind="oem")
    person = factories.make_person("o@example.org")
    factories.work_for(other, person)
    (machine,) = machines(1)
    report(litware, maker, [machine])
    report(other, person, [machine])
    assert outcomes(send(tailwind, customer, reseller, [by_tuple(machine)])) == [("registered", None)]


def test_after_a_motherboard_replacement_the_name_no_longer_registers(
    tailwind, reseller, customer, litware, maker
):
    (machine,) = machines(1)
    report(litware, maker, [machine])
    repaired = synthetic.recapture(machine, at=machine.capture.generated_at, new_board="spare")
    factories.register_machine(customer, repaired)
    made = send(tailwind, customer, reseller, [by_tuple(machine)])
    assert outcomes(made) == [("failed", 812)]
    assert "mainboard" in reason(made)
