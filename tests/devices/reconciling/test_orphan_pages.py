"""*Orphans* in the portal: counts, explanation, check and fix through the buttons, rights."""

import pytest
from django.urls import reverse
from django.utils import timezone

from devices import tasks
from devices.models import AutopilotDevice, EntraDevice, ManagedDevice, Orphan
from devices.services.reconciling import checking
from tenants.models import Job
from tests import factories

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def at(tenant, name, **keys):
    return reverse(f"devices:{name}", kwargs={"tenant_slug": tenant.slug, **keys})


@pytest.fixture
def visitor(admin, client_of):
    return client_of(admin)


@pytest.fixture
def found(contoso, visitor):
    """Two disabled objects, found by the button."""
    factories.machines(contoso, 2)
    EntraDevice.objects.of(contoso).update(is_enabled=False)
    visitor.post(at(contoso, "orphans_check"))
    tasks.check_orphans(str(Job.objects.of(contoso).get(task=checking.TASK).pk))
    return list(Orphan.objects.of(contoso).order_by("label"))


def page(client, url):
    return client.get(url).content.decode()


def test_the_page_says_that_nothing_was_checked_yet(contoso, visitor):
    shown = page(visitor, at(contoso, "orphans"))
    assert "Not checked yet" in shown
    assert "import-counts" not in shown


def test_the_page_counts_each_defect_and_links_to_its_rows(contoso, visitor, found):
    text = page(visitor, at(contoso, "orphans"))
    assert "?defect=disabled" in text
    assert all(row.label in text for row in found)
    assert found[0].label not in page(visitor, at(contoso, "orphans") + "?defect=user_gone")


def without_registration(tenant):
    AutopilotDevice.objects.of(tenant).update(removed_at=NOW)


def being_deleted(tenant):
    AutopilotDevice.objects.of(tenant).update(deletion_requested_at=NOW)


def without_object(tenant):
    EntraDevice.objects.of(tenant).update(deleted_at=NOW)


@pytest.mark.parametrize("removed", [without_registration, being_deleted, without_object])
def test_what_was_removed_since_the_check_is_neither_listed_nor_counted(contoso, visitor, found, removed):
    removed(contoso)
    text = page(visitor, at(contoso, "orphans"))
    assert "nothing is left to fix" in text
    assert "<strong>2</strong>" not in text
    assert visitor.get(at(contoso, "orphan", pk=found[0].pk)).status_code == 404


@pytest.mark.parametrize(("field", "left"), [("", 2), ("removed_at", 0)])
def test_the_own_records_of_an_orphan_decide(contoso, visitor, field, left):
    devices = factories.machines(contoso, 1)
    AutopilotDevice.objects.of(contoso).update(user_principal_name="gone@contoso.example")
    ManagedDevice.objects.create(tenant=contoso, device_name="PC-2", serial_number="S")
    for defect in checking.KINDS:
        checking.refresh(tenant=contoso, defect=defect, now=NOW)
    for model in (AutopilotDevice, ManagedDevice):
        model.objects.of(contoso).update(**({field: NOW} if field else {}))
    text = page(visitor, at(contoso, "orphans"))
    assert sum(name in text for name in (devices[0].serial_number, "PC-2")) == left


def test_a_record_is_found_by_its_device(contoso, visitor, found):
    text = page(visitor, at(contoso, "orphans") + f"?q={found[0].label.lower()}")
    assert (found[0].label in text, found[1].label in text) == (True, False)


def test_a_flyout_says_what_it_means_and_what_the_fix_does(contoso, visitor, found):
    text = page(visitor, at(contoso, "orphan", pk=found[0].pk))
    assert "nobody can sign in" in text
    assert "Enable the object." in text


def test_the_dialog_fixes_the_selected_records_once(contoso, visitor, found):
    sent = {"selection": [str(row.pk) for row in found]}
    dialog = visitor.post(at(contoso, "orphans_fix"), sent).content.decode()
    assert "Fix 2 records" in dialog
    confirmed = {**sent, "step": "confirm", "one_time_key": "6f2ed0f6-3a5f-4c93-9c1f-1a86a1c0f3d1"}
    for _click in range(2):
        assert visitor.post(at(contoso, "orphans_fix"), confirmed).status_code == 302
    job = Job.objects.of(contoso).get(task="devices.fix_orphans")
    tasks.fix_orphans(str(job.pk))
    assert not EntraDevice.objects.of(contoso).filter(is_enabled=False).exists()


def test_a_reader_sees_them_and_is_told_what_the_fix_needs(contoso, found, reader, client_of):
    client = client_of(reader)
    sent = {"selection": [str(found[0].pk)]}
    assert (
        "Microsoft Entra devices / Delete" in client.post(at(contoso, "orphans_fix"), sent).content.decode()
    )
    assert client.post(at(contoso, "orphans_fix"), {**sent, "step": "confirm"}).status_code == 403


def test_windows_devices_are_hidden_from_who_may_not_read_them(contoso, profile_manager, client_of):
    ManagedDevice.objects.create(tenant=contoso, device_name="SECRET-PC", serial_number="S")
    for defect in checking.KINDS:
        checking.refresh(tenant=contoso, defect=defect, now=checking.timezone.now())
    assert Orphan.objects.of(contoso).count() == 1
    assert "SECRET-PC" not in page(client_of(profile_manager), at(contoso, "orphans"))
