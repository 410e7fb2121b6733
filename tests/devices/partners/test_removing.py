"""Partner deregistration: only the registration, only as the rules allow, with an undo kit."""

import pytest
from django.utils import timezone

from devices.models import AutopilotDevice, ManagedDevice, Registration, UndoKit
from devices.services.partners.lines import Line
from devices.services.syncs import mirroring
from tenants.models import AuditEvent, Tenant
from tenants.services.partners import consents
from tests import factories
from tests.devices.partners.sending import by_hash, by_key, by_tuple, machines, outcomes, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer(tailwind, litware, contoso):
    factories.authorize(litware, contoso)
    factories.authorize(tailwind, contoso)
    return Tenant.objects.get(pk=contoso.pk)


def remove(partner, tenant, person, *lines):
    return send(partner, tenant, person, lines, kind="remove")


@pytest.fixture
def mine(tailwind, reseller, customer):
    (machine,) = machines(1)
    send(tailwind, customer, reseller, [by_hash(machine)], group_tag="KIOSK")
    mirroring.mirror(tenant=customer, now=timezone.now())
    return machine


@pytest.mark.parametrize("name", [by_hash, by_tuple, by_key])
def test_whoever_registered_a_device_removes_it_by_any_of_its_names(name, mine, tailwind, reseller, customer):
    assert outcomes(remove(tailwind, customer, reseller, name(mine))) == [("removed", None)]
    assert not Registration.objects.of(customer).live().exists()
    device = AutopilotDevice.objects.of(customer).get()
    assert (device.removal_reason, device.removed_at is None) == ("partner", False)


@pytest.mark.parametrize("names", [(by_hash, by_hash), (by_tuple, by_tuple), (by_tuple, by_hash, by_key)])
def test_a_device_named_twice_is_removed_by_its_first_row(names, mine, tailwind, reseller, customer):
    made = remove(tailwind, customer, reseller, *(name(mine) for name in names))
    first, *others = made.rows.order_by("number")
    assert (first.outcome, made.done_count) == ("removed", 1)
    assert {(row.outcome, row.code_name) for row in others} == {("failed", "ZtdDeviceDuplicated")}
    event = AuditEvent.objects.get(tenant=customer, activity="device.deleted")
    assert event.targets.count() == 1


def test_a_removal_is_listed_as_one(mine, tailwind, reseller, customer):
    assert remove(tailwind, customer, reseller, by_tuple(mine)).name == "Deregistration"


def test_an_undo_kit_and_an_audit_event_are_left_to_the_customer(mine, tailwind, reseller, customer):
    remove(tailwind, customer, reseller, by_tuple(mine))
    kit = UndoKit.objects.of(customer).get()
    assert (kit.reason, kit.group_tag, kit.blob is None) == ("partner", "KIOSK", False)
    event = AuditEvent.objects.get(tenant=customer, activity="device.deleted")
    assert (event.actor_label, event.partner) == ("ada@tailwind.example (Tailwind)", tailwind)
    assert event.targets.get().label == mine.serial


def test_a_managed_device_stays_managed(mine, tailwind, reseller, customer):
    device = AutopilotDevice.objects.of(customer).get()
    ManagedDevice.objects.create(tenant=customer, device_name="PC", autopilot_device=device)
    remove(tailwind, customer, reseller, by_tuple(mine))
    assert ManagedDevice.objects.of(customer).get().removed_at is None


def test_807_a_device_that_is_not_registered_there(tailwind, reseller, customer, fabrikam):
    (machine,) = machines(1)
    factories.register_machine(fabrikam, machine)
    assert outcomes(remove(tailwind, customer, reseller, by_tuple(machine))) == [("failed", 807)]


def test_811_a_device_that_somebody_else_registered(tailwind, reseller, customer):
    (machine,) = machines(1)
    factories.register_machine(customer, machine)
    made = remove(tailwind, customer, reseller, by_tuple(machine))
    assert outcomes(made) == [("failed", 811)]
    assert Registration.objects.of(customer).live().exists()


def test_an_oem_with_consent_removes_also_what_others_registered(mine, litware, maker, customer):
    (own,) = machines(1, start=50)
    factories.register_machine(customer, own)
    made = remove(litware, customer, maker, by_tuple(mine), by_key(own))
    assert outcomes(made) == [("removed", None), ("removed", None)]


def test_an_oem_names_no_device_by_its_hash(mine, litware, maker, customer):
    assert outcomes(remove(litware, customer, maker, by_hash(mine))) == [("failed", 801)]


def test_813_several_devices_under_one_name(tailwind, reseller, customer):
    for _both in (1, 2):
        values = {"serial_number": "S", "manufacturer": "Contoso", "model": "X", "partner": tailwind}
        factories.register(customer, values.pop("serial_number"), **values)
    line = Line(serial="S", manufacturer="Contoso", model="X")
    assert outcomes(remove(tailwind, customer, reseller, line)) == [("failed", 813)]


def test_a_device_that_was_never_synced_leaves_without_a_kit(tailwind, reseller, customer):
    (machine,) = machines(1)
    send(tailwind, customer, reseller, [by_hash(machine)])
    remove(tailwind, customer, reseller, by_tuple(machine))
    assert not UndoKit.objects.of(customer).exists()
    mirroring.mirror(tenant=customer, now=timezone.now())
    assert not AutopilotDevice.objects.of(customer).live().exists()


def test_without_consent_nothing_is_removed(mine, tailwind, reseller, customer):
    given = consents.standing(partner=tailwind, tenant=customer).consent
    consents.revoke(tenant=customer, actor=factories.actor(reseller), consent=given)
    with pytest.raises(consents.NoConsent):
        remove(tailwind, customer, reseller, by_tuple(mine))
