"""Some devices of a job that have the same thing to do next, and what may come of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from devices.connectors import connector_for
from devices.connectors.base import Connector
from devices.models import AutopilotDevice, Deregistration
from tenants.models import Job, Tenant
from tenants.permissions import Actor


@dataclass(frozen=True, slots=True)
class Found:
    """Something to do: the object meant by its id, what it is now, and what the service is asked."""

    request: str
    object_id: UUID | None = None
    before: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Settled:
    """A step that is over: its result, and what the object is now."""

    result: str
    object_id: UUID | None = None
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Over:
    """The device is done with before its last step: it left meanwhile, or the service refuses for good."""

    state: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Busy:
    """Not now: tried again later."""

    code: str
    message: str


Look = dict[UUID, Found | Settled | Over]
Answers = dict[UUID, Over]
Confirmed = dict[UUID, Settled | Over]


@dataclass(slots=True)
class Slice:
    """Devices of one job at one step and phase."""

    job: Job
    actor: Actor
    rows: Sequence[Deregistration]
    now: datetime

    @property
    def tenant(self) -> Tenant:
        """The tenant the devices leave."""
        return self.job.tenant

    @property
    def ids(self) -> list[UUID]:
        """The devices' ids."""
        return [row.device_id for row in self.rows]

    @property
    def connector(self) -> Connector:
        """The way to the tenant's service."""
        return connector_for(self.tenant)

    def part(self, rows: Sequence[Deregistration]) -> "Slice":
        """The same with some of the devices."""
        return Slice(self.job, self.actor, rows, self.now)

    def devices(self) -> dict[UUID, AutopilotDevice]:
        """The devices still in the list, locked against everyone else."""
        rows = AutopilotDevice.objects.of(self.tenant).live().filter(pk__in=self.ids)
        return {row.pk: row for row in rows.select_for_update(of=("self",)).order_by("pk")}


class LocalStep:
    """The base of steps: asks nothing of the service."""

    def send(self, work: Slice) -> Answers:
        """Nothing is asked of the service."""
        return {}

    def read_back(self, work: Slice) -> Confirmed:
        """Nothing was asked of the service."""
        return {}


class Step(Protocol):
    """One step; each call serves a whole slice in a fixed number of statements."""

    name: str
    title: Any

    def look(self, work: Slice) -> Look:
        """What stands before the step, for every device."""
        ...

    def send(self, work: Slice) -> Answers:
        """Ask the service; devices that are not named were accepted. May raise ServiceBusy."""
        ...

    def read_back(self, work: Slice) -> Confirmed:
        """The devices on which the service shows the step done, and their list brought in line."""
        ...
