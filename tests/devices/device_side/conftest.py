"""A tenant whose device side is on, and machines that knock at it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from devices.hardware import synthetic
from devices.hardware.encode import encode_base64
from devices.hardware.identity import HardwareIdentity
from tenants.models import DirectoryUser, Tenant
from tenants.permissions import Actor
from tenants.services import device_side
from tests import factories

FIRST = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def switch_on(tenant: Tenant) -> str:
    """The device side on, and its key."""
    now, actor = timezone.now(), Actor.system()
    device_side.change(tenant=tenant, actor=actor, values={"is_on": True}, revision=0, now=now)
    return device_side.rotate(tenant=tenant, actor=actor, now=now)


@dataclass
class Machine:
    """One machine: its hardware, what it was told, its secret; every capture is a later one."""

    key: str
    hardware: HardwareIdentity
    secret: str = ""
    captures: int = 0
    client: Client = field(default_factory=lambda: Client(enforce_csrf_checks=True))

    def ask(self, path: str, **body: Any) -> Any:
        """POST a request with a fresh capture."""
        self.captures += 1
        fresh = synthetic.recapture(self.hardware, at=FIRST + timedelta(hours=self.captures))
        return self.send(path, {"hardwareHash": encode_base64(fresh), **body})

    def send(self, path: str, body: Any) -> Any:
        """POST a body with the headers of this machine."""
        headers = {"Authorization": f"Bearer {self.key}"}
        if self.secret:
            headers["X-Hangar-Device-Secret"] = self.secret
        url = f"/device/v1/{path}"
        return self.client.post(url, body, content_type="application/json", headers=headers)

    def exchange(self, **parts: Any) -> None:
        """Give the machine other parts (see synthetic.recapture)."""
        self.hardware = synthetic.recapture(self.hardware, at=FIRST, **parts)

    def fetch(self, **body: Any) -> dict[str, Any]:
        """Its profile, as in the set-up."""
        answer = self.ask("profile", **body)
        assert answer.status_code == 200, answer.content
        return dict(answer.json())

    def enroll(self, mode: str = "userDriven", **body: Any) -> dict[str, Any]:
        """Enroll and keep the secret."""
        return self._enrolled(self.ask("enrollments", mode=mode, **body))

    def join(self, mode: str, **body: Any) -> dict[str, Any]:
        """Join without a profile and keep the secret."""
        return self._enrolled(self.ask("joins", mode=mode, **body))

    def _enrolled(self, answer: Any) -> dict[str, Any]:
        assert answer.status_code == 200, answer.content
        self.secret = answer.json()["deviceSecret"]
        return dict(answer.json())

    def check_in(self, **body: Any) -> dict[str, Any]:
        """Report and get what waits."""
        answer = self.ask("check-ins", **body)
        assert answer.status_code == 200, answer.content
        return dict(answer.json())

    def forget(self) -> None:
        """The system was installed anew: no secret is left."""
        self.secret = ""


@pytest.fixture(autouse=True)
def _own_limits() -> None:
    """The counters of one test are not another's."""
    cache.clear()


@pytest.fixture
def key(contoso: Tenant) -> str:
    """Contoso's enrolment key."""
    return switch_on(contoso)


@pytest.fixture
def ann(contoso: Tenant) -> DirectoryUser:
    """A licensed user."""
    return factories.make_directory_user(contoso, "ann@contoso.example")


@pytest.fixture
def machine(key: str) -> Callable[..., Machine]:
    """A made-up machine by its seed, not registered."""

    def make(seed: int = 1, **parts: Any) -> Machine:
        return Machine(key, synthetic.machine(seed=seed, **parts))

    return make


@pytest.fixture
def registered(contoso: Tenant, machine: Callable[..., Machine]) -> Callable[..., Machine]:
    """A made-up machine that is registered and listed."""

    def make(seed: int = 1, **fields: Any) -> Machine:
        factories.machines(contoso, 1, first=seed, **fields)
        return machine(seed)

    return make
