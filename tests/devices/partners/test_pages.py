"""The partner's pages: upload, result, failed rows, devices, deregistration, an OEM's report."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from devices.models import Registration, Submission
from devices.services.partners import submitting
from tenants.models import Tenant
from tenants.permissions import Actor
from tenants.services.partners import consents
from tests import factories
from tests.devices.partners.sending import by_hash, machines, report, send, text_of, work_off

pytestmark = pytest.mark.django_db
BATCHES = "/p/tailwind/batches/"
HEADER = "Device Serial Number,Windows Product ID,Hardware Hash,Manufacturer name,Device model"


@pytest.fixture
def consent(tailwind, contoso):
    return factories.authorize(tailwind, contoso)


@pytest.fixture
def customer(consent):
    return Tenant.objects.get(pk=consent.tenant_id)


def row(machine):
    return f"{machine.serial},,,{machine.manufacturer},{machine.model}"


def upload(client, customer, *rows, address=f"{BATCHES}register/", **values):
    sent = {"customer": customer.pk, "pasted": "\n".join((HEADER, *rows)), **values}
    return client.post(address, sent)


def test_a_file_is_sent_and_its_result_shown(reseller, customer, litware, maker, client_of):
    known, unknown = machines(2)
    report(litware, maker, [known])
    client = client_of(reseller)
    answer = upload(client, customer, row(known), row(unknown), batch="March", purchase_order="PO-7")
    made = Submission.unscoped.get(kind="register")
    assert answer["Location"] == f"{BATCHES}{made.pk}/"
    assert "progress" in client.get(answer["Location"]).content.decode()
    work_off(made)
    page = client.get(answer["Location"]).content.decode()
    for words in ("March", "PO-7", "812", "No manufacturer has reported", "next sync", "Contoso"):
        assert words in page
    assert "March" in client.get(BATCHES).content.decode()


def test_rows_that_failed_are_downloaded_as_they_were_with_the_reason(reseller, customer, client_of):
    client = client_of(reseller)
    (machine,) = machines(1)
    upload(client, customer, row(machine))
    made = work_off(Submission.unscoped.get())
    content = b"".join(client.get(f"{BATCHES}{made.pk}/failed.csv").streaming_content).decode("utf-8-sig")
    header, line = csv.reader(io.StringIO(content))
    assert header[:3] == ["Reason code", "Reason", "Device Serial Number"]
    assert line[0] == "812 ZtdDeviceNotFound"
    assert line[2] == machine.serial


def test_a_file_in_utf_16_is_taken(reseller, customer, client_of):
    (machine,) = machines(1)
    content = f"{HEADER}\r\n,,{text_of(machine)},,\r\n".encode("utf-16")
    file = SimpleUploadedFile("devices.csv", content)
    client_of(reseller).post(f"{BATCHES}register/", {"customer": customer.pk, "files": file})
    work_off(Submission.unscoped.get())
    assert Registration.objects.of(customer).get().partner.name == "Tailwind"


def test_only_customers_that_authorized_are_offered(reseller, customer, fabrikam, client_of):
    client = client_of(reseller)
    page = client.get(f"{BATCHES}register/").content.decode()
    assert "Contoso" in page
    assert "Fabrikam" not in page
    assert upload(client, fabrikam, "S1,,,C,M").status_code == 422
    assert not Submission.unscoped.exists()


def test_after_revocation_the_next_upload_is_refused_with_the_reason(reseller, customer, consent, client_of):
    client = client_of(reseller)
    consents.revoke(tenant=customer, actor=factories.actor(reseller), consent=consent)
    page = upload(client, customer, "S1,,,C,M")
    assert page.status_code == 422
    assert "Contoso revoked its authorization of Tailwind" in page.content.decode()


def test_a_refused_file_says_why_in_the_form(reseller, customer, client_of):
    page = upload(client_of(reseller), customer, *(f"S{n},,,C,M" for n in range(1001)))
    assert page.status_code == 422
    assert "at most 1000" in page.content.decode()


def test_the_devices_list_and_its_command(tailwind, reseller, customer, client_of):
    send(tailwind, customer, reseller, [by_hash(machine) for machine in machines(3)])
    client, url = client_of(reseller), "/p/tailwind/devices/"
    first = Registration.objects.of(customer).order_by("serial_number").first()
    assert first.serial_number in client.get(url).content.decode()
    sent = {"selection": first.pk, "step": "confirm", "one_time_key": "6f6e0e64-8c86-4d6f-9d8e-6b0a4f5f7a11"}
    answers = [client.post(f"{url}deregister/", sent) for _press in range(2)]
    made = Submission.unscoped.get(kind="remove")
    assert answers[0]["Location"] == f"{BATCHES}{made.pk}/"
    work_off(made)
    assert Registration.objects.of(customer).live().count() == 2
    assert first.serial_number not in client.get(url).content.decode()


def test_what_cannot_be_deregistered_at_once_is_said_before_the_confirmation(
    tailwind, reseller, customer, consent, client_of, monkeypatch
):
    send(tailwind, customer, reseller, [by_hash(machine) for machine in machines(2)])
    ids = list(Registration.objects.of(customer).values_list("pk", flat=True))
    client, url = client_of(reseller), "/p/tailwind/devices/deregister/"
    monkeypatch.setattr(submitting, "MOST_KNOWN", 1)
    assert client.post(url, {"selection": ids}).status_code == 413
    consents.revoke(tenant=customer, actor=Actor.command(), consent=consent)
    page = client.post(url, {"selection": ids[:1]})
    assert page.status_code == 400
    assert "can be deregistered by you" in page.content.decode()


def test_a_file_of_devices_to_deregister(tailwind, reseller, customer, client_of):
    (machine,) = machines(1)
    send(tailwind, customer, reseller, [by_hash(machine)])
    upload(client_of(reseller), customer, row(machine), address=f"{BATCHES}deregister/")
    work_off(Submission.unscoped.get(kind="remove"))
    assert not Registration.objects.of(customer).live().exists()


def test_the_overview_counts_customers_devices_and_uploads(tailwind, reseller, customer, client_of):
    send(tailwind, customer, reseller, [by_hash(machine) for machine in machines(2)])
    page = client_of(reseller).get("/p/tailwind/").content.decode()
    assert "Devices registered" in page
    assert 'href="/p/tailwind/customers/"' in page


def test_an_oem_reports_a_file_of_hashes(litware, maker, client_of):
    rows = [f",,{text_of(machine)},," for machine in machines(2)]
    sent = {"pasted": "\n".join((HEADER, *rows, ",,AAAA,,"))}
    client = client_of(maker)
    answer = client.post("/p/litware/hash-reports/new/", sent)
    page = client.get(answer["Location"]).content.decode()
    made = Submission.unscoped.get()
    assert (made.done_count, made.failed_count) == (2, 1)
    assert "Hash kept" in page


def test_a_tenants_audit_and_jobs_show_the_partner(tailwind, reseller, customer, admin, client_of):
    send(tailwind, customer, reseller, [by_hash(machine) for machine in machines(2)], batch="March")
    client = client_of(admin)
    assert "ada@tailwind.example (Tailwind)" in client.get("/t/contoso/audit/").content.decode()
    assert "Register devices (Tailwind)" in client.get("/t/contoso/jobs/").content.decode()
