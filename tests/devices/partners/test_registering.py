"""What an upload makes of each device: codes, values, visibility, audit, and doing each row once."""

import uuid
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from devices import tasks
from devices.connectors.local import LocalConnector
from devices.models import AutopilotDevice, EntraDevice, Registration, SubmissionRow
from devices.services.imports.retention import erase_sent
from devices.services.partners import listing, submitting
from devices.services.partners.lines import Line
from devices.services.syncs import mirroring
from tenants.models import AuditEvent, Job, Tenant
from tenants.services.partners import consents
from tests import factories
from tests.devices.partners import sending
from tests.devices.partners.sending import by_hash, by_key, by_tuple, machines, outcomes, reason, report, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def consent(tailwind, contoso):
    return factories.authorize(tailwind, contoso)


@pytest.fixture
def customer(consent):
    return Tenant.objects.get(pk=consent.tenant_id)


def test_three_hundred_tuples_become_registrations_after_the_oems_report(
    litware, maker, tailwind, reseller, customer, consent
):
    found = machines(300)
    report(litware, maker, found)
    made = send(tailwind, customer, reseller, [by_tuple(machine) for machine in found], group_tag="KIOSK")
    assert (made.state, made.done_count, made.failed_count) == ("finished", 300, 0)
    assert Registration.objects.of(customer).live().filter(partner=tailwind, group_tag="KIOSK").count() == 300
    consent.refresh_from_db()
    assert consent.device_count == 300
    assert consent.last_used_at is not None
    event = AuditEvent.objects.get(tenant=customer, activity="device.registered")
    assert (event.actor, event.partner, event.via) == (reseller, tailwind, "partner")
    assert event.target_count == 300
    assert not SubmissionRow.objects.exclude(blob=None).exists()


def test_devices_appear_with_the_customers_next_sync(tailwind, reseller, customer):
    send(tailwind, customer, reseller, [by_hash(*machines(1))], purchase_order="PO-1", group_tag="TAG")
    assert not AutopilotDevice.objects.of(customer).exists()
    mirroring.mirror(tenant=customer, now=timezone.now())
    device = AutopilotDevice.objects.of(customer).get()
    assert (device.registered_by, device.partner) == ("Tailwind", tailwind)
    assert (device.purchase_order, device.group_tag) == ("PO-1", "TAG")
    assert "[PurchaseOrderId]:PO-1" in device.entra_device.physical_ids


def test_802_an_invalid_hash(tailwind, reseller, customer):
    lines = [Line(hardware_hash="@@@"), Line(hardware_hash="AAAA" * 1000)]
    assert outcomes(send(tailwind, customer, reseller, lines)) == [("failed", 802)] * 2


def test_803_nothing_that_names_a_machine(tailwind, reseller, customer):
    lines = [Line(), Line(serial="S1"), Line(manufacturer="Contoso", model="X")]
    assert outcomes(send(tailwind, customer, reseller, lines)) == [("failed", 803)] * 3


def test_806_registered_here_already(tailwind, reseller, customer):
    (machine,) = machines(1)
    factories.register_machine(customer, machine)
    made = send(tailwind, customer, reseller, [by_hash(machine)])
    assert outcomes(made) == [("already", 806)]
    assert (made.already_count, made.failed_count) == (1, 0)


def test_808_registered_with_another_customer_who_is_not_named(tailwind, reseller, customer, fabrikam):
    (machine,) = machines(1)
    factories.register_machine(fabrikam, machine)
    made = send(tailwind, customer, reseller, [by_hash(machine)])
    assert outcomes(made) == [("failed", 808)]
    assert "Fabrikam" not in reason(made)


def test_812_a_machine_nobody_reported(tailwind, reseller, customer):
    assert outcomes(send(tailwind, customer, reseller, [by_key(*machines(1))])) == [("failed", 812)]


def test_813_a_machine_that_shares_a_key_without_being_the_same(tailwind, reseller, customer):
    from dataclasses import replace

    first, second = machines(2)
    factories.register_machine(customer, first)
    clash = replace(second, smbios_uuid=first.smbios_uuid)
    assert outcomes(send(tailwind, customer, reseller, [by_hash(clash)])) == [("failed", 813)]


def test_814_a_personal_record_of_the_machine(tailwind, reseller, customer):
    (machine,) = machines(1)
    EntraDevice.objects.create(
        tenant=customer, display_name="X", serial_number=machine.serial, trust_type="Workplace"
    )
    assert outcomes(send(tailwind, customer, reseller, [by_hash(machine)])) == [("failed", 814)]


def test_814_a_joined_device_that_no_registration_made(tailwind, reseller, customer):
    (machine,) = machines(1)
    name = {"serial_number": machine.serial, "manufacturer": machine.manufacturer, "model": machine.model}
    EntraDevice.objects.create(tenant=customer, display_name="X", trust_type="AzureAd", **name)
    made = send(tailwind, customer, reseller, [by_hash(machine)])
    assert (outcomes(made), "joined device" in reason(made)) == ([("failed", 814)], True)
    assert not Registration.objects.of(customer).exists()


def test_806_rather_than_814_where_the_machine_is_registered(tailwind, reseller, customer):
    (machine,) = machines(1)
    factories.register_machine(customer, machine)
    name = {"serial_number": machine.serial, "manufacturer": machine.manufacturer, "model": machine.model}
    EntraDevice.objects.create(tenant=customer, display_name="X", trust_type="AzureAd", **name)
    assert outcomes(send(tailwind, customer, reseller, [by_hash(machine)])) == [("already", 806)]


def test_the_same_machine_twice_is_registered_once(tailwind, reseller, customer, monkeypatch):
    monkeypatch.setattr("devices.services.partners.working.SLICE", 2)
    first, second = machines(2)
    made = send(tailwind, customer, reseller, [by_hash(each) for each in (first, first, second, first)])
    names = list(made.rows.order_by("number").values_list("outcome", "code_name"))
    twin = ("failed", "ZtdDeviceDuplicated")
    assert names == [("registered", ""), twin, ("registered", ""), twin]


def test_another_serial_number_in_the_file_is_told_and_the_hash_counts(tailwind, reseller, customer):
    (machine,) = machines(1)
    made = send(tailwind, customer, reseller, [by_hash(machine, serial="OTHER")])
    assert outcomes(made) == [("registered", None)]
    assert "OTHER" in reason(made)
    assert Registration.objects.of(customer).get().serial_number == machine.serial


def test_consent_revoked_while_an_upload_runs_stops_it(tailwind, reseller, customer, consent, monkeypatch):
    monkeypatch.setattr("devices.services.partners.working.SLICE", 1)
    made = submitting.submit(
        partner=tailwind,
        tenant=customer,
        actor=factories.actor(reseller, tailwind),
        lines=[by_hash(each) for each in machines(2)],
    )
    monkeypatch.setattr("portal.jobs.SLICE_SECONDS", -1)
    tasks.partner_submission(str(made.job.pk))
    consents.revoke(tenant=customer, actor=factories.actor(reseller), consent=consent)
    sending.work_off(made)
    assert made.state == "stopped"
    assert outcomes(made) == [("registered", None), ("failed", None)]
    assert "revoked its authorization" in reason(made, 2)


def test_a_person_who_lost_the_role_meanwhile_stops_the_upload(tailwind, reseller, customer):
    made = submitting.submit(
        partner=tailwind,
        tenant=customer,
        actor=factories.actor(reseller, tailwind),
        lines=[by_hash(*machines(1))],
    )
    reseller.partner_memberships.update(is_active=False)
    sending.work_off(made)
    assert made.state == "stopped"
    assert not Registration.objects.of(customer).exists()


def test_the_same_request_is_done_once(tailwind, reseller, customer):
    key = str(uuid.uuid4())
    both = [
        send(tailwind, customer, reseller, [by_hash(*machines(1))], request_id=key) for _press in range(2)
    ]
    assert both[0] == both[1]
    assert Registration.objects.of(customer).count() == 1


def test_a_new_batch_needs_a_new_name_and_an_old_one_takes_more(tailwind, reseller, customer):
    first, second = machines(2)
    send(tailwind, customer, reseller, [by_hash(first)], batch="March", creates_batch=True)
    with pytest.raises(submitting.BatchExists):
        send(tailwind, customer, reseller, [by_hash(second)], batch="March", creates_batch=True)
    made = send(tailwind, customer, reseller, [by_hash(second)], batch="March")
    assert made.batch.submissions.count() == 2


def test_a_partner_sees_only_what_it_registered_where_it_is_authorized(
    tailwind, reseller, customer, consent, litware, maker, fabrikam
):
    mine, theirs, own = machines(3)
    factories.authorize(litware, fabrikam)
    report(litware, maker, [theirs])
    send(tailwind, customer, reseller, [by_hash(mine)])
    send(litware, fabrikam, maker, [by_tuple(theirs)])
    factories.register_machine(customer, own)
    assert [row.serial_number for row in listing.devices(tailwind)] == [mine.serial]
    consents.revoke(tenant=customer, actor=factories.actor(reseller), consent=consent)
    assert not listing.devices(tailwind).exists()


def test_a_slice_costs_a_fixed_number_of_queries(
    litware, maker, tailwind, reseller, customer, django_assert_max_num_queries
):
    found = machines(60)
    report(litware, maker, found)
    made = submitting.submit(
        partner=tailwind,
        tenant=customer,
        actor=factories.actor(reseller, tailwind),
        lines=[by_tuple(machine) for machine in found],
    )
    with django_assert_max_num_queries(60):
        tasks.partner_submission(str(made.job.pk))


def test_a_step_that_died_is_done_again_and_each_device_once(tailwind, reseller, customer, monkeypatch):
    def dies(**values):
        raise RuntimeError("the worker died")

    with monkeypatch.context() as patched:
        patched.setattr(consents, "note_use", dies)
        made = submitting.submit(
            partner=tailwind,
            tenant=customer,
            actor=factories.actor(reseller, tailwind),
            lines=[by_hash(machine) for machine in machines(3)],
        )
        tasks.partner_submission(str(made.job.pk))
    assert not Registration.objects.of(customer).exists()
    Job.objects.of(customer).update(run_after=timezone.now())
    sending.work_off(made)
    assert (made.state, made.done_count) == ("finished", 3)
    assert Registration.objects.of(customer).count() == 3


def test_storage_error_for_the_rows_an_upload_did_not_get_to(tailwind, reseller, customer, monkeypatch):
    def fails(*args, **values):
        raise OperationalError("the disk is full")

    made = submitting.submit(
        partner=tailwind,
        tenant=customer,
        actor=factories.actor(reseller, tailwind),
        lines=[by_hash(machine) for machine in machines(2)],
    )
    monkeypatch.setattr(LocalConnector, "register", fails)
    while made.job.error_code != "internal_error":
        tasks.partner_submission(str(made.job.pk))
        Job.objects.of(customer).update(run_after=timezone.now())
        made.job.refresh_from_db()
    made.refresh_from_db()
    assert (made.state, made.failed_count) == ("stopped", 2)
    names = set(made.rows.values_list("code", "code_name", "outcome"))
    assert names == {(None, "StorageError", "failed")}
    assert made.rows.first().next_step


def test_what_was_sent_is_erased_after_the_retention(tailwind, reseller, customer):
    cells = ("S1", "", "", "Contoso", "X")
    line = Line(serial="S1", manufacturer="Contoso", model="X", cells=cells)
    made = send(tailwind, customer, reseller, [line])
    assert erase_sent(before_days=90) == 0
    type(made).unscoped.update(created_at=timezone.now() - timedelta(days=91))
    assert erase_sent(before_days=90) == 1
    assert made.rows.get().cells == []
