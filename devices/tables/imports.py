"""Columns of the imports list and of an import's rows."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from devices.models import Import, ImportRow
from devices.services.imports.replacing import BOARD
from devices.services.imports.verdicts import DECISION_STEPS
from portal.ui.columns import EMPTY, ChoiceColumn, Column, DateTimeColumn, NumberColumn
from portal.ui.tables import BladeTable
from tenants.models import Tenant

NOTHING = SafeString(EMPTY)
STATE_TONES = {
    "checking": "info",
    "checked": "warning",
    "committing": "info",
    "completed": "success",
    "failed": "danger",
    "cancelled": "neutral",
}
VERDICT_TONES = {
    "new": "success",
    "update": "info",
    "unchanged": "neutral",
    "already_registered": "neutral",
    "other_tenant": "danger",
    "duplicate_in_file": "danger",
    "invalid_hash": "danger",
    "missing_identity": "danger",
    "entra_joined": "danger",
    "needs_decision": "warning",
}
OUTCOME_TONES = {
    "added": "success",
    "updated": "info",
    "already_here": "neutral",
    "failed": "danger",
    "left_out": "warning",
}


class ImportTable(BladeTable):
    """The history of imports."""

    name = Column(gettext_lazy("Files"))
    state = ChoiceColumn(gettext_lazy("State"), choices=Import.State, tones=STATE_TONES)
    created_at = DateTimeColumn(gettext_lazy("Uploaded"), sort="created_at")
    created_by_label = Column(gettext_lazy("Imported by"))
    row_count = NumberColumn(gettext_lazy("Rows"))
    added = NumberColumn(gettext_lazy("Added"))
    updated = NumberColumn(gettext_lazy("Updated"))
    already_here = NumberColumn(gettext_lazy("Already here"))
    failed = NumberColumn(gettext_lazy("Failed"))
    left_out = NumberColumn(gettext_lazy("Left out"), shown=False)
    finished_at = DateTimeColumn(gettext_lazy("Finished"), shown=False)


class RowTable(BladeTable):
    """The rows of one import; `viewer` says which tenants may be named and linked."""

    number = NumberColumn(gettext_lazy("Row"), sort="number")
    file = Column(gettext_lazy("File"), accessor="file_name")
    serial_number = Column(gettext_lazy("Serial number"), css="mono")
    verdict = ChoiceColumn(gettext_lazy("Verdict"), choices=ImportRow.Verdict, tones=VERDICT_TONES)
    outcome = ChoiceColumn(gettext_lazy("Outcome"), choices=ImportRow.Outcome, tones=OUTCOME_TONES)
    code = Column(gettext_lazy("Code"))
    reason = Column(gettext_lazy("Reason and next step"), css="import-reason")
    group_tag = Column(gettext_lazy("Group tag"))
    assigned_user = Column(gettext_lazy("User"))
    model = Column(gettext_lazy("Model"))
    manufacturer = Column(gettext_lazy("Manufacturer"), shown=False)
    line = NumberColumn(gettext_lazy("Line in the file"), shown=False)
    csv_serial = Column(gettext_lazy("Serial number in the file"), css="mono", shown=False)
    product_key = Column(gettext_lazy("Product key ID"), shown=False)

    def __init__(self, *args: Any, request: HttpRequest, **options: Any) -> None:
        super().__init__(*args, request=request, **options)
        blade = getattr(request, "import_rows", None)
        self.import_: Import | None = getattr(blade, "import_", None)
        self.visible: Mapping[UUID, Tenant] = getattr(blade, "visible_tenants", {})
        self.movable_from: Mapping[UUID, Tenant] = getattr(blade, "movable_from", {})
        self.may_decide = bool(getattr(blade, "may_decide", False))
        self.may_replace = {"devices.import", "devices.delete"} <= getattr(request, "permissions", set())

    def render_number(self, value: int, record: ImportRow) -> SafeString:
        """The row number; with a box where a person has to decide."""
        if not self.may_decide or record.verdict != ImportRow.Verdict.NEEDS_DECISION or not self.import_:
            return format_html("{}", value)
        address = reverse(
            "devices:import_ticks",
            kwargs={"tenant_slug": self.import_.tenant.slug, "pk": self.import_.pk},
        )
        return format_html(
            '<label class="import-tick"><input type="checkbox" name="ticked" value="1" aria-label="{}" '
            'hx-post="{}" hx-vals=\'{{"row": {}}}\' hx-trigger="change" hx-target="#import-action" '
            'hx-swap="outerHTML"{}> {}</label>',
            _("Import row %(row)d") % {"row": value},
            address,
            value,
            " checked" if record.is_ticked else "",
            value,
        )

    def render_serial_number(self, value: str, record: ImportRow) -> SafeString:
        """The hash's serial number; the file's where there is no hash to ask."""
        return format_html("{}", value or record.csv_serial) if value or record.csv_serial else NOTHING

    def render_code(self, value: int | None, record: ImportRow) -> SafeString | str:
        """Number and name as the service has them."""
        if not record.code_name:
            return NOTHING
        return format_html('<span title="{}">{}</span>', record.code_name, value or record.code_name)

    def value_code(self, value: int | None, record: ImportRow) -> str:
        """Number and name."""
        return f"{value or ''} {record.code_name}".strip()

    def render_reason(self, value: str, record: ImportRow) -> SafeString:
        """Why, what to do, where the device is, and what was repaired."""
        lines = [
            ("", value),
            ("warning", _(", ").join(each["message"] for each in record.warnings)),
            ("muted", self._next_step(record)),
            ("muted", " ".join(each["message"] for each in record.notes)),
        ]
        body = format_html_join("", '<p class="{}">{}</p>', (line for line in lines if line[1]))
        links = (
            *(self._existing(record), self._move(record)),
            *(self._comparison(record), self._replacement(record)),
        )
        line = format_html_join(" · ", "{}", ((link,) for link in links if link))
        return format_html("{}<p>{}</p>", body, line) if line else body or NOTHING

    def _next_step(self, record: ImportRow) -> str:
        if record.verdict == ImportRow.Verdict.NEEDS_DECISION:
            return str(DECISION_STEPS.get(record.decision, ""))
        return record.next_step

    def _existing(self, record: ImportRow) -> SafeString:
        """A link to the device, and its tenant's name, where the person may see them."""
        device = record.device_id or record.existing_device
        holder = record.existing_tenant or (self.import_.tenant_id if self.import_ else None)
        tenant = self.visible.get(holder) if holder else None
        if device is None or tenant is None:
            return SafeString("")
        link = reverse("devices:autopilot_device", kwargs={"tenant_slug": tenant.slug, "pk": device})
        is_mine = self.import_ is not None and tenant.pk == self.import_.tenant_id
        words = _("Open the device") if is_mine else _("Open the device in %(tenant)s") % {"tenant": tenant}
        return format_html('<a href="{}">{}</a>', link, words)

    def _move(self, record: ImportRow) -> SafeString:
        """For 808 where the person may delete there and import here: bring the device over."""
        source = self.movable_from.get(record.existing_tenant) if record.existing_tenant else None
        if source is None or self.import_ is None or record.verdict != ImportRow.Verdict.OTHER_TENANT:
            return SafeString("")
        page = reverse("devices:autopilot_move", kwargs={"tenant_slug": source.slug})
        address = f"{page}?only={record.existing_device}&target={self.import_.tenant.slug}"
        words = _("Move it here from %(tenant)s") % {"tenant": source}
        return format_html('<a href="{}">{}</a>', address, words)

    def _comparison(self, record: ImportRow) -> SafeString:
        """A link to the two captures side by side, while the row still holds its hash."""
        import_, device = self.import_, record.existing_device
        if import_ is None or device is None or import_.state != Import.State.CHECKED:
            return SafeString("")
        if record.existing_tenant not in (None, import_.tenant_id):
            return SafeString("")
        page = reverse("devices:autopilot_compare", kwargs={"tenant_slug": import_.tenant.slug})
        address = f"{page}?a=device:{device}&b=row:{import_.pk}:{record.number}"
        return format_html('<a href="{}">{}</a>', address, _("Compare field by field"))

    def _replacement(self, record: ImportRow) -> SafeString:
        """*Replace* for the board of a device here: from the plan, or after the import."""
        import_, old, new = self.import_, record.existing_device, record.device_id
        if import_ is None or old is None or record.decision != BOARD or not self.may_replace:
            return SafeString("")
        if self.may_decide and record.verdict == ImportRow.Verdict.NEEDS_DECISION:
            row = {"pk": import_.pk, "number": record.number}
            address = reverse("devices:import_replace", kwargs={"tenant_slug": import_.tenant.slug, **row})
        elif new and record.outcome == ImportRow.Outcome.ADDED:
            scope = {"tenant_slug": import_.tenant.slug, "pk": old}
            address = f"{reverse('devices:autopilot_replace', kwargs=scope)}?new={new}"
        else:
            return SafeString("")
        link = '<a href="{0}" hx-get="{0}" hx-target="#dialog" hx-swap="innerHTML">{1}</a>'
        return format_html(link, address, _("Replace the old device"))

    def render_group_tag(self, value: str, record: ImportRow) -> SafeString:
        """The tag, or old → new."""
        return self._change(record, "group_tag", value or self._default_tag(record))

    def render_assigned_user(self, value: str, record: ImportRow) -> SafeString:
        """The user, or old → new."""
        return self._change(record, "user_principal_name", value)

    def _default_tag(self, record: ImportRow) -> str:
        takes_it = record.verdict in (ImportRow.Verdict.NEW, ImportRow.Verdict.NEEDS_DECISION)
        return self.import_.default_group_tag if self.import_ and takes_it else ""

    def _change(self, record: ImportRow, field: str, value: str) -> SafeString:
        if field not in record.changes:
            return format_html("{}", value) if value else NOTHING
        old, new = record.changes[field]
        return format_html('<del>{}</del> <span aria-hidden="true">→</span> <ins>{}</ins>', old or "–", new)
