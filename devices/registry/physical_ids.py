"""The physical ids that registration writes on a Microsoft Entra device object.

Source: "Enroll Windows Autopilot devices", dynamic group rules on devicePhysicalIds [D].
"""

from uuid import UUID

ZTDID = "[ZTDID]:"
ORDER_ID = "[OrderID]:"
PURCHASE_ORDER = "[PurchaseOrderId]:"

SQL = f"""array_remove(ARRAY[
    '{ZTDID}' || r.id::text,
    CASE WHEN r.group_tag <> '' THEN '{ORDER_ID}' || r.group_tag END,
    CASE WHEN r.purchase_order <> '' THEN '{PURCHASE_ORDER}' || r.purchase_order END
], NULL)::varchar(600)[]"""


def compose(*, ztdid: UUID, group_tag: str = "", purchase_order: str = "") -> list[str]:
    """The ids of one object, as SQL composes them from a registration named r."""
    ids = [f"{ZTDID}{ztdid}"]
    if group_tag:
        ids.append(f"{ORDER_ID}{group_tag}")
    if purchase_order:
        ids.append(f"{PURCHASE_ORDER}{purchase_order}")
    return ids
