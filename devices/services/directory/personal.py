"""Personal records of machines: what makes a registration awkward (registered-device warning [D])."""

from collections.abc import Collection

from django.db.models import Q

from devices.models import EntraDevice
from tenants.models import Tenant


def personal_serials(*, tenant: Tenant, serials: Collection[str]) -> set[str]:
    """Those of the serial numbers under which the directory holds a personal, unlinked object."""
    rows = EntraDevice.objects.of(tenant).live().filter(serial_number__in=set(serials) - {""}, ztdid=None)
    personal = Q(trust_type=EntraDevice.TrustType.REGISTERED) | Q(is_company_owned=False)
    return set(rows.filter(personal).values_list("serial_number", flat=True))
