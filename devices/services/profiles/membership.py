"""Dynamic membership of groups: three ready rules on the physical ids of Entra device objects.

Rule texts: "Enroll Windows Autopilot devices", dynamic device groups [D]. Like Microsoft Entra, the
comparison ignores case. A deleted object leaves every group.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import connection

from devices.models import Group
from tenants.models import Tenant

RULE_TEXTS = {
    Group.Rule.ALL_AUTOPILOT: '(device.devicePhysicalIDs -any (_ -startsWith "[ZTDid]"))',
    Group.Rule.ORDER_ID: '(device.devicePhysicalIds -any (_ -eq "[OrderID]:{value}"))',
    Group.Rule.PURCHASE_ORDER: '(device.devicePhysicalIds -any (_ -eq "[PurchaseOrderId]:{value}"))',
}

OBJECTS_OF = "SELECT d.entra_device_id FROM devices_autopilotdevice d WHERE d.id = ANY(%s)"

WANTED = """
    SELECT g.id AS group_id, e.id AS device_id
    FROM {objects} e CROSS JOIN LATERAL unnest(e.physical_ids) AS p(text)
    JOIN devices_group g ON lower(p.text) = lower(CASE g.rule
        WHEN 'order_id' THEN '[OrderID]:' || g.rule_value
        WHEN 'purchase_order' THEN '[PurchaseOrderId]:' || g.rule_value END)
    WHERE g.tenant_id = %s AND g.membership = 'dynamic' AND e.deleted_at IS NULL
    UNION
    SELECT g.id, e.id
    FROM {objects} e JOIN devices_group g ON g.rule = 'all_autopilot'
    WHERE g.tenant_id = %s AND g.membership = 'dynamic' AND e.deleted_at IS NULL
    AND EXISTS (SELECT 1 FROM unnest(e.physical_ids) AS p(text) WHERE starts_with(lower(p.text), '[ztdid]'))
"""


def rule_text(group: Group) -> str:
    """The group's rule in Entra's rule language; empty for assigned membership."""
    text = RULE_TEXTS.get(Group.Rule(group.rule), "")
    value = group.rule_value.replace("\\", "\\\\").replace('"', '\\"')
    return text.replace("{value}", value)


def refresh_members(
    *,
    tenant: Tenant,
    device_ids: Sequence[UUID] | None = None,
    entra_device_ids: Sequence[UUID] | None = None,
) -> int:
    """Bring dynamic groups in line with these objects, or those of these Autopilot devices, or all.

    Returns the number of memberships added and removed.
    """
    objects, parameters = _objects(tenant, device_ids, entra_device_ids)
    wanted = WANTED.format(objects=objects)
    both = [*parameters, tenant.pk, *parameters, tenant.pk]
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM devices_groupmember m USING devices_group g, "
            f"{objects} e WHERE g.id = m.group_id AND e.id = m.device_id AND g.tenant_id = %s "
            "AND (e.deleted_at IS NOT NULL OR (g.membership = 'dynamic' "
            f"AND (m.group_id, m.device_id) NOT IN ({wanted})))",
            [*parameters, tenant.pk, *both],
        )
        changed = cursor.rowcount
        cursor.execute(
            "INSERT INTO devices_groupmember (group_id, device_id, added_at) "
            f"SELECT w.group_id, w.device_id, now() FROM ({wanted}) w "
            "ORDER BY w.group_id, w.device_id ON CONFLICT (group_id, device_id) DO NOTHING",
            both,
        )
        return changed + cursor.rowcount


def _objects(
    tenant: Tenant, device_ids: Sequence[UUID] | None, entra_device_ids: Sequence[UUID] | None
) -> tuple[str, list[Any]]:
    """A derived table of the Entra objects in question, and its parameters."""
    rows = "SELECT id, physical_ids, deleted_at FROM devices_entradevice WHERE tenant_id = %s"
    if entra_device_ids is not None:
        return f"({rows} AND id = ANY(%s))", [tenant.pk, list(entra_device_ids)]
    if device_ids is None:
        return f"({rows})", [tenant.pk]
    return f"({rows} AND id IN ({OBJECTS_OF}))", [tenant.pk, list(device_ids)]
