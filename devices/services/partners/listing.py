"""The devices a partner sees: those it registered, in tenants that authorize it now.

Devices that a customer registered are invisible to partners [D].
"""

from typing import Any

from django.db.models import QuerySet

from devices.models import Registration
from tenants.models import Partner
from tenants.services.partners import consents


def devices(partner: Partner) -> QuerySet[Any]:
    """Live registrations of the partner."""
    rows: QuerySet[Any] = Registration.unscoped.live().filter(partner=partner)
    return rows.filter(tenant__in=consents.served(partner).order_by().values("pk")).select_related("tenant")
