"""Two tenants import the same machines at the same moment: each machine ends in exactly one."""

import threading

import pytest
from django.db import connection

from devices.hardware import synthetic
from devices.models import AutopilotDevice, Import, ImportRow, Registration
from devices.services.imports import committing
from tenants.models import Job
from tenants.permissions import Actor
from tests import factories
from tests.devices.imports.importing import LATER, check, line, machines, run


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("repetition", range(3))
def test_two_imports_racing_for_the_same_machines(repetition: int) -> None:
    tenants = [factories.make_tenant("Contoso"), factories.make_tenant("Fabrikam")]
    some = machines(120, start=1000 * repetition)
    imports = [
        check(
            tenant,
            *(line(synthetic.recapture(each, at=LATER, new_disk=f"{tenant} {each.serial}")) for each in some),
        )
        for tenant in tenants
    ]
    assert [import_.verdicts for import_ in imports] == [{"new": 120}, {"new": 120}]
    start = threading.Barrier(2)
    ends: list[str] = []

    def race(import_: Import) -> None:
        job = committing.start(import_=import_, actor=Actor.command())
        start.wait()
        try:
            ends.append(run(job).state)
        finally:
            connection.close()

    runners = [threading.Thread(target=race, args=(import_,)) for import_ in imports]
    for runner in runners:
        runner.start()
    for runner in runners:
        runner.join()
    assert ends == [Job.State.SUCCEEDED, Job.State.SUCCEEDED]
    added = ImportRow.objects.filter(outcome="added").values_list("serial_number", flat=True)
    assert sorted(added) == sorted(str(each.serial) for each in some)
    lost = ImportRow.objects.filter(outcome="failed")
    assert set(lost.values_list("code", "code_name")) == {(808, "ZtdDeviceAssignedToOtherTenant")}
    assert lost.count() == Registration.unscoped.live().count() == 120
    assert AutopilotDevice.unscoped.filter(removed_at=None).count() == 120
