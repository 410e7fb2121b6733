"""Which attributes of a device object rules may read, and which of Entra's Hangar does not hold.

Source: the list "Rules for devices" of Microsoft's page [D]. Values an object does not have are null.
"""

from dataclasses import dataclass
from typing import Any

from devices.services.profiles.rules.folding import folded

TEXT, YES_NO, TEXTS = "text", "yes_no", "texts"


@dataclass(frozen=True, slots=True)
class Attribute:
    """name as Entra spells it; sql: the value of the row named e, texts in lower case, '' as null."""

    name: str
    kind: str
    sql: str

    @property
    def column(self) -> str:
        """The column of the objects that are evaluated."""
        return self.name.lower()


def _text(name: str, column: str) -> Attribute:
    return Attribute(name, TEXT, folded(f"NULLIF(e.{column}, '')"))


HELD = (
    Attribute("accountEnabled", YES_NO, "e.is_enabled"),
    Attribute("deviceId", TEXT, "e.device_id::text"),
    _text("deviceManufacturer", "manufacturer"),
    _text("deviceModel", "model"),
    _text("deviceOSType", "operating_system"),
    _text("deviceOSVersion", "os_version"),
    Attribute("deviceOwnership", TEXT, "CASE WHEN e.is_company_owned THEN 'company' ELSE 'personal' END"),
    Attribute(
        "devicePhysicalIds",
        TEXTS,
        f"ARRAY(SELECT {folded('p.value')} FROM unnest(e.physical_ids) AS p(value))",
    ),
    _text("deviceTrustType", "trust_type"),
    _text("displayName", "display_name"),
    _text("enrollmentProfileName", "enrollment_profile"),
    _text("managementType", "management_type"),
    Attribute("objectId", TEXT, "e.id::text"),
)
BY_NAME = {each.name.lower(): each for each in HELD}
NOT_HELD = {
    "deviceCategory",
    "deviceManagementAppId",
    "isRooted",
    "memberOf",
    "organizationalUnit",
    "profileType",
    "systemLabels",
    *(f"extensionAttribute{number}" for number in range(1, 16)),
}
NOT_HELD_BY_NAME = {name.lower(): name for name in NOT_HELD}


def facts_of(entra: Any) -> dict[str, Any]:
    """The values of an Entra device object by attribute name, as rules see them."""
    return {
        "accountEnabled": entra.is_enabled,
        "deviceId": str(entra.device_id),
        "deviceManufacturer": entra.manufacturer or None,
        "deviceModel": entra.model or None,
        "deviceOSType": entra.operating_system or None,
        "deviceOSVersion": entra.os_version or None,
        "deviceOwnership": "Company" if entra.is_company_owned else "Personal",
        "devicePhysicalIds": tuple(entra.physical_ids),
        "deviceTrustType": entra.trust_type or None,
        "displayName": entra.display_name or None,
        "enrollmentProfileName": entra.enrollment_profile or None,
        "managementType": entra.management_type or None,
        "objectId": str(entra.pk),
    }
