"""The devices a partner sees: those it registered, in tenants that authorize it now.

Devices that a customer registered are invisible to partners [D].
"""

from typing import Any

from django.db.models import QuerySet

from devices.models import DeviceBatch, Registration, SubmissionRow
from tenants.models import Partner
from tenants.services.partners import consents


def devices(partner: Partner) -> QuerySet[Any]:
    """Live registrations of the partner."""
    rows: QuerySet[Any] = Registration.unscoped.live().filter(partner=partner)
    return rows.filter(tenant__in=consents.served(partner).order_by().values("pk")).select_related("tenant")


def devices_of(batch: DeviceBatch) -> QuerySet[Any]:
    """Live registrations that uploads into the batch made."""
    done = SubmissionRow.objects.filter(of__batch=batch, outcome=SubmissionRow.Outcome.REGISTERED)
    rows = devices(batch.partner).filter(tenant=batch.tenant)
    return rows.filter(pk__in=done.values("device_id"))
