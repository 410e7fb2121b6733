"""Registered machines with real hashes, and the ways to enroll them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from devices.models import AutopilotDevice, DeploymentProfile
from devices.services.autopilot.enrolment import pre_provisioning, self_deploying, user_driven
from devices.services.autopilot.enrolment.machines import Machine
from tenants.models import DirectoryUser, Tenant
from tenants.permissions import Actor
from tests import factories

MACHINE = Machine(os_version="10.0.26100.1", has_tpm=True, secret_digest=None)


@pytest.fixture
def ann(contoso: Tenant) -> DirectoryUser:
    """A licensed user."""
    return factories.make_directory_user(contoso, "ann@contoso.example")


@pytest.fixture
def profile(contoso: Tenant) -> Callable[..., DeploymentProfile]:
    """Make the profile of all devices."""

    def make(name: str = "Standard", **settings: Any) -> DeploymentProfile:
        return factories.make_profile(contoso, name, is_for_all_devices=True, **settings)

    return make


@pytest.fixture
def device(contoso: Tenant) -> Callable[[], AutopilotDevice]:
    """Register the next machine; ask for the profile first."""
    seeds = iter(range(1, 100))
    return lambda: factories.machines(contoso, 1, first=next(seeds))[0]


@pytest.fixture
def by_user(contoso: Tenant) -> Callable[..., Any]:
    """A user signs in on the device in its set-up."""

    def enroll(device: AutopilotDevice, user: DirectoryUser, machine: Machine = MACHINE) -> Any:
        return user_driven.enroll(**_asked(contoso, device, machine), user=user)

    return enroll


@pytest.fixture
def by_itself(contoso: Tenant) -> Callable[..., Any]:
    """The device deploys itself."""

    def enroll(device: AutopilotDevice, machine: Machine = MACHINE) -> Any:
        return self_deploying.enroll(**_asked(contoso, device, machine))

    return enroll


@pytest.fixture
def by_technician(contoso: Tenant) -> Callable[..., Any]:
    """A technician prepares the device."""

    def enroll(device: AutopilotDevice, machine: Machine = MACHINE) -> Any:
        return pre_provisioning.prepare(**_asked(contoso, device, machine))

    return enroll


def _asked(tenant: Tenant, device: AutopilotDevice, machine: Machine) -> dict[str, Any]:
    return {
        "tenant": tenant,
        "actor": Actor.device(),
        "device": device,
        "machine": machine,
        "now": timezone.now(),
    }
