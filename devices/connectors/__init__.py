"""The only way services write device facts: base.py the contract, local.py Hangar's own registry.

A connector for Microsoft Graph will stand beside local.py.
"""

from django.utils.translation import gettext as _

from devices.connectors.base import Connector
from devices.connectors.local import LocalConnector
from portal.errors import Refused
from tenants.models import Tenant


class NoConnector(Refused):
    """The tenant's authority has no connector yet."""

    code = "no_connector"
    status = 409


def connector_for(tenant: Tenant) -> Connector:
    """The connector of the tenant's authority; raises NoConnector where there is none."""
    if tenant.authority == Tenant.Authority.LOCAL:
        return LocalConnector()
    raise NoConnector(_("This tenant's authority cannot be reached from this version of Hangar."))


__all__ = ["Connector", "LocalConnector", "NoConnector", "connector_for"]
