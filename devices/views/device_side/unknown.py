"""Every other address below `/device/v1/`: a problem as everywhere there, not a page."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from devices.views.device_side.door import door
from portal.errors import NotFound
from tenants.models import Tenant
from tenants.permissions import Actor


@door(None)
def no_such_address(request: HttpRequest, tenant: Tenant, actor: Actor) -> dict[str, Any]:
    """Tell whoever has the tenant's key; raises NotFound."""
    raise NotFound(_("The device side has no such address."), code="no_such_address")
