"""A deregistration through a real worker that is killed like in a power cut."""

import pytest

from devices.models import AutopilotDevice, Deregistration, EntraDevice, ManagedDevice, Registration, UndoKit
from tenants.models import AuditTarget, Job
from tests import factories
from tests.devices.autopilot import leaving
from tests.devices.imports.test_import_workers import work_to_the_end, work_until_half
from tests.real_worker import Worker

DEVICES = 120

pytestmark = [pytest.mark.workers, pytest.mark.django_db(transaction=True)]


def test_a_killed_worker_leaves_every_device_deregistered_once(real_worker: Worker) -> None:
    contoso = factories.make_tenant("Contoso")
    person = factories.make_person("admin@contoso.example")
    factories.join(contoso, person, "global_administrator")
    devices = factories.machines(contoso, DEVICES, user_principal_name="ann@contoso.example")
    ManagedDevice.objects.bulk_create(
        ManagedDevice(
            tenant=contoso, device_name=device.serial_number, autopilot_device=device, serial_number="x"
        )
        for device in devices
    )
    EntraDevice.objects.of(contoso).update(has_enrolled=True, trust_type="AzureAd")
    job = leaving.start(contoso, person)
    work_until_half(job)
    real_worker.kill()
    real_worker.restart()
    assert work_to_the_end(job).state == Job.State.SUCCEEDED
    assert job.counters == {"done": DEVICES}
    assert not AutopilotDevice.objects.of(contoso).live().exists()
    assert not ManagedDevice.objects.of(contoso).live().exists()
    assert not Registration.objects.of(contoso).live().exists()
    assert EntraDevice.objects.of(contoso).live().filter(ztdid=None).count() == DEVICES
    assert UndoKit.objects.of(contoso).filter(user_principal_name="ann@contoso.example").count() == DEVICES
    rows = Deregistration.objects.of(contoso).filter(state="done")
    steps = [[each["step"] for each in row.steps if each["result"]] for row in rows]
    assert steps == [["undo_kit", "managed_device", "user", "registration", "entra_device"]] * DEVICES
    assert AuditTarget.objects.filter(event__activity="device.deregistered").count() == DEVICES
