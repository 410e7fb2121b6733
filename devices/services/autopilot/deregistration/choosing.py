"""Which devices a list of serial numbers or ids names: exactly those, and why the others are none."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from django.utils.translation import gettext as _

from devices.connectors import connector_for
from devices.models import AutopilotDevice
from tenants.models import Tenant

from .steps import NAMES


@dataclass(frozen=True, slots=True)
class Left:
    """A name that stands for no device that can be removed, and why."""

    name: str
    code: str
    reason: str


@dataclass(slots=True)
class Choice:
    """The devices found, by id, and the names left over."""

    ids: set[UUID] = field(default_factory=set)
    left: list[Left] = field(default_factory=list)


def choose(*, tenant: Tenant, serials: Iterable[str] = (), ids: Iterable[UUID] = ()) -> Choice:
    """Look the names up in the tenant's list; a serial that several devices share names none of them."""
    choice = Choice()
    _by_serial(tenant, list(dict.fromkeys(serials)), choice)
    _by_id(tenant, list(dict.fromkeys(ids)), choice)
    return choice


def _by_serial(tenant: Tenant, serials: list[str], choice: Choice) -> None:
    found = defaultdict(list)
    rows = AutopilotDevice.objects.of(tenant).live().filter(serial_number__in=serials)
    for serial, pk in rows.order_by("pk").values_list("serial_number", "pk"):
        found[serial].append(pk)
    for serial in serials:
        if len(found[serial]) == 1:
            choice.ids.add(found[serial][0])
        elif found[serial]:
            named = ", ".join(map(str, found[serial]))
            sentence = _("Several devices have this serial number. Name one by its id: %(ids)s")
            choice.left.append(Left(serial, "ambiguous", sentence % {"ids": named}))
        else:
            choice.left.append(Left(serial, "807", str(NAMES[807])))


def _by_id(tenant: Tenant, ids: list[UUID], choice: Choice) -> None:
    listed = set(AutopilotDevice.objects.of(tenant).live().filter(pk__in=ids).values_list("pk", flat=True))
    choice.ids |= listed
    others = [pk for pk in ids if pk not in listed]
    refusals = connector_for(tenant).refusals(tenant=tenant, device_ids=others) if others else {}
    for pk in others:
        if pk in refusals:
            number = refusals[pk][0]
            choice.left.append(Left(str(pk), str(number), str(NAMES[number])))
        else:
            sentence = _("Registered in this tenant, but not in its list yet. Sync first.")
            choice.left.append(Left(str(pk), "not_listed", sentence))
