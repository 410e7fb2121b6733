"""The tiles of a partner's overview about devices."""

from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from devices.models import KnownMachine, Submission
from devices.services.partners.listing import devices
from tenants.models import Partner


def tiles(request: HttpRequest) -> list[dict[str, Any]]:
    """One section: devices registered, uploads and what failed in them, reported hashes."""
    partner: Partner = request.partner  # type: ignore[attr-defined]
    scope = {"partner_slug": partner.slug}
    batches = reverse("devices:partner_batches", kwargs=scope)
    counts = Submission.objects.of(partner).aggregate(
        all=Count("pk"),
        unfinished=Count("pk", filter=Q(state__in=["queued", "processing"])),
        stopped=Count("pk", filter=Q(state="stopped")),
    )
    found = [
        _tile(
            _("Devices registered"),
            devices(partner).count(),
            reverse("devices:partner_devices", kwargs=scope),
        ),
        _tile(_("Uploads"), counts["all"], batches),
        _tile(_("Uploads running"), counts["unfinished"], f"{batches}?state=queued&state=processing"),
        _tile(_("Uploads stopped"), counts["stopped"], f"{batches}?state=stopped", "danger"),
    ]
    if "hashes.report" in request.permissions:  # type: ignore[attr-defined]
        reported = KnownMachine.objects.filter(reported_by=partner).count()
        found.append(_tile(_("Hashes reported"), reported, f"{batches}?kind=report"))
    return [{"title": _("Devices"), "url": batches, "tiles": found}]


def _tile(label: str, value: int, url: str, tone: str = "") -> dict[str, Any]:
    return {"label": label, "value": value, "url": url, "tone": tone if value else ""}
