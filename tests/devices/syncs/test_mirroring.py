"""Mirroring: the list follows the registration service, and writes only what changed."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from devices.models import AutopilotDevice, EntraDevice, Registration
from devices.services.syncs import mirroring
from tests import factories

pytestmark = pytest.mark.django_db


def mirror(tenant, ids=None):
    counters = mirroring.mirror(tenant=tenant, device_ids=ids, now=timezone.now())
    return counters.created, counters.updated, counters.unchanged, counters.removed


def test_a_registration_appears_in_the_list_under_its_own_id(contoso):
    row = factories.register(contoso, "SN-1", group_tag="KIOSK")
    assert mirror(contoso) == (1, 0, 0, 0)
    device = AutopilotDevice.objects.of(contoso).get()
    assert (device.pk, device.serial_number, device.group_tag) == (row.pk, "SN-1", "KIOSK")


def test_a_device_is_linked_to_its_entra_object_and_its_user(contoso):
    user = factories.make_directory_user(contoso, "Ann@contoso.example")
    row = factories.register(contoso, "SN-1", user_principal_name="ann@contoso.example")
    mirror(contoso)
    device = AutopilotDevice.objects.of(contoso).get()
    assert device.user == user
    assert device.entra_device == EntraDevice.objects.of(contoso).get(ztdid=row.pk)


def test_a_second_mirroring_writes_nothing(contoso):
    factories.register(contoso, "SN-1")
    mirror(contoso)
    before = AutopilotDevice.objects.of(contoso).values().get()
    assert mirror(contoso) == (0, 0, 1, 0)
    assert AutopilotDevice.objects.of(contoso).values().get() == before


def test_a_changed_tag_is_an_update_and_raises_the_revision(contoso):
    device = factories.listed(contoso, "SN-1")
    Registration.objects.of(contoso).update(group_tag="NEW")
    assert mirror(contoso, [device.pk]) == (0, 1, 0, 0)
    device.refresh_from_db()
    assert (device.group_tag, device.revision) == ("NEW", 2)


def test_an_ended_registration_leaves_the_list_and_keeps_its_row(contoso):
    device = factories.listed(contoso, "SN-1")
    Registration.objects.of(contoso).update(ended_at=timezone.now())
    assert mirror(contoso) == (0, 0, 0, 1)
    device.refresh_from_db()
    assert device.removed_at is not None


def test_only_the_given_devices_are_mirrored(contoso):
    first, _second = factories.register(contoso, "SN-1"), factories.register(contoso, "SN-2")
    assert mirror(contoso, [first.pk]) == (1, 0, 0, 0)


def test_a_tenant_never_mirrors_another_tenants_registration(contoso, fabrikam):
    foreign = factories.listed(fabrikam, "SN-F")
    assert mirror(contoso, [foreign.pk]) == (0, 0, 0, 0)
    foreign.refresh_from_db()
    assert foreign.removed_at is None


def test_an_attention_mark_of_the_registry_becomes_the_profile_status(contoso):
    device = factories.listed(contoso, "SN-1")
    Registration.objects.of(contoso).update(attention_required_at=timezone.now())
    mirror(contoso)
    device.refresh_from_db()
    assert device.profile_status == "attention_required"
    Registration.objects.of(contoso).update(attention_required_at=None)
    mirror(contoso)
    device.refresh_from_db()
    assert device.profile_status == "not_assigned"


def test_ten_and_a_thousand_devices_take_the_same_number_of_queries(contoso, fabrikam):
    counts = []
    for tenant, number in ((contoso, 10), (fabrikam, 999)):
        factories.register_many(tenant, number)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            mirror(tenant)
        counts.append(len(queries))
        assert AutopilotDevice.objects.of(tenant).live().count() == number
    assert counts[0] == counts[1]
