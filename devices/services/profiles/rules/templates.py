"""Ready rules for Windows Autopilot groups.

Source: "Enroll Windows Autopilot devices", dynamic device groups [D].
"""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from devices.services.profiles.rules.tokens import quoted


@dataclass(frozen=True, slots=True)
class Template:
    """A ready rule; text is the rule itself, to be completed where it holds example values."""

    word: str
    label: Any
    text: str


def all_autopilot() -> str:
    """Every object a registration made."""
    return '(device.devicePhysicalIDs -any (_ -startsWith "[ZTDid]"))'


def order_id(tag: str) -> str:
    """Objects of the devices with this group tag."""
    return f"(device.devicePhysicalIds -any (_ -eq {quoted(f'[OrderID]:{tag}')}))"


def purchase_order(number: str) -> str:
    """Objects of the devices with this purchase order."""
    return f"(device.devicePhysicalIds -any (_ -eq {quoted(f'[PurchaseOrderId]:{number}')}))"


def tag_prefix(prefix: str) -> str:
    """Objects of the devices whose group tag begins like this."""
    return f"(device.devicePhysicalIds -any (_ -startsWith {quoted(f'[OrderID]:{prefix}')}))"


TEMPLATES = (
    Template("all_autopilot", _("All Autopilot devices"), all_autopilot()),
    Template("order_id", _("One group tag"), order_id("KIOSK")),
    Template("tag_prefix", _("Group tags beginning with"), tag_prefix("SALES-")),
    Template("purchase_order", _("One purchase order"), purchase_order("76222342342")),
)
