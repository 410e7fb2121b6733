"""Each code of the registration service that an import can answer, named, with its next step."""

from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from django.db import OperationalError
from django.utils import timezone

from devices import tasks
from devices.connectors.local import LocalConnector
from devices.hardware import synthetic
from devices.hardware.encode import encode, encode_base64
from devices.models import AutopilotDevice, EntraDevice, ImportRow, Registration
from devices.registry import releases
from devices.services.directory import entra_devices
from devices.services.imports import committing, downloads
from tenants.models import Job, Tenant
from tenants.permissions import Actor
from tests.devices.imports.importing import LATER, add, check, commit, line, machines, row

ONE, TWO = machines(2)
AGAIN = synthetic.recapture(ONE, at=LATER, new_disk=5)
Answered = tuple[str, int | None, str]


def answered(contoso: Tenant, *lines: str, number: int = 1) -> ImportRow:
    """The row after check and commit; what the plan said is what the result says."""
    import_ = check(contoso, *lines)
    planned = row(import_, number)
    commit(import_, accepts_foreign=True)
    found = row(import_, number)
    assert (found.verdict, found.code, found.code_name) == (planned.verdict, planned.code, planned.code_name)
    return found


def said(found: ImportRow) -> Answered:
    assert found.reason
    assert found.next_step
    return found.outcome, found.code, found.code_name


def test_802_invalid_ztd_hardware_hash(contoso: Tenant) -> None:
    text = encode_base64(ONE)
    found = answered(contoso, line(ONE, hash_=text[:400] + ("A" if text[400] != "A" else "B") + text[401:]))
    assert said(found) == ("failed", 802, "InvalidZtdHardwareHash")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda machine: replace(machine, system_manufacturer=""),
        lambda machine: replace(
            machine,
            system_serial="None",
            smbios_uuid=UUID(int=0),
            ek_pub=None,
            offline_device_id=None,
            product_key_id=None,
        ),
    ],
    ids=["manufacturer", "every identity"],
)
def test_802_where_a_needed_field_of_the_hash_is_empty(contoso: Tenant, spoil: Callable) -> None:
    assert said(answered(contoso, line(spoil(ONE)))) == ("failed", 802, "InvalidZtdHardwareHash")


def test_802_without_a_hash_but_with_a_serial(contoso: Tenant) -> None:
    found = answered(contoso, "TEST-1,,,,", line(ONE))
    assert said(found) == ("failed", 802, "InvalidZtdHardwareHash")


def test_803_missing_ztd_serial_number_and_product_key(contoso: Tenant) -> None:
    found = answered(contoso, ",,,TAG,", line(ONE))
    assert said(found) == ("failed", 803, "MissingZtdSerialNumberAndProductKey")


def test_806_ztd_device_already_assigned_is_no_failure(contoso: Tenant) -> None:
    add(contoso, line(ONE))
    found = answered(contoso, line(AGAIN))
    assert said(found) == ("already_here", 806, "ZtdDeviceAlreadyAssigned")
    assert found.device_id
    assert "score 100 of 100; same TPM endorsement key; same SMBIOS UUID" in found.reason
    assert "disk differs" in found.reason


def test_808_ztd_device_assigned_to_other_tenant(contoso: Tenant, fabrikam: Tenant) -> None:
    add(fabrikam, line(ONE))
    found = answered(contoso, line(AGAIN))
    assert said(found) == ("failed", 808, "ZtdDeviceAssignedToOtherTenant")
    assert "same TPM endorsement key" in found.reason
    assert "disk" not in found.reason  # what differs tells about the other tenant's record


def test_813_ztd_device_is_not_unique_names_the_device_of_this_tenant(contoso: Tenant) -> None:
    add(contoso, line(ONE))
    found = answered(contoso, line(replace(TWO, smbios_uuid=ONE.smbios_uuid)))
    assert said(found) == ("failed", 813, "ZtdDeviceIsNotUnique")
    assert found.existing_device
    assert "same SMBIOS UUID" in found.reason


def test_813_tells_nothing_of_another_tenants_device(contoso: Tenant, fabrikam: Tenant) -> None:
    add(fabrikam, line(ONE))
    found = answered(contoso, line(replace(TWO, smbios_uuid=ONE.smbios_uuid)))
    assert said(found) == ("failed", 813, "ZtdDeviceIsNotUnique")
    assert (found.existing_device, found.existing_tenant) == (None, None)
    assert "score" not in found.reason


def test_814_ztd_device_already_aad_registered_is_warned_of_a_personal_record(contoso: Tenant) -> None:
    EntraDevice.objects.create(
        tenant=contoso, display_name="PC", serial_number=ONE.serial, trust_type="Workplace"
    )
    found = answered(contoso, line(ONE))
    assert (found.outcome, [each["service_code"] for each in found.warnings]) == ("added", [814])


def joined(contoso: Tenant, **facts: Any) -> EntraDevice:
    """The object of the machine, which a user joined without any registration."""
    name = {"serial_number": ONE.serial, "manufacturer": ONE.manufacturer, "model": ONE.model}
    return EntraDevice.objects.create(
        tenant=contoso, display_name="PC", **{"trust_type": "AzureAd", **name, **facts}
    )


@pytest.mark.parametrize("trust", ["AzureAd", "ServerAd"])
def test_814_ztd_device_already_aad_registered_until_the_joined_object_is_removed(
    contoso: Tenant, trust: str
) -> None:
    entra = joined(contoso, trust_type=trust)
    found = answered(contoso, line(AGAIN))
    assert said(found) == ("failed", 814, "ZtdDeviceAlreadyAadRegistered")
    assert "Convert all targeted devices" in found.next_step
    assert not Registration.objects.of(contoso).exists()
    actor, now = Actor.system(), timezone.now()
    entra_devices.delete(tenant=contoso, actor=actor, device=entra, now=now)
    assert answered(contoso, line(AGAIN)).outcome == "added"


def test_814_for_a_machine_that_joined_after_the_check(contoso: Tenant) -> None:
    import_ = check(contoso, line(ONE))
    joined(contoso)
    commit(import_)
    found = row(import_)
    assert said(found) == ("failed", 814, "ZtdDeviceAlreadyAadRegistered")
    assert found.verdict == "entra_joined"
    assert not Registration.objects.of(contoso).exists()


@pytest.mark.parametrize(
    "other",
    [{"manufacturer": "Fabrikam"}, {"model": "X"}, {"deleted_at": LATER}, {"trust_type": ""}],
    ids=["manufacturer", "model", "deleted", "not joined"],
)
def test_814_is_not_for_the_object_of(contoso: Tenant, other: dict[str, Any]) -> None:
    joined(contoso, **other)
    assert answered(contoso, line(ONE)).outcome == "added"


def test_814_never_keeps_a_machine_from_being_registered_again(contoso: Tenant) -> None:
    add(contoso, line(ONE))
    EntraDevice.objects.of(contoso).update(has_enrolled=True, trust_type="AzureAd")
    [device] = AutopilotDevice.objects.of(contoso)
    releases.release(tenant=contoso, device_ids=[device.pk], reason="test", now=timezone.now())
    assert EntraDevice.objects.of(contoso).live().get().ztdid is None
    assert answered(contoso, line(ONE)).outcome == "added"


def test_814_is_not_for_a_serial_number_that_many_machines_have(contoso: Tenant) -> None:
    white_box = replace(ONE, system_serial="Default string")
    joined(contoso, serial_number="Default string")
    assert answered(contoso, line(white_box)).outcome == "added"


def test_ztd_device_duplicated_processes_the_first_row_only(contoso: Tenant) -> None:
    found = answered(contoso, line(ONE), line(AGAIN), number=2)
    assert said(found) == ("failed", None, "ZtdDeviceDuplicated")


def test_storage_error_for_the_rows_an_import_did_not_get_to(
    contoso: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(committing, "SLICE", 2)
    add(contoso, line(TWO))
    import_ = check(contoso, line(ONE), *map(line, machines(2, start=8)), line(TWO))
    job = committing.start(import_=import_, actor=Actor.command())
    register = LocalConnector.register

    def fails_later(*args: Any, **values: Any) -> Any:
        if Registration.objects.of(contoso).count() > 2:
            raise OperationalError("the disk is full")
        return register(*args, **values)

    monkeypatch.setattr(LocalConnector, "register", fails_later)
    while not job.is_ended:
        tasks.commit_import(str(job.pk))
        Job.unscoped.filter(pk=job.pk).update(run_after=timezone.now())
        job.refresh_from_db()
    import_.refresh_from_db()
    assert (import_.state, import_.added, import_.failed, import_.already_here) == ("failed", 2, 1, 1)
    assert said(row(import_, 3)) == ("failed", None, "StorageError")
    assert b"StorageError" in b"".join(downloads.failed_rows(import_))
    monkeypatch.undo()
    assert row(add(contoso, line(machines(2, start=8)[1]))).outcome == "added"


def test_an_unpadded_hash_is_mended_instead_of_refused_as_edm_binary(contoso: Tenant) -> None:
    found = answered(contoso, line(ONE, hash_=encode_base64(replace(ONE, size=3001)).rstrip("=")))
    assert (found.outcome, [each["code"] for each in found.notes]) == (
        "added",
        ["missing_padding", "unusual_hash"],
    )


def test_edm_binary_a_hash_that_no_padding_mends_is_802_in_words(contoso: Tenant) -> None:
    text = encode_base64(ONE)
    found = answered(contoso, line(ONE, hash_=f"{text[:400]}#{text[401:]}"), line(TWO))
    assert said(found) == ("failed", 802, "InvalidZtdHardwareHash")
    assert "is not a hardware hash" in found.reason


@pytest.mark.parametrize("size", [8, 60_000], ids=["too short", "too long"])
def test_hash_not_4k_beyond_what_holds_a_machine_is_802_and_captured_again(
    contoso: Tenant, size: int
) -> None:
    text = b64encode((encode(ONE) + bytes(60_000))[:size]).decode()
    found = answered(contoso, line(ONE, hash_=text), line(TWO))
    assert said(found) == ("failed", 802, "InvalidZtdHardwareHash")
    assert "Get-WindowsAutopilotInfo" in found.next_step


def test_hash_not_4k_is_noted_and_registered(contoso: Tenant) -> None:
    found = answered(contoso, line(replace(ONE, size=3500)))
    assert (found.outcome, [each["code"] for each in found.notes]) == ("added", ["unusual_hash"])


def test_another_tpm_needs_a_decision_and_says_so(contoso: Tenant) -> None:
    add(contoso, line(ONE))
    found = row(check(contoso, line(synthetic.recapture(ONE, at=LATER, new_tpm=1))))
    assert (found.verdict, found.decision) == ("needs_decision", "replaced_board")
    assert "registered here with another TPM (score" in found.reason


def test_a_disk_of_another_registered_device_is_a_warning_that_names_it(contoso: Tenant) -> None:
    add(contoso, line(ONE))
    moved = replace(TWO, disk_serials=ONE.disk_serials, disk_ssn_kernel=ONE.disk_ssn_kernel)
    [warning] = row(check(contoso, line(moved))).warnings
    assert warning["code"] == "disk_of_another"
    assert str(ONE.serial) in warning["message"]
