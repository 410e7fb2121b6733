"""Machines that join without a registration: corporate by a join, personal by a work account."""

import pytest
from django.utils import timezone

from devices.models import AutopilotDevice, ManagedDevice
from devices.services.autopilot.enrolment import refusals, unregistered
from devices.services.autopilot.enrolment.unregistered import Hardware
from tenants.permissions import Actor
from tenants.services import device_side
from tests import factories
from tests.devices.enrolment.conftest import MACHINE

pytestmark = pytest.mark.django_db
HARDWARE = Hardware("SN-77", "Contoso", "Tower 5000")


@pytest.fixture
def join(contoso, ann):
    def join(mode, user=ann, registered=None):
        return unregistered.join(
            tenant=contoso,
            actor=Actor.device(),
            mode=ManagedDevice.Mode(mode),
            user=user,
            hardware=HARDWARE,
            machine=MACHINE,
            registered=registered,
            now=timezone.now(),
        )

    return join


@pytest.mark.parametrize(
    ("mode", "ownership", "trust"),
    [
        ("entra_join", "company", "AzureAd"),
        ("hybrid_join", "company", "ServerAd"),
        ("work_account", "personal", "Workplace"),
    ],
)
def test_the_way_in_decides_ownership_and_join_type(mode, ownership, trust, join):
    managed = join(mode)
    assert (managed.ownership, managed.entra_device.trust_type) == (ownership, trust)
    assert managed.entra_device.is_company_owned == (ownership == "company")
    assert (managed.autopilot_device, managed.serial_number) == (None, "SN-77")
    assert managed.entra_device.display_name == managed.device_name


def test_mdm_only_makes_no_entra_object(join):
    managed = join("mdm_only")
    assert (managed.entra_device, managed.ownership) == (None, "personal")


def test_an_unlicensed_user_enrolls_nothing(contoso, join):
    guest = factories.make_directory_user(contoso, is_licensed=False)
    with pytest.raises(refusals.UnlicensedUser):
        join("entra_join", user=guest)
    assert not ManagedDevice.objects.of(contoso).exists()


def test_0x80180014_personal_devices_are_refused_where_the_tenant_says_so(contoso, join):
    device_side.change(
        tenant=contoso,
        actor=Actor.system(),
        values={"allows_personal": False},
        revision=0,
        now=timezone.now(),
    )
    with pytest.raises(refusals.PersonalBlocked) as refused:
        join("work_account")
    assert refused.value.error_code == "0x80180014"
    assert join("entra_join").ownership == "company"


def test_a_registered_machine_is_corporate_whichever_way_it_came(contoso, device, join):
    laptop = device()
    managed = join("work_account", registered=laptop.pk)
    assert (managed.ownership, managed.autopilot_device) == ("company", laptop)
    assert AutopilotDevice.objects.of(contoso).get().enrollment_state == "enrolled"


def test_a_registered_machine_joins_the_object_its_registration_made(contoso, device, join):
    laptop = device()
    assert join("entra_join", registered=laptop.pk).entra_device == laptop.entra_device
