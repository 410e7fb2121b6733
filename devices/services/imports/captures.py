"""Captures by reference, inside a tenant: a device of the list, or a row of an import; and their kin.

A reference is `device:<id>` or `row:<import id>:<number>`: what a link to the comparison carries.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from devices.hardware.decode import decode
from devices.hardware.identity import HardwareIdentity
from devices.models import AutopilotDevice, Import, ImportRow
from devices.registry.recognition import Place, recognise
from devices.services.autopilot import facts
from portal.errors import NotFound
from tenants.models import Tenant

LONGEST_NUMBER = 9


class NoSuchCapture(NotFound):
    """The reference names nothing in this tenant."""

    code = "no_such_capture"


@dataclass(frozen=True, slots=True)
class Capture:
    """One side of a comparison; identity is None where its hash is not held any more."""

    identity: HardwareIdentity | None
    title: str
    device: AutopilotDevice | None = None
    row: ImportRow | None = None
    reference: str = ""


def find(*, tenant: Tenant, reference: str) -> Capture:
    """The capture a reference names; raises NoSuchCapture."""
    kind, _colon, rest = reference.partition(":")
    found = {"device": _device, "row": _row}.get(kind, _nothing)(tenant, rest)
    if found is None:
        raise NoSuchCapture(_("There is no such device or import row in this tenant."))
    return found


def pasted(identity: HardwareIdentity) -> Capture:
    """A hash that somebody typed or pasted; it is kept nowhere."""
    return Capture(identity, _("Pasted hash"))


def kin(*, tenant: Tenant, capture: Capture) -> list[AutopilotDevice]:
    """The tenant's other devices that share an identity key with a capture, closest first."""
    if capture.identity is None:
        return []
    place: Place = recognise(tenant=tenant, identities={0: capture.identity})[0]
    standing = place.standing
    holders = (*standing.same, *standing.replaced, *standing.clashing, *standing.donors)
    ids = list(dict.fromkeys(each.registration for each in holders if each.tenant == tenant.pk))
    found = AutopilotDevice.objects.of(tenant).in_bulk(ids)
    mine = capture.device.pk if capture.device else None
    return [found[pk] for pk in ids if pk in found and pk != mine]


def _nothing(tenant: Tenant, rest: str) -> None:
    return None


def _device(tenant: Tenant, rest: str) -> Capture | None:
    pk = _uuid(rest)
    device = AutopilotDevice.objects.of(tenant).filter(pk=pk).first() if pk else None
    if device is None:
        return None
    identity = facts.hardware_of(tenant=tenant, device_id=device.pk)
    return Capture(identity, device.serial_number, device=device, reference=f"device:{device.pk}")


def _row(tenant: Tenant, rest: str) -> Capture | None:
    import_id, _colon, number = rest.partition(":")
    pk = _uuid(import_id)
    if pk is None or not number.isascii() or not number.isdigit() or len(number) > LONGEST_NUMBER:
        return None
    import_: Any = Import.objects.of(tenant).filter(pk=pk).first()
    row = ImportRow.objects.filter(of=import_, number=int(number)).select_related("of").first()
    if import_ is None or row is None:
        return None
    words = {"row": row.number, "name": import_.name}
    title = _("Row %(row)d of %(name)s") % words
    identity = decode(bytes(row.blob)) if row.blob else None
    return Capture(identity, title, row=row, reference=f"row:{import_.pk}:{row.number}")


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
