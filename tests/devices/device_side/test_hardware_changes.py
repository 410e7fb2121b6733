"""Changed hardware of an enrolled device, found at a check-in and settled at the next."""

from dataclasses import replace

import pytest

from devices.models import AutopilotDevice, IdentityKey, Registration
from tenants.models import AuditEvent
from tests import factories

pytestmark = pytest.mark.django_db
ANN = "ann@contoso.example"


@pytest.fixture
def laptop(registered, ann):
    """An enrolled machine."""
    found = registered()
    found.enroll(user=ANN)
    return found


def listed(tenant):
    return AutopilotDevice.objects.of(tenant).get()


def acts(word):
    return AuditEvent.objects.filter(activity=f"device.hardware_{word}").count()


@pytest.mark.parametrize("part", [{"new_disk": 5}, {"new_nic": 5}, {"new_memory_gib": 64}])
def test_another_disk_adapter_or_memory_is_no_change(part, contoso, laptop):
    laptop.exchange(**part)
    assert laptop.check_in()["remediationState"] == "noRemediationRequired"
    assert listed(contoso).remediation_changed_at is None


@pytest.mark.parametrize("part", [{"new_board": 5}, {"new_tpm": 5}], ids=["board", "tpm"])
def test_another_board_or_tpm_is_registered_by_itself_at_the_next_check_in(part, contoso, laptop):
    device = listed(contoso)
    laptop.exchange(**part)
    assert laptop.check_in()["remediationState"] == "automaticRemediationRequired"
    found = listed(contoso)
    assert (found.profile_status, found.remediation_changed_at is not None) == ("fix_pending", True)
    assert laptop.check_in()["remediationState"] == "noRemediationRequired"
    found = listed(contoso)
    assert (found.pk, found.profile_status) == (device.pk, device.profile_status)
    assert (acts("changed"), acts("registered")) == (1, 1)
    laptop.forget()
    assert laptop.fetch()["ztdid"] == str(device.pk)


def test_the_old_board_is_no_longer_this_device(contoso, fabrikam, laptop):
    before = laptop.hardware
    laptop.exchange(new_board=5)
    laptop.check_in()
    laptop.check_in()
    old = replace(before, system_serial="BENCH-1")
    assert factories.claim(fabrikam, old)[0].serial_number == "BENCH-1"
    keys = IdentityKey.objects.filter(registration=listed(contoso).pk, is_exclusive=True)
    assert keys.count() == 2


def test_hardware_that_came_back_ends_fix_pending(contoso, laptop):
    before = laptop.hardware
    laptop.exchange(new_board=5)
    laptop.check_in()
    laptop.hardware = before
    assert laptop.check_in()["remediationState"] == "noRemediationRequired"
    assert (listed(contoso).remediation_state, acts("unchanged")) == ("none", 1)


def refused(contoso, laptop, code):
    """Two check-ins that end in Attention required, for good; the machine gets no profile."""
    assert laptop.check_in()["remediationState"] == "automaticRemediationRequired"
    assert laptop.check_in()["remediationState"] == "manualRemediationRequired"
    assert laptop.check_in()["remediationState"] == "manualRemediationRequired"
    found = listed(contoso)
    assert (found.profile_status, acts("refused")) == ("attention_required", 1)
    assert Registration.objects.of(contoso).get(pk=found.pk).attention_required_at is not None
    target = AuditEvent.objects.get(activity="device.hardware_refused").targets.get()
    assert target.after["code"].startswith(code)
    laptop.forget()
    assert "profile" not in laptop.fetch()


def test_a_board_without_its_serial_number_needs_attention(contoso, laptop):
    laptop.exchange(new_board=5)
    laptop.hardware = replace(laptop.hardware, system_serial="Default string")
    refused(contoso, laptop, "813")


def test_a_board_that_is_registered_with_another_tenant_needs_attention(contoso, fabrikam, laptop):
    laptop.exchange(new_board=5)
    factories.claim(fabrikam, replace(laptop.hardware, system_serial="DONOR-1"))
    refused(contoso, laptop, "808")
    assert AutopilotDevice.objects.of(fabrikam).get().remediation_state == "none"


def test_a_system_disk_put_into_another_machine_needs_attention(contoso, laptop, machine):
    laptop.hardware = machine(77).hardware
    refused(contoso, laptop, "813")


def test_a_device_without_a_held_hash_has_nothing_to_compare(contoso, laptop):
    Registration.objects.of(contoso).get().hardware_hash.delete()
    laptop.exchange(new_board=5)
    assert laptop.check_in()["remediationState"] == "noRemediationRequired"
