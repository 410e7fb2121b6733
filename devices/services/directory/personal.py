"""Objects of machines that the directory holds already: a registration is awkward, or impossible.

Sources: registered-device warning [D]; 814 ZtdDeviceAlreadyAadRegistered, an object of a joined device
stands where registration would make its own [D]. A machine may always be registered again [D], so an
object that a registration made, or that a registered device joined, is in nobody's way [I]. A device that
moves from another tenant stays there for either kind: both want the object removed first [D].
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from uuid import UUID

from django.db.models import Q, QuerySet

from devices.hardware.identity import is_generic_serial
from devices.models import AutopilotDevice, EntraDevice, ManagedDevice
from tenants.models import Tenant

TrustType = EntraDevice.TrustType
JOINED = (TrustType.ENTRA, TrustType.HYBRID)
PERSONAL = Q(trust_type=TrustType.REGISTERED) | Q(is_company_owned=False)
Name = tuple[str, str, str]


def personal_serials(*, tenant: Tenant, serials: Collection[str]) -> set[str]:
    """Those of the serial numbers under which the directory holds a personal, unlinked object."""
    rows = EntraDevice.objects.of(tenant).live().filter(serial_number__in=set(serials) - {""}, ztdid=None)
    return set(rows.filter(PERSONAL).values_list("serial_number", flat=True))


def joined_machines(*, tenant: Tenant, machines: Collection[Name]) -> set[Name]:
    """Those of the machines (serial number, manufacturer, model) that joined without any registration."""
    serials = {serial for serial, _manufacturer, _model in machines if not is_generic_serial(serial)}
    rows = (
        EntraDevice.objects.of(tenant)
        .live()
        .filter(
            serial_number__in=serials,
            trust_type__in=JOINED,
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
    return {found[pk] for pk in found.keys() - _registered([tenant], list(found))}


def in_the_way(
    *, tenants: Sequence[Tenant], devices: QuerySet[AutopilotDevice]
) -> dict[UUID, dict[UUID, str]]:
    """By tenant, the serial numbers of those of another one's devices that its directory holds already."""
    rows = EntraDevice.objects.across(tenants).live().filter(ztdid=None)
    rows = rows.filter(PERSONAL | Q(trust_type__in=JOINED, twin_of=None))
    known = list(
        rows.filter(serial_number__in=devices.order_by().values("serial_number")).only(
            *("tenant_id", "serial_number", "manufacturer", "model", "trust_type", "is_company_owned")
        )
    )
    made = _registered(tenants, [each.pk for each in known if not each.is_personal])
    serials = {each.serial_number for each in known if not is_generic_serial(each.serial_number)}
    meant: dict[str, list[AutopilotDevice]] = defaultdict(list)
    alike = devices.filter(serial_number__in=serials).select_related(None)
    for device in alike.only("serial_number", "manufacturer", "model"):
        meant[device.serial_number].append(device)
    found: dict[UUID, dict[UUID, str]] = defaultdict(dict)
    for each in known:
        for device in meant[each.serial_number] if each.pk not in made else ():
            is_same = (device.manufacturer, device.model) == (each.manufacturer, each.model)
            if each.is_personal or is_same:
                found[each.tenant_id][device.pk] = each.serial_number
    return dict(found)


def _registered(tenants: Sequence[Tenant], objects: Sequence[UUID]) -> set[UUID]:
    """Those of the objects that a registration made, or that a registered device joined."""
    if not objects:
        return set()
    made = AutopilotDevice.objects.across(tenants).filter(entra_device__in=objects)
    managed = ManagedDevice.objects.across(tenants).filter(autopilot_device__isnull=False)
    joined = managed.filter(entra_device__in=objects)
    return {
        *made.values_list("entra_device", flat=True),
        *joined.values_list("entra_device", flat=True),
    }
