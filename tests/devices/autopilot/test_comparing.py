"""The page *Why is this the same machine, or not?*: its address says what it compares."""

import pytest
from django.urls import reverse

from devices.hardware import synthetic
from devices.hardware.encode import encode_base64
from devices.models import RegistrationHash
from tests import factories
from tests.devices.imports.importing import LATER, check, line, row

pytestmark = pytest.mark.django_db
MACHINE = synthetic.machine(seed=1)


@pytest.fixture
def device(contoso):
    return factories.machines(contoso)[0]


@pytest.fixture
def client(client_of, reader):
    return client_of(reader)


def page(client, **parameters):
    return client.get(reverse("devices:autopilot_compare", args=["contoso"]), parameters)


def told(answer):
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_row_of_a_plan_is_compared_with_the_device_it_is(client, contoso, device):
    import_ = check(contoso, line(synthetic.recapture(MACHINE, at=LATER, new_disk=5)))
    text = told(page(client, a=f"device:{device.pk}", b=f"row:{import_.pk}:1"))
    assert "The same machine" in text
    assert "Score 100 of 100" in text
    assert "same TPM endorsement key" in text
    assert "disk differs" in text
    assert "changes with each capture" in text
    assert "Row 1 of hashes.csv" in text


def test_another_board_is_a_new_device(client, contoso, device):
    import_ = check(contoso, line(synthetic.recapture(MACHINE, at=LATER, new_board=5)))
    assert "the mainboard was replaced" in told(
        page(client, a=f"device:{device.pk}", b=f"row:{import_.pk}:1")
    )


def test_two_devices_are_compared(client, contoso, device):
    other = factories.machines(contoso, first=2)[0]
    text = told(page(client, a=f"device:{device.pk}", b=f"device:{other.pk}"))
    assert "Two different machines" in text
    assert "Both can be registered" in text


def test_a_pasted_hash_is_compared_and_faults_are_said(client, device):
    url = reverse("devices:autopilot_compare", args=["contoso"]) + f"?a=device:{device.pk}"
    answer = client.post(url, {"second": encode_base64(MACHINE)})
    assert "The same machine" in told(answer)
    answer = client.post(url, {"second": "not a hash"})
    assert answer.status_code == 422
    assert "The same machine" not in answer.content.decode()


def test_two_pasted_hashes_are_compared(client, contoso):
    url = reverse("devices:autopilot_compare", args=["contoso"])
    hashes = {"first": encode_base64(MACHINE), "second": encode_base64(synthetic.machine(seed=2))}
    assert "Two different machines" in told(client.post(url, hashes))


def test_machines_that_clash_are_said_to_be_813(client, contoso, device):
    from dataclasses import replace

    other = replace(synthetic.machine(seed=2), smbios_uuid=MACHINE.smbios_uuid)
    import_ = check(contoso, line(other))
    text = told(page(client, a=f"device:{device.pk}", b=f"row:{import_.pk}:1"))
    assert "cannot be told apart" in text
    assert "813" in text


def test_one_side_alone_offers_its_kin_and_a_form(client, contoso, device):
    factories.machines(contoso, first=2)
    board = synthetic.recapture(MACHINE, at=LATER, new_board=5)
    import_ = check(contoso, line(board))
    text = told(page(client, a=f"row:{import_.pk}:1"))
    assert f"b=device:{device.pk}" in text
    assert text.count("b=device:") == 1
    assert "Hardware hash to compare it with" in text


def test_a_device_without_hash_says_so(client, device):
    RegistrationHash.objects.all().delete()
    assert "not held any more" in told(page(client, a=f"device:{device.pk}", b=f"device:{device.pk}"))


@pytest.mark.parametrize(
    "reference", ["device:nonsense", "row:1:1", "user:1", "device:", "row:", "²", "row:{pk}:9999999999999"]
)
def test_a_reference_to_nothing_is_not_found(client, contoso, reference):
    import_ = check(contoso, line(MACHINE))
    assert page(client, a=reference.format(pk=import_.pk)).status_code == 404


def test_another_tenants_captures_are_not_found_and_never_kin(client_of, admin, fabrikam, contoso):
    [theirs] = factories.machines(fabrikam)
    import_ = check(fabrikam, line(synthetic.machine(seed=2)))
    client = client_of(admin)
    assert page(client, a=f"device:{theirs.pk}").status_code == 404
    assert page(client, a=f"row:{import_.pk}:1").status_code == 404
    mine = check(contoso, line(MACHINE))
    text = told(page(client, a=f"row:{mine.pk}:1"))
    assert "something in common" not in text
    assert str(theirs.pk) not in text


def test_rows_and_devices_link_to_it(client, contoso, device):
    import_ = check(contoso, line(synthetic.recapture(MACHINE, at=LATER)))
    plan = told(client.get(reverse("devices:import_detail", args=["contoso", import_.pk])))
    assert f"compare/?a=device:{device.pk}&amp;b=row:{import_.pk}:1" in plan
    assert row(import_).existing_device == device.pk
    flyout = told(
        client.get(reverse("devices:autopilot_device", args=["contoso", device.pk]), {"tab": "hardware"})
    )
    assert f"compare/?a=device:{device.pk}" in flyout
