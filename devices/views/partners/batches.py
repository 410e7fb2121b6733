"""A partner's batches: the list of uploads, and one upload with the answer to each device."""

from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from devices.filters.partners import SubmissionFilters, SubmissionRowFilters
from devices.models import Submission, SubmissionRow
from devices.services.imports.reader import template
from devices.services.imports.reader.headers import PARTNER_COLUMNS
from devices.services.partners import downloads
from devices.tables.partners import SubmissionRowTable, SubmissionTable
from portal.ui.commands import Command, Placed
from portal.ui.exports import csv_download
from portal.ui.list_blade import ListBlade
from portal.ui.progress import render_progress
from tenants.access import fetch, needs_partner


class Batches(ListBlade):
    """Every upload of the partner."""

    permission = "batches.read"
    title = _("Batches")
    breadcrumb = ((_("Batches"), "devices:partner_batches"),)
    noun = (_("upload"), _("uploads"))
    url_name = "devices:partner_batches"
    object_url_name = "devices:partner_batch"
    opens = "page"
    table_class = SubmissionTable
    filterset_class = SubmissionFilters
    search_lookups = ("name__icontains", "created_by_label__icontains")
    search_placeholder = _("Search by batch or person")
    default_sort = "-created_at"
    commands = (
        Command(
            _("Register devices"),
            "devices:partner_register",
            icon="arrow-up-tray",
            permission="batches.upload",
        ),
        Command(
            _("Deregister devices"),
            "devices:partner_remove",
            icon="trash",
            permission="partner_devices.remove",
        ),
        "filter",
        "export",
        "refresh",
        "columns",
    )
    empty_title = _("Nothing was sent yet")
    empty_text = _("Register devices for a customer that authorized you.")
    export_name = "batches"

    def get_queryset(self) -> QuerySet[Any]:
        """The partner's uploads."""
        rows: QuerySet[Any] = Submission.objects.of(self.request.partner)  # type: ignore[attr-defined]
        return rows.select_related("tenant")


class BatchRows(ListBlade):
    """One upload: its progress or result, and its devices."""

    permission = "batches.read"
    noun = (_("device"), _("devices"))
    url_name = "devices:partner_batch"
    opens = "page"
    table_class = SubmissionRowTable
    filterset_class = SubmissionRowFilters
    search_lookups = ("serial_number__icontains", "product_key__icontains", "reason__icontains")
    search_placeholder = _("Search by serial number, product ID or reason")
    default_sort = "number"
    commands = ("filter", "refresh", "columns")
    page_template = "devices/partners/batch.html"

    def __init__(self, request: HttpRequest, submission: Submission) -> None:
        super().__init__(request)
        self.submission = submission
        self.title = submission.name
        self.breadcrumb = (*Batches.breadcrumb, submission.name)

    def reverse(self, name: str, **kwargs: Any) -> str:
        """An address of the same upload."""
        return super().reverse(name, pk=self.submission.pk, **kwargs)

    def get_queryset(self) -> QuerySet[Any]:
        """The rows without cells and hashes."""
        return self.submission.rows.defer("cells", "blob")

    @cached_property
    def bar(self) -> list[Placed]:
        """The list's commands, once the work is done."""
        return super().bar if self.is_done else []

    @property
    def is_done(self) -> bool:
        """Whether every device has its answer."""
        return self.submission.state in (Submission.State.FINISHED, Submission.State.STOPPED)

    def get_context(self) -> dict[str, Any]:
        """The facts above the rows."""
        made = self.submission
        counts = {"done": made.done_count, "already": made.already_count, "failed": made.failed_count}
        done = {"register": "registered", "remove": "removed", "report": "kept"}[made.kind]
        words = {"done": done, "already": "already", "failed": "failed"}
        labels = dict(SubmissionRow.Outcome.choices)
        return {
            "submission": made,
            "is_done": self.is_done,
            "progress_url": self.reverse("devices:partner_batch_progress"),
            "counts": [
                (labels[word], counts[name], self.url(filters={"outcome": [word]}))
                for name, word in words.items()
                if counts[name] or name != "already"
            ],
        }


@never_cache
@require_safe
@needs_partner("batches.read")
def batch(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """One upload."""
    return BatchRows(request, fetch_submission(request, pk)).respond()


@never_cache
@require_safe
@needs_partner("batches.read")
def batch_progress(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The progress of the upload's job; reloads the page when it ends."""
    return render_progress(request, fetch_submission(request, pk).job)


@require_safe
@needs_partner("batches.read")
def batch_failed(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """The rows that failed, with the reason, as CSV."""
    return csv_download(downloads.failed_rows(fetch_submission(request, pk)), "failed-rows.csv")


@require_safe
@needs_partner("batches.read")
def batch_template(request: HttpRequest) -> HttpResponseBase:
    """Partner Center's header line."""
    return csv_download(iter([template.template(PARTNER_COLUMNS)]), "devices.csv")


def fetch_submission(request: HttpRequest, pk: UUID) -> Submission:
    """The upload of the request's partner; 404 otherwise."""
    rows = Submission.objects.of(request.partner).select_related("tenant", "job", "partner")  # type: ignore[attr-defined]
    found: Submission = fetch(rows, pk=pk)
    return found
