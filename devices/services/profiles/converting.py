"""Which profile registers a device by itself: *Convert all targeted devices to Autopilot*.

Rule: corporate, enrolled, unregistered devices of the groups a profile with that setting is assigned to
("Automatic registration" [D]); which of several profiles says so does not matter.
"""

from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from devices.models import DeploymentProfile, GroupMember, ProfileAssignment
from tenants.models import Tenant

Kind = ProfileAssignment.Kind


def converting_profile(*, tenant: Tenant, entra_device_id: UUID) -> DeploymentProfile | None:
    """The oldest profile that targets the object and converts; None where there is none."""
    holding = GroupMember.objects.filter(group=OuterRef("group"), device=entra_device_id)
    reached = ProfileAssignment.objects.filter(Exists(holding), profile=OuterRef("pk"))
    rows = DeploymentProfile.objects.of(tenant).filter(hardware_hash_extraction_enabled=True)
    rows = rows.filter(Q(is_for_all_devices=True) | Exists(reached.filter(kind=Kind.INCLUDE)))
    rows = rows.exclude(Exists(reached.filter(kind=Kind.EXCLUDE)))
    found: DeploymentProfile | None = rows.order_by("created_at", "pk").first()
    return found
