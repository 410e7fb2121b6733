"""The device side of a tenant: off until somebody switches it on; keys are digests that end."""

from datetime import timedelta

import pytest
from django.utils import timezone

from portal.errors import Conflict
from tenants.models import AuditEvent, EnrollmentKey, Tenant
from tenants.permissions import Actor
from tenants.services import device_side, tenants
from tenants.services.links import digest_of
from tests import factories

pytestmark = pytest.mark.django_db
NOW = timezone.now()
PAGE = "/t/contoso/settings/device-side/"


def change(tenant, revision=0, **values):
    return device_side.change(tenant=tenant, actor=Actor.system(), values=values, revision=revision, now=NOW)


def key(tenant):
    return device_side.rotate(tenant=tenant, actor=Actor.system(), now=NOW)


def test_a_key_opens_nothing_while_the_device_side_is_off(contoso):
    secret = key(contoso)
    with pytest.raises(device_side.SwitchedOff):
        device_side.tenant_of(secret=secret, now=NOW)
    change(contoso, is_on=True)
    assert device_side.tenant_of(secret=secret, now=NOW) == contoso


def test_only_the_digest_of_a_key_is_kept(contoso):
    secret = key(contoso)
    row = EnrollmentKey.objects.of(contoso).get()
    assert secret not in [str(getattr(row, field.name)) for field in row._meta.fields]
    assert row.hint == secret[-4:]
    event = AuditEvent.objects.get(activity="device_side.key_made")
    assert secret not in str(event.targets.get().after)


def test_a_new_key_ends_the_one_before(contoso):
    change(contoso, is_on=True)
    first, second = key(contoso), key(contoso)
    assert device_side.tenant_of(secret=second, now=NOW) == contoso
    with pytest.raises(device_side.UnknownKey):
        device_side.tenant_of(secret=first, now=NOW)


def test_a_key_for_one_run_stands_beside_and_ends_by_itself(contoso):
    lasting = key(contoso)
    with pytest.raises(device_side.SwitchedOff):
        device_side.key_for_one_run(tenant=contoso, actor=Actor.command(), now=NOW)
    change(contoso, is_on=True)
    secret = device_side.key_for_one_run(tenant=contoso, actor=Actor.command(), now=NOW)
    assert device_side.tenant_of(secret=secret, now=NOW) == contoso
    later = NOW + device_side.RUN_LIFETIME + timedelta(seconds=1)
    with pytest.raises(device_side.UnknownKey):
        device_side.tenant_of(secret=secret, now=later)
    assert device_side.tenant_of(secret=lasting, now=later) == contoso
    device_side.revoke(tenant=contoso, secret=secret, now=NOW)
    with pytest.raises(device_side.UnknownKey):
        device_side.tenant_of(secret=secret, now=NOW)


def test_settings_are_audited_and_saved_once_from_two_tabs(contoso):
    change(contoso, device_limit=20)
    with pytest.raises(Conflict):
        change(contoso, device_limit=30)
    assert device_side.of(contoso).device_limit == 20
    target = AuditEvent.objects.get(activity="device_side.changed").targets.get()
    assert (target.before, target.after) == ({"device_limit": 50}, {"device_limit": 20})


def test_a_tenant_of_microsofts_has_no_device_side():
    real = factories.make_tenant("Real", authority="msgraph")
    with pytest.raises(device_side.OnlyLocal):
        change(real, is_on=True)


def test_a_tenant_is_deleted_with_its_keys_and_settings(fabrikam):
    change(fabrikam, is_on=True)
    key(fabrikam)
    tenants.delete(tenant=fabrikam, actor=Actor.system())
    assert not Tenant.objects.filter(pk=fabrikam.pk).exists()


def test_the_page_says_what_no_windows_does_and_switches_the_device_side_on(contoso, admin, client_of):
    client = client_of(admin)
    page = client.get(PAGE).content.decode()
    assert "No unmodified Windows asks these addresses" in page
    assert "no machine can reach this tenant" in page
    values = {"is_on": "on", "device_limit": "20", "allows_personal": "", "revision": "0"}
    assert client.post(PAGE, values).status_code == 302
    found = device_side.of(contoso)
    assert (found.is_on, found.device_limit, found.allows_personal) == (True, 20, False)
    assert client.post(PAGE, values).status_code == 409
    assert client.post(PAGE, {**values, "device_limit": "0"}).status_code == 422


def test_the_key_is_shown_once(contoso, admin, client_of):
    client = client_of(admin)
    answer = client.post(f"{PAGE}key/", {"step": "confirm"})
    row = EnrollmentKey.objects.of(contoso).get()
    text = answer.content.decode()
    start = text.index(device_side.PREFIX)
    secret = text[start : text.index("<", start)]
    assert digest_of(secret) == row.digest
    assert "no-store" in answer["Cache-Control"]
    assert secret not in client.get(PAGE).content.decode()
    assert f"ending in {row.hint}" in client.get(f"{PAGE}key/").content.decode()


def test_a_tenant_of_microsofts_has_a_page_that_says_so(admin, client_of):
    real = factories.make_tenant("Real", authority="msgraph")
    factories.join(real, admin, "global_administrator")
    page = client_of(admin).get("/t/real/settings/device-side/").content.decode()
    assert "Only a local tenant has a device side" in page
    assert "/device/v1/" not in page
