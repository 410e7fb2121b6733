"""Notice an import that seems to belong to another tenant of the same administrator.

Where most user domains, or most of the machines that are registered somewhere, are another tenant's,
its commit wants this tenant's name typed.
"""

from uuid import UUID

from django.db import connection

from devices.models import Import
from tenants.models import Membership, Tenant
from tenants.permissions import Actor, granted

DOMAINS, DEVICES = "domains", "devices"
NOTICE = "foreign_tenant"


def notice(import_: Import, *, actor: Actor) -> None:
    """Write on the import whether the tenant's name has to be typed, and why."""
    others = _administered(import_, actor)
    for reason, counts in ((DEVICES, _devices(import_)), (DOMAINS, _domains(import_))):
        total = sum(counts.values())
        for tenant, count in counts.items():
            if tenant in others and 2 * count > total:
                import_.needs_tenant_typed = True
                import_.foreign_tenant_reason = reason
                import_.notices = [
                    *import_.notices,
                    {"code": NOTICE, "tenant": str(tenant), "count": count, "total": total},
                ]
                import_.save(update_fields=["needs_tenant_typed", "foreign_tenant_reason", "notices"])
                return


def _administered(import_: Import, actor: Actor) -> set[UUID]:
    """The other tenants where the actor may import."""
    if actor.user is None:
        return set(Tenant.objects.exclude(pk=import_.tenant_id).values_list("pk", flat=True))
    rows = Membership.unscoped.filter(user=actor.user, is_active=True).exclude(tenant=import_.tenant_id)
    return {row.tenant_id for row in rows if "devices.import" in granted(row.roles)}


def _devices(import_: Import) -> dict[UUID, int]:
    """Rows by the tenant their machine is registered in."""
    return _counts(
        "SELECT existing_tenant, count(*) FROM devices_importrow "
        "WHERE of_id = %s AND existing_tenant IS NOT NULL GROUP BY existing_tenant",
        import_,
    )


def _domains(import_: Import) -> dict[UUID, int]:
    """Rows by the tenant that verified the domain of their user."""
    return _counts(
        "SELECT d.tenant_id, count(*) FROM devices_importrow r JOIN tenants_verifieddomain d "
        "ON lower(d.name) = lower(split_part(r.assigned_user, '@', 2)) "
        "WHERE r.of_id = %s AND r.assigned_user <> '' GROUP BY d.tenant_id",
        import_,
    )


def _counts(sql: str, import_: Import) -> dict[UUID, int]:
    with connection.cursor() as cursor:
        cursor.execute(sql, [import_.pk])
        return dict(cursor.fetchall())
