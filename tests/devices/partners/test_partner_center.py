"""Partner Center's device batches, called as a script in the field calls them."""

import uuid

import pytest

from devices.models import DeviceBatch, Registration, Submission
from devices.services.partners import listing
from tenants.models import AuditEvent, Partner, Tenant
from tenants.permissions import Actor
from tenants.services import api_clients
from tenants.services.partners import accounts, consents
from tests import factories
from tests.devices.partners.sending import by_hash, by_tuple, machines, report, send, text_of, work_off

pytestmark = pytest.mark.django_db


class Script:
    """A script of a partner: gets a token, then calls below the API's base."""

    def __init__(self, http, partner):
        self.http, self.partner = http, partner
        self.client, secret = factories.make_client(partner)
        sent = {
            "grant_type": "client_credentials",
            "client_id": self.client.client_id,
            "client_secret": secret,
            "scope": "https://api.partnercenter.microsoft.com/.default",
        }
        self.token = http.post(f"/{partner.pk}/oauth2/v2.0/token", sent).json()["access_token"]

    def call(self, method, address, body=None, **headers):
        """A request with the token; the body as JSON."""
        headers = {"authorization": f"Bearer {self.token}", **headers}
        options = {"content_type": "application/json"} if body is not None else {}
        call = getattr(self.http, method)
        url = f"/partner-center/v1{address}"
        return call(url, body, headers=headers, **options) if body is not None else call(url, headers=headers)


@pytest.fixture
def consent(tailwind, contoso):
    return factories.authorize(tailwind, contoso)


@pytest.fixture
def customer(consent):
    return Tenant.objects.get(pk=consent.tenant_id)


@pytest.fixture
def script(client, tailwind):
    return Script(client, tailwind)


def device(machine, **changes):
    values = {
        "serialNumber": machine.serial,
        "oemManufacturerName": machine.manufacturer,
        "modelName": machine.model,
    }
    return {**values, **changes}


def base(customer):
    return f"/customers/{customer.pk}"


def start(script, customer, *devices, name="SDKTestDeviceBatch", **headers):
    body = {"batchId": name, "devices": list(devices)}
    return script.call("post", f"{base(customer)}/deviceBatches", body, **headers)


def test_a_script_uploads_and_reads_the_status(script, customer, litware, maker):
    known, unknown = machines(2)
    report(litware, maker, [known])
    answer = start(script, customer, device(known), device(unknown))
    assert (answer.status_code, answer.content) == (202, b"")
    queued = script.call("get", answer["Location"]).json()
    assert (queued["status"], queued["devicesStatus"][0]["status"]) == ("queued", "in-progress")
    made = work_off(Submission.unscoped.get(kind="register"))
    found = script.call("get", answer["Location"]).json()
    assert (found["batchTrackingId"], found["status"]) == (str(made.pk), "finished_with_errors")
    first, second = found["devicesStatus"]
    assert (first["status"], first["serialNumber"], first["errorCode"]) == ("finished", known.serial, None)
    assert first["deviceId"] == str(Registration.objects.of(customer).get().pk)
    assert second["status"] == "finished_with_errors"
    assert (second["errorCode"], second["errorDescription"]) == ("812", "ZtdDeviceNotFound")


def test_a_batch_is_listed_and_takes_more_devices(script, customer):
    first, second = machines(2)
    start(script, customer, {"hardwareHash": text_of(first)}, name="March")
    more = [{"hardwareHash": text_of(second)}]
    answer = script.call("post", f"{base(customer)}/deviceBatches/March/devices", more)
    assert answer.status_code == 202
    for made in Submission.unscoped.all():
        work_off(made)
    (item,) = script.call("get", f"{base(customer)}/DeviceBatches").json()["items"]
    assert (item["id"], item["deviceCount"]) == ("March", 2)
    devices = script.call("get", item["devicesLink"]["uri"]).json()
    assert {each["serialNumber"] for each in devices["items"]} == {first.serial, second.serial}
    assert {each["hardwareHash"] for each in devices["items"]} == {None}


def test_names_and_addresses_are_read_in_any_case(script, customer):
    body = {
        "BatchId": "X",
        "Devices": [{"Id": None, "HardwareHash": text_of(*machines(1)), "Policies": None}],
    }
    answer = script.call("post", f"/CUSTOMERS/{str(customer.pk).upper()}/devicebatches", body)
    assert answer.status_code == 202
    assert script.call("get", answer["Location"].lower()).status_code == 200


def test_group_tag_and_purchase_order_go_to_every_device(script, customer):
    body = {
        "batchId": "X",
        "devices": [{"hardwareHash": text_of(*machines(1))}],
        "groupTag": "KIOSK",
        "purchaseOrder": "PO-1",
    }
    script.call("post", f"{base(customer)}/deviceBatches", body)
    work_off(Submission.unscoped.get())
    row = Registration.objects.of(customer).get()
    assert (row.group_tag, row.purchase_order) == ("KIOSK", "PO-1")


def test_the_same_request_id_is_done_once(script, customer):
    headers = {"ms-requestid": str(uuid.uuid4())}
    answers = [start(script, customer, device(*machines(1)), **headers) for _try in range(2)]
    assert answers[0]["Location"] == answers[1]["Location"]
    assert answers[0]["MS-RequestId"] == headers["ms-requestid"]
    assert Submission.unscoped.count() == 1


def test_a_request_id_is_refused_for_another_upload(script, customer):
    first, second = machines(2)
    headers = {"ms-requestid": str(uuid.uuid4())}
    start(script, customer, device(first), name="March", **headers)
    url = f"{base(customer)}/deviceBatches/March/devices"
    for answer in (
        start(script, customer, device(second), name="April", **headers),
        script.call("post", url, [device(second)], **headers),
    ):
        assert (answer.status_code, answer.json()["data"]) == (409, [{"code": "request_reused"}])


def test_long_request_ids_are_told_apart_to_their_end(script, customer):
    answers = [
        start(script, customer, device(*machines(1)), name=end, **{"ms-requestid": "x" * 64 + end})
        for end in ("a", "b")
    ]
    assert answers[0]["Location"] != answers[1]["Location"]


@pytest.mark.parametrize("name", ["a/b", "50% off?#1", "Größe ✓", "a%2Fb", "x/devices"])
def test_the_link_of_a_batch_leads_to_it_whatever_its_name(name, script, customer):
    (machine,) = machines(1)
    start(script, customer, {"hardwareHash": text_of(machine)}, name=name)
    work_off(Submission.unscoped.get())
    (item,) = script.call("get", f"{base(customer)}/deviceBatches").json()["items"]
    assert item["id"] == name
    (found,) = script.call("get", item["devicesLink"]["uri"]).json()["items"]
    assert found["serialNumber"] == machine.serial


@pytest.mark.parametrize("name", [".", "..", "a/../b"])
def test_a_batch_is_not_named_by_what_addresses_do_away_with(name, script, customer):
    assert start(script, customer, device(*machines(1)), name=name).status_code == 400


def test_a_nul_names_no_batch(script, customer):
    answer = script.call("get", f"{base(customer)}/deviceBatches/a%00b/devices")
    assert (answer.status_code, answer.json()["code"]) == (404, "1000")


def test_whoever_never_was_a_customer_is_not_named(script, customer, fabrikam):
    seen = {
        script.call("get", f"/customers/{tenant}/deviceBatches").content
        for tenant in (fabrikam.pk, uuid.uuid4())
    }
    assert len(seen) == 1
    assert fabrikam.name not in seen.pop().decode()


def test_an_unknown_address_is_answered_in_the_fields_shape(script, customer):
    headers = {"authorization": f"Bearer {script.token}"}
    known = f"/v1{base(customer)}/deviceBatches"
    below = ("", "/v1", "/V1/nonsense", "/v2/customers", "/v1/customers/1/deviceBatches", "/v1/a%0Ab/")
    for address in (*below, f"{known}/x", f"{known}/x/devices/y"):
        for root, method in (
            ("partner-center", "get"),
            ("Partner-Center", "post"),
            ("PARTNER-CENTER", "put"),
        ):
            answer = getattr(script.http, method)(f"/{root}{address}", headers=headers)
            assert (answer.status_code, answer["Content-Type"]) == (404, "application/json"), address
            assert (answer.json()["code"], answer.json()["source"]) == ("1000", "Hangar")
            assert answer["MS-RequestId"]


def test_an_unknown_address_needs_a_token_too(client):
    answer = client.get("/partner-center/v1/nonsense")
    assert (answer.status_code, answer.json()["source"]) == (401, "Hangar")


def test_what_only_begins_like_the_apis_root_is_a_page(client):
    answer = client.get("/partner-centers/v1/")
    assert (answer.status_code, answer["Content-Type"].partition(";")[0]) == (404, "text/html")


def test_another_method_is_answered_in_the_fields_shape(script, customer):
    answer = script.call("put", f"{base(customer)}/devicebatches", {})
    assert (answer.status_code, answer.json()["source"]) == (405, "Hangar")
    assert set(answer["Allow"].split(", ")) >= {"GET", "POST"}


def test_a_second_batch_of_one_name_is_a_conflict(script, customer):
    start(script, customer, device(*machines(1)))
    answer = start(script, customer, device(*machines(1)))
    assert answer.status_code == 409
    assert DeviceBatch.objects.of(script.partner).count() == 1


def test_an_error_has_the_fields_shape(script, customer, fabrikam):
    for tenant in (fabrikam.pk, uuid.uuid4()):
        answer = script.call("get", f"/customers/{tenant}/deviceBatches")
        assert answer.status_code == 403
        assert {name: answer.json()[name] for name in ("code", "source")} == {
            "code": "20002",
            "source": "Hangar",
        }


INVALID_BODY = {"code": "801", "name": "InvalidZtdRequestBody"}


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        "text",
        {"batchId": "X"},
        {"batchId": "", "devices": []},
        {"batchId": "X", "devices": [1]},
        {"batchId": "X", "devices": [{"serialNumber": "a\x00b"}]},
        {"batchId": "x" * 101, "devices": []},
    ],
)
def test_801_invalid_ztd_request_body_for_a_body_that_makes_no_sense(script, customer, body):
    answer = script.call("post", f"{base(customer)}/deviceBatches", body)
    assert answer.status_code == 400
    assert answer.json()["code"] == "800002"
    assert answer.json()["data"][0] == INVALID_BODY


def test_801_comes_beside_what_is_wrong_with_the_body(script, customer):
    address = f"{base(customer)}/deviceBatches"
    _code, fields = script.call("post", address, {"batchId": "X"}).json()["data"]
    assert list(fields) == ["devices"]
    _code, word = script.call("post", address, {"batchId": "X", "devices": []}).json()["data"]
    assert word == {"code": "nothing_sent"}


def test_801_is_for_malformed_bodies_alone(script, customer, fabrikam):
    answer = script.call("post", f"/customers/{fabrikam.pk}/deviceBatches", {})
    assert (answer.status_code, answer.json()["data"]) == (403, [{"code": "no_consent"}])


def test_801_invalid_ztd_request_body_for_what_is_no_json(script, customer):
    url = f"/partner-center/v1{base(customer)}/deviceBatches"
    headers = {"authorization": f"Bearer {script.token}"}
    for content in (b"{", b"[" * 5000, b"\xff\xfe"):
        answer = script.http.post(url, content, content_type="application/json", headers=headers)
        assert (answer.status_code, answer.json()["data"][0]) == (400, INVALID_BODY)


def test_a_thousand_and_one_devices_are_too_many(script, customer):
    devices = [{"productKey": f"{number:013}"} for number in range(1001)]
    answer = start(script, customer, *devices)
    assert answer.status_code == 413
    assert "1000" in answer.json()["description"]


def test_without_a_valid_token_nothing_is_answered(script, customer):
    for token in ("", "wrong"):
        script.token = token
        answer = script.call("get", f"{base(customer)}/deviceBatches")
        assert answer.status_code == 401
        assert answer["WWW-Authenticate"].startswith("Bearer")
        assert "not valid" in answer.json()["description"]


def test_a_revoked_client_is_refused_with_the_token_it_has(script, customer):
    api_clients.revoke(partner=script.partner, actor=Actor.command(), client=script.client)
    assert script.call("get", f"{base(customer)}/deviceBatches").status_code == 401


def test_a_client_revoked_after_the_upload_stops_it(script, customer):
    start(script, customer, {"hardwareHash": text_of(*machines(1))})
    api_clients.revoke(partner=script.partner, actor=Actor.command(), client=script.client)
    made = work_off(Submission.unscoped.get())
    assert made.state == "stopped"
    assert made.error_message == "The API client “Script” was revoked or has expired."
    assert not Registration.objects.of(customer).exists()


def test_a_partner_deactivated_after_the_upload_stops_it(script, customer):
    start(script, customer, {"hardwareHash": text_of(*machines(1))})
    accounts.set_active(actor=Actor.command(), partner=script.partner, is_active=False)
    made = work_off(Submission.unscoped.get())
    assert (made.state, made.error_message) == ("stopped", "Tailwind was deactivated in this installation.")


def test_consent_revoked_is_refused_with_the_reason(script, customer, consent):
    consents.revoke(tenant=customer, actor=Actor.command(), consent=consent)
    answer = start(script, customer, device(*machines(1)))
    assert answer.status_code == 403
    assert "revoked its authorization" in answer.json()["description"]


def test_an_oem_registers_no_hash_through_the_api(client, litware, contoso):
    factories.authorize(litware, contoso)
    script = Script(client, litware)
    answer = start(script, contoso, {"hardwareHash": text_of(*machines(1))})
    work_off(Submission.unscoped.get())
    assert script.call("get", answer["Location"]).json()["devicesStatus"][0]["errorCode"] == "801"


def test_a_kind_that_lost_the_api_is_refused(client, tailwind, customer):
    script = Script(client, tailwind)
    provider = factories.make_partner("Northwind", kind=Partner.Kind.INDIRECT_PROVIDER)
    Partner.objects.filter(pk=tailwind.pk).update(kind=Partner.Kind.INDIRECT_RESELLER, provider=provider)
    answer = script.call("get", f"{base(customer)}/deviceBatches")
    assert (answer.status_code, answer.json()["data"]) == (403, [{"code": "api_not_allowed"}])


def test_another_partners_uploads_and_batches_are_not_found(script, customer, client, litware):
    factories.authorize(litware, customer)
    Tenant.objects.filter(pk=customer.pk).update(region="europe")
    answer = start(script, customer, device(*machines(1)))
    other = Script(client, litware)
    assert other.call("get", answer["Location"]).status_code == 404
    url = f"{base(customer)}/deviceBatches/SDKTestDeviceBatch/devices"
    assert other.call("get", url).status_code == 404


def test_a_device_is_deleted_by_whoever_registered_it(script, customer, reseller, tailwind):
    (machine,) = machines(1)
    send(tailwind, customer, reseller, [by_hash(machine)], batch="March")
    row = Registration.objects.of(customer).get()
    answer = script.call("delete", f"{base(customer)}/deviceBatches/March/devices/{row.pk}")
    assert answer.status_code == 204
    work_off(Submission.unscoped.get(kind="remove"))
    assert not Registration.objects.of(customer).live().exists()


def test_807_on_deletion_of_what_the_batch_does_not_hold(
    script, customer, reseller, tailwind, litware, maker
):
    factories.authorize(litware, customer)
    Tenant.objects.filter(pk=customer.pk).update(region="europe")
    first, second, third, own = machines(4)
    report(litware, maker, [third])
    send(tailwind, customer, reseller, [by_hash(first)], batch="March")
    send(tailwind, customer, reseller, [by_hash(second)], batch="April")
    send(litware, customer, maker, [by_tuple(third)], batch="March")
    factories.register_machine(customer, own)
    (held,) = listing.devices(tailwind).filter(serial_number=first.serial)
    others = [row.pk for row in Registration.objects.of(customer) if row.pk != held.pk]
    for pk in (*others, uuid.uuid4()):
        answer = script.call("delete", f"{base(customer)}/deviceBatches/March/devices/{pk}")
        assert (answer.status_code, answer.json()["code"]) == (404, "1000")
        assert answer.json()["data"] == [{"code": "not_registered"}]
    assert len(others) == 3
    assert not Submission.unscoped.filter(kind="remove").exists()


def test_nothing_is_deleted_by_the_name_of_no_batch(script, customer, reseller, tailwind):
    send(tailwind, customer, reseller, [by_hash(*machines(1))], batch="March")
    row = Registration.objects.of(customer).get()
    answer = script.call("delete", f"{base(customer)}/deviceBatches/May/devices/{row.pk}")
    assert (answer.status_code, answer.json()["code"]) == (404, "1000")
    assert not Submission.unscoped.filter(kind="remove").exists()


def test_a_device_is_not_deleted_by_another_customers_batch(script, customer, reseller, tailwind, fabrikam):
    factories.authorize(tailwind, fabrikam)
    other = Tenant.objects.get(pk=fabrikam.pk)
    first, second = machines(2)
    for tenant, machine in ((customer, first), (other, second)):
        send(tailwind, tenant, reseller, [by_hash(machine)], batch="March")
    row = Registration.objects.of(other).get()
    answer = script.call("delete", f"{base(customer)}/deviceBatches/March/devices/{row.pk}")
    assert (answer.status_code, answer.json()["data"]) == (404, [{"code": "not_registered"}])


def test_the_customers_audit_names_the_client(script, customer):
    start(script, customer, {"hardwareHash": text_of(*machines(1))})
    work_off(Submission.unscoped.get())
    event = AuditEvent.objects.get(tenant=customer, activity="device.registered")
    assert (event.actor_label, event.via, event.partner) == ("Script (Tailwind)", "api", script.partner)


def test_what_is_read_costs_no_query_a_device(script, customer, django_assert_max_num_queries):
    answer = start(script, customer, *({"hardwareHash": text_of(each)} for each in machines(12)))
    work_off(Submission.unscoped.get())
    addresses = (
        answer["Location"],
        f"{base(customer)}/deviceBatches",
        f"{base(customer)}/deviceBatches/SDKTestDeviceBatch/devices",
    )
    for address in addresses:
        with django_assert_max_num_queries(10):
            assert script.call("get", address).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_script_is_told_when_to_try_again_while_the_database_is_away(script, consent, lose_database):
    lose_database()
    answer = script.call("get", f"/customers/{consent.tenant_id}/deviceBatches")
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert answer.json()["data"] == [{"code": "database_away"}]
    assert answer["MS-RequestId"]
