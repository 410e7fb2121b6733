"""The audit log: every change of the tenant, who made it, and what it touched."""

from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Subquery
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from portal.ui.list_blade import ListBlade
from portal.ui.panels import render_flyout
from tenants.access import fetch, needs
from tenants.filters.audit import AuditFilters
from tenants.models import AuditEvent, AuditTarget
from tenants.services import kept_values
from tenants.tables.audit import VIA, AuditTable

MOST_TARGETS = 200


class AuditLog(ListBlade):
    """The list of events."""

    permission = "audit.read"
    title = _("Audit log")
    breadcrumb = (_("Operations"), _("Audit log"))
    noun = (_("event"), _("events"))
    url_name = "tenants:audit"
    object_url_name = "tenants:audit_event"
    table_class = AuditTable
    filterset_class = AuditFilters
    search_column = "search"
    search_prefix = "activity"
    search_placeholder = _("Search by activity, person or summary")
    default_sort = "-at"
    commands = ("filter", "export", "refresh", "columns")
    empty_title = _("Nothing happened yet")
    export_name = "audit"

    def get_queryset(self) -> Any:
        """The tenant's events, each with the name of its first target."""
        first = AuditTarget.objects.filter(event=OuterRef("pk")).order_by("pk").values("label")[:1]
        rows = AuditEvent.objects.filter(tenant=self.request.tenant).defer("search")  # type: ignore[attr-defined]
        return rows.annotate(first_target=Subquery(first))


@never_cache
@require_safe
@needs("audit.read")
def audit_event(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One event with its targets, before and after."""
    event = fetch(AuditEvent.objects.filter(tenant=request.tenant), pk=pk)  # type: ignore[attr-defined]
    targets = list(event.targets.order_by("pk")[:MOST_TARGETS])
    context = {
        "event": event,
        "via": dict(VIA).get(event.via, event.via),
        "targets": [(each, changes(each)) for each in targets],
        "more": max(event.target_count - len(targets), 0),
    }
    return render_flyout(request, AuditLog, "tenants/_audit_event.html", context, title=event.heading)


def changes(target: AuditTarget) -> list[tuple[str, Any, Any]]:
    """Each changed value: its word, before, after (None where there was none)."""
    kept = kept_values.told(target.before, target.after)
    return [(kept_values.label_of(name), before, after) for name, before, after in kept]
