"""Objects of machines that the directory holds already: a registration is awkward, or impossible.

Sources: registered-device warning [D]; 814 ZtdDeviceAlreadyAadRegistered, an object of a joined device
stands where registration would make its own [D]. A machine may always be registered again [D], so an
object that a registration made, or that a registered device joined, is in nobody's way [I].
"""

from collections.abc import Collection, Sequence
from uuid import UUID

from django.db.models import Q

from devices.hardware.identity import is_generic_serial
from devices.models import AutopilotDevice, EntraDevice, ManagedDevice
from tenants.models import Tenant

TrustType = EntraDevice.TrustType
Name = tuple[str, str, str]


def personal_serials(*, tenant: Tenant, serials: Collection[str]) -> set[str]:
    """Those of the serial numbers under which the directory holds a personal, unlinked object."""
    rows = EntraDevice.objects.of(tenant).live().filter(serial_number__in=set(serials) - {""}, ztdid=None)
    personal = Q(trust_type=TrustType.REGISTERED) | Q(is_company_owned=False)
    return set(rows.filter(personal).values_list("serial_number", flat=True))


def joined_machines(*, tenant: Tenant, machines: Collection[Name]) -> set[Name]:
    """Those of the machines (serial number, manufacturer, model) that joined without any registration."""
    serials = {serial for serial, _manufacturer, _model in machines if not is_generic_serial(serial)}
    rows = (
        EntraDevice.objects.of(tenant)
        .live()
        .filter(
            serial_number__in=serials,
            trust_type__in=(TrustType.ENTRA, TrustType.HYBRID),
            ztdid=None,
            twin_of=None,
        )
    )
    found: dict[UUID, Name] = {
        pk: (serial, manufacturer, model)
        for pk, serial, manufacturer, model in rows.values_list(
            "pk", "serial_number", "manufacturer", "model"
        )
        if (serial, manufacturer, model) in machines
    }
    return {found[pk] for pk in found.keys() - _registered(tenant, list(found))}


def _registered(tenant: Tenant, objects: Sequence[UUID]) -> set[UUID]:
    """Those of the objects that a registration made, or that a registered device joined."""
    if not objects:
        return set()
    made = AutopilotDevice.objects.of(tenant).filter(entra_device__in=objects)
    joined = ManagedDevice.objects.of(tenant).filter(entra_device__in=objects, autopilot_device__isnull=False)
    return {
        *made.values_list("entra_device", flat=True),
        *joined.values_list("entra_device", flat=True),
    }
