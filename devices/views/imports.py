"""Imports: the history, the pane *Add Autopilot devices*, and the plan of one import."""

from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from devices.filters.imports import ImportFilters, RowFilters
from devices.forms.imports import OptionsForm, UploadForm
from devices.models import Import, ImportFile, ImportRow
from devices.services.imports import downloads, planning, uploading
from devices.services.imports.checking.foreign import NOTICE
from devices.tables.imports import VERDICT_TONES, ImportTable, RowTable
from portal.ui.commands import Command, Placed
from portal.ui.forms import one_time_key
from portal.ui.list_blade import ListBlade
from portal.ui.panels import go_to, render_dialog
from portal.ui.progress import render_progress
from tenants.access import actor_of, fetch, needs, tenants_of
from tenants.models import Tenant

TRAIL = (
    gettext_lazy("Devices"),
    gettext_lazy("Enrollment"),
    gettext_lazy("Windows"),
    gettext_lazy("Windows Autopilot"),
)


class Imports(ListBlade):
    """The history of the tenant's imports."""

    permission = "devices.read"
    title = gettext_lazy("Imports")
    breadcrumb = (*TRAIL, (gettext_lazy("Imports"), "devices:imports"))
    noun = (gettext_lazy("import"), gettext_lazy("imports"))
    url_name = "devices:imports"
    object_url_name = "devices:import_detail"
    opens = "page"
    table_class = ImportTable
    filterset_class = ImportFilters
    search_lookups = ("name__icontains", "created_by_label__icontains")
    search_placeholder = gettext_lazy("Search by file or person")
    default_sort = "-created_at"
    commands = (
        Command(
            gettext_lazy("Import"), "devices:import_new", icon="arrow-up-tray", permission="devices.import"
        ),
        "filter",
        "refresh",
        "columns",
    )
    empty_title = gettext_lazy("No imports yet")
    empty_text = gettext_lazy("Import a CSV of hardware hashes to add Autopilot devices.")

    def get_queryset(self) -> QuerySet[Import]:
        """All imports of the tenant."""
        rows: QuerySet[Import] = Import.objects.of(self.request.tenant)  # type: ignore[attr-defined]
        return rows


class ImportRows(ListBlade):
    """One import: its plan or result, and its rows."""

    permission = "devices.read"
    noun = (gettext_lazy("row"), gettext_lazy("rows"))
    url_name = "devices:import_detail"
    opens = "page"
    table_class = RowTable
    filterset_class = RowFilters
    search_lookups = (
        "serial_number__icontains",
        "csv_serial__icontains",
        "group_tag__icontains",
        "assigned_user__icontains",
        "reason__icontains",
    )
    search_placeholder = gettext_lazy("Search by serial number, group tag, user or reason")
    default_sort = "number"
    commands = ("filter", "refresh", "columns")
    page_template = "devices/imports/detail.html"
    empty_title = gettext_lazy("No rows yet")
    empty_text = gettext_lazy("The rows appear when the files were checked.")

    def __init__(self, request: HttpRequest, import_: Import) -> None:
        super().__init__(request)
        self.import_ = import_
        self.title = import_.name
        self.breadcrumb = (*Imports.breadcrumb, import_.name)
        request.import_rows = self  # type: ignore[attr-defined]

    def reverse(self, name: str, **kwargs: Any) -> str:
        """An address of the same import."""
        return super().reverse(name, pk=self.import_.pk, **kwargs)

    def get_queryset(self) -> QuerySet[ImportRow]:
        """The rows, once they have verdicts, without cells and hashes."""
        rows = ImportRow.objects.filter(of=self.import_)
        if self.import_.state == Import.State.CHECKING:
            return rows.none()
        if "file" in self.names:
            files = ImportFile.objects.filter(of=OuterRef("of"), position=OuterRef("file"))
            rows = rows.annotate(file_name=Subquery(files.values("name")))
        return rows.defer("cells", "blob", "identity_keys", "alike")

    @cached_property
    def names(self) -> list[str]:
        """The columns chosen; else verdicts, of a result outcomes, and the file where there are several."""
        hidden = {"verdict" if self.import_.commit_job_id else "outcome"}
        if not self.import_.has_several_files:  # type: ignore[attr-defined]
            hidden.add("file")
        shown = [name for name in self.table_class.shown_names() if name not in hidden]
        return list(self.state.columns) or shown

    @cached_property
    def visible_tenants(self) -> dict[UUID, Tenant]:
        """The tenants that may be named to the person."""
        return {each.pk: each for each in tenants_of(self.request, permission="devices.read")}

    @cached_property
    def movable_from(self) -> dict[UUID, Tenant]:
        """The other tenants from which the person may move a device into this one."""
        if "devices.import" not in self.request.permissions:  # type: ignore[attr-defined]
            return {}
        found = {each.pk: each for each in tenants_of(self.request, permission="devices.delete")}
        return {pk: each for pk, each in found.items() if pk != self.import_.tenant_id}

    @cached_property
    def may_decide(self) -> bool:
        """Whether the person may change and commit this plan now."""
        may = self.request.permissions  # type: ignore[attr-defined]
        return self.import_.state == Import.State.CHECKED and "devices.import" in may

    @cached_property
    def bar(self) -> list[Placed]:
        """The list's commands, once there are rows."""
        return [] if self.import_.state == Import.State.CHECKING else super().bar

    def get_context(self) -> dict[str, Any]:
        """The plan's or result's facts above the rows."""
        import_ = self.import_
        shown = [choice for choice in ImportRow.Verdict.choices if import_.verdicts.get(choice[0])]
        return {
            "import": import_,
            "job": import_.commit_job or import_.check_job,
            "progress_url": self.reverse("devices:import_progress"),
            "counts": [
                (label, import_.verdicts[word], VERDICT_TONES[word], self.url(filters={"verdict": [word]}))
                for word, label in shown
            ],
            "outcomes": self._outcomes(),
            "form": OptionsForm.of(import_),
            "may_decide": self.may_decide,
            "failing": downloads.failing(import_).exists() if import_.verdicts else False,
            "foreign": self._foreign(),
            "file_notices": [each for each in import_.notices if each["code"] != NOTICE],
            **action_context(import_),
        }

    def _outcomes(self) -> list[tuple[Any, int, str]]:
        names = ("added", "updated", "already_here", "failed", "left_out")
        found = [(ImportRow.Outcome(name).label, getattr(self.import_, name), name) for name in names]
        return [
            (label, count, self.url(filters={"outcome": [name]}))
            for label, count, name in found
            if count or name != "left_out"
        ]

    def _foreign(self) -> dict[str, Any] | None:
        """The notice that most rows seem to belong to another tenant the person may see."""
        for each in self.import_.notices:
            if each["code"] == NOTICE:
                return {**each, "tenant": self.visible_tenants.get(UUID(each["tenant"]))}
        return None


def action_context(import_: Import) -> dict[str, Any]:
    """What the commit's button says."""
    count = planning.chosen(import_).count() if import_.state == Import.State.CHECKED else 0
    words = ngettext(
        "Import %(count)d device into %(tenant)s", "Import %(count)d devices into %(tenant)s", count
    )
    undecided = import_.verdicts.get(ImportRow.Verdict.NEEDS_DECISION, 0)
    return {
        "import": import_,
        "chosen": count,
        "button": words % {"count": count, "tenant": import_.tenant.name},
        "undecided": undecided,
    }


def fetch_import(request: HttpRequest, pk: UUID) -> Import:
    """The import of the request's tenant; 404 otherwise."""
    rows = Import.objects.of(request.tenant).select_related("tenant", "check_job", "commit_job")  # type: ignore[attr-defined]
    others = ImportFile.objects.filter(of=OuterRef("pk"), position__gt=0)
    found: Import = fetch(rows.annotate(has_several_files=Exists(others)), pk=pk)
    return found


def address_of(import_: Import) -> str:
    """The address of an import's page."""
    return reverse("devices:import_detail", kwargs={"tenant_slug": import_.tenant.slug, "pk": import_.pk})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs("devices.import")
def import_new(request: HttpRequest) -> HttpResponse:
    """The pane *Add Autopilot devices*."""
    form = UploadForm.of(request)
    if request.method == "POST" and form.is_valid():
        try:
            import_ = uploading.accept(
                tenant=request.tenant,  # type: ignore[attr-defined]
                actor=actor_of(request),
                files=form.sources(),
                key=one_time_key(request),
            )
            return go_to(request, address_of(import_))
        except uploading.UploadRefused as refusal:
            form.add_error("files", str(refusal))
    context = {
        "form": form,
        "list_url": reverse("devices:imports", kwargs={"tenant_slug": request.tenant.slug}),  # type: ignore[attr-defined]
        "accept": ".csv,.txt,.tsv,.xml,text/csv,text/plain",
    }
    return render_dialog(request, "devices/imports/new.html", context, title=_("Add Autopilot devices"))


@never_cache
@require_safe
@needs("devices.read")
def import_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The plan or the result of one import."""
    return ImportRows(request, fetch_import(request, pk)).respond()


@never_cache
@require_safe
@needs("devices.read")
def import_progress(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The progress of the import's current job; reloads the page when it ends."""
    import_ = fetch_import(request, pk)
    return render_progress(request, import_.commit_job or import_.check_job)
