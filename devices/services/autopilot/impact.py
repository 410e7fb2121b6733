"""What a deletion would hit: counts, and the devices to look at first."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Case, Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Value, When

from devices.models import AutopilotDevice, ManagedDevice, RegistrationHash

RECENT = timedelta(days=30)
TYPED_ABOVE = 20
ENROLLED = Q(enrollment_state__in=["enrolled", "pending_reset"])


@dataclass(frozen=True, slots=True)
class Impact:
    """Counts over all rows; `devices` the first of them, recently seen and enrolled first."""

    total: int
    enrolled: int
    recent: int
    with_user: int
    without_hash: int
    devices: list[AutopilotDevice]
    partners: list[tuple[str, int]]

    @property
    def must_type(self) -> bool:
        """Whether the count and the tenant's name have to be typed."""
        return self.total > TYPED_ABOVE

    @property
    def more(self) -> int:
        """How many devices are not shown."""
        return self.total - len(self.devices)


def measure(*, rows: QuerySet[AutopilotDevice], now: datetime, limit: int = 50) -> Impact:
    """The impact of deleting the rows; each shown device has `is_managed` and `is_hash_held`."""
    managed = ManagedDevice.unscoped.filter(autopilot_device=OuterRef("pk"), removed_at=None)
    held = RegistrationHash.objects.filter(registration=OuterRef("pk"))
    rows = rows.annotate(is_managed=Exists(managed), is_hash_held=Exists(held)).order_by()
    is_recent = Q(last_contacted_at__gte=now - RECENT)
    counts = rows.aggregate(
        total=Count("pk"),
        enrolled=Count("pk", filter=Q(is_managed=True) | ENROLLED),
        recent=Count("pk", filter=is_recent),
        with_user=Count("pk", filter=~Q(user_principal_name="")),
        without_hash=Count("pk", filter=Q(is_hash_held=False)),
    )
    first = Case(
        When(is_recent & (Q(is_managed=True) | ENROLLED), then=Value(0)),
        When(is_recent | Q(is_managed=True) | ENROLLED, then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    order = (first, F("last_contacted_at").desc(nulls_last=True), "serial_number", "pk")
    # Only keys are sorted: the whole rows of a large selection take several times as long
    keys = rows.order_by(*order).values("pk")[:limit]
    shown: list[AutopilotDevice] = [
        *rows.filter(pk__in=keys).select_related("partner").order_by(*order),
    ]
    return Impact(**counts, devices=shown, partners=_partners(rows))


def _partners(rows: QuerySet[AutopilotDevice]) -> list[tuple[str, int]]:
    """Who may register the devices again: each partner and how many it registered."""
    registered = rows.filter(partner__isnull=False).values_list("partner__name")
    return list(registered.annotate(n=Count("pk")).order_by("partner__name"))
