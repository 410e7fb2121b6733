"""ListBlade: a list page from a few attributes (usage: the package's docstring)."""

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import Any, Self
from urllib.parse import urlsplit

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.template.loader import get_template, render_to_string
from django.utils.cache import patch_vary_headers
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from portal.ui.access import guarded
from portal.ui.commands import Placed, placed
from portal.ui.exports import csv_response
from portal.ui.filters import BladeFilterSet
from portal.ui.keyset import BadCursor, Page, Sort, expression_of, in_order, page_of
from portal.ui.list_addresses import ListAddresses
from portal.ui.list_form import column_choices, filter_inputs, headers, pills
from portal.ui.query import ListState, of_a_list, parse
from portal.ui.search import SearchTooSlow, narrow, time_limit
from portal.ui.selection import BadSelection, limited, selection_of, state_of
from portal.ui.tables import KEY, LABEL, BladeTable, Row

COUNT_CAP = 10_000


class ListBlade(ListAddresses):
    """One list page of one tenant; an instance serves one request."""

    permission = ""
    title: Any = ""
    breadcrumb: tuple[Any, ...] = ()
    noun: tuple[Any, Any] = (gettext_lazy("row"), gettext_lazy("rows"))
    url_name = ""
    object_url_name = ""
    opens = "flyout"
    table_class: type[BladeTable]
    filterset_class: type[BladeFilterSet] = BladeFilterSet
    search_column = ""
    search_prefix = ""
    search_lookups: tuple[str, ...] = ()
    search_placeholder: Any = gettext_lazy("Search")
    default_sort = ""
    commands: tuple[Any, ...] = ("filter", "refresh", "columns")
    row_commands: tuple[Any, ...] = ()
    row_template = ""
    row_permission = ""
    intro_template = ""
    empty_title: Any = gettext_lazy("Nothing here yet")
    empty_text: Any = ""
    empty_template = ""
    page_template = "ui/list_page.html"
    export_name = ""

    def __init__(self, request: HttpRequest, sent: QueryDict | None = None) -> None:
        self.request = request
        self.sent = request.GET if sent is None else sent
        self.flyout = ""

    def get_queryset(self) -> QuerySet[Any]:
        """The rows of the request's tenant, unordered; subclasses answer this."""
        raise NotImplementedError

    def get_context(self) -> dict[str, Any]:
        """Extra context of the page."""
        return {}

    @classmethod
    def as_view(cls) -> Callable[..., HttpResponseBase]:
        """The list page, its table fragment and its count fragment."""
        return never_cache(require_safe(guarded(cls.permission, lambda request: cls(request).respond())))

    @classmethod
    def as_export(cls, permission: str = "") -> Callable[..., HttpResponseBase]:
        """The list as CSV, with the same parameters."""
        return never_cache(
            require_safe(guarded(permission or cls.permission, lambda request: cls(request).export()))
        )

    @classmethod
    def behind(cls, request: HttpRequest) -> Self:
        """The list as it was when the flyout of the request's address was opened from it."""
        return cls(request, of_a_list(request.GET, filters=cls.filterset_class.base_filters))

    @classmethod
    def left(cls, request: HttpRequest) -> Self:
        """The list as it was when a dialog was opened over it or over one of its flyouts; htmx says where."""
        htmx: Any = getattr(request, "htmx", None)
        here = urlsplit((htmx.current_url_abs_path if htmx else "") or "")
        sent = QueryDict(here.query) if here.path.startswith(cls(request).list_url) else QueryDict()
        return cls(request, of_a_list(sent, filters=cls.filterset_class.base_filters))

    @classmethod
    def selected(cls, request: HttpRequest) -> QuerySet[Any]:
        """The rows a command acts on; raises NothingSelected or BadSelection."""
        selection = selection_of(request)
        if not selection.is_matching:
            return limited(cls(request, QueryDict()).get_queryset(), selection.ids)
        blade = cls(request, state_of(selection.query))
        if blade.problems:
            raise BadSelection(" ".join(blade.problems))
        return blade.matching

    @cached_property
    def state(self) -> ListState:
        """What the address asks for."""
        table = self.table_class
        state = parse(
            self.sent,
            columns=table.column_names(),
            sortable=self.sorts,
            filters=self.filterset_class.base_filters,
        )
        is_default = list(state.columns) == table.shown_names()
        return replace(state, columns=()) if is_default else state

    @cached_property
    def sorts(self) -> dict[str, Any]:
        """Sortable column names and their expressions."""
        columns = self.table_class.base_columns.items()
        return {name: column.sort for name, column in columns if column.sort is not None}

    @cached_property
    def sort(self) -> Sort:
        """The order asked for, else the default, else by key."""
        word = self.state.sort or self.default_sort
        name = word.removeprefix("-")
        expression = expression_of(self.sorts.get(name, name or "pk"))
        return Sort(name or "pk", expression, word.startswith("-"))

    @cached_property
    def filterset(self) -> Any:
        """The filters bound to the address."""
        data = QueryDict(mutable=True)
        for name, values in self.state.filters.items():
            data.setlist(name, values)
        return self.filterset_class(data=data, queryset=self.get_queryset(), request=self.request)

    @cached_property
    def problems(self) -> list[str]:
        """Sentences about parameters that could not be understood; any of them shows no rows."""
        found = list(self.state.problems)
        if self.state.q and not (self.search_column or self.search_lookups):
            found.append(_("This list has no search."))
        for name, errors in self.filterset.form.errors.items():
            label = self.filterset.form.fields[name].label if name in self.filterset.form.fields else name
            found += [f"{label}: {error}" for error in errors]
        return found

    @cached_property
    def matching(self) -> QuerySet[Any]:
        """Every row that matches search and filters, unordered; none when there are problems."""
        if self.problems:
            return self.get_queryset().none()
        rows = self.filterset.filter_queryset(self.get_queryset())
        return narrow(
            rows,
            self.state.q,
            column=self.search_column,
            prefix=self.search_prefix,
            lookups=self.search_lookups,
        )

    @cached_property
    def page(self) -> Page:
        """The page asked for; notices gain a sentence when it is another one."""
        options = {"size": self.state.size}
        try:
            with time_limit(self.state.is_narrowed):
                return page_of(
                    self.matching, self.sort, after=self.state.after, before=self.state.before, **options
                )
        except BadCursor as refusal:
            self.notices.append(str(refusal))
        except SearchTooSlow as refusal:
            self.notices.append(str(refusal))
            return Page([], "", "")
        with time_limit(self.state.is_narrowed):
            return page_of(self.matching, self.sort, after="", before="", **options)

    @cached_property
    def notices(self) -> list[str]:
        """Sentences shown above the table."""
        return list(self.problems)

    @cached_property
    def names(self) -> list[str]:
        """The visible columns."""
        return list(self.state.columns) or self.table_class.shown_names()

    @cached_property
    def rows(self) -> list[Row]:
        """The rendered rows."""
        table = self.table_class([], request=self.request)
        heads = table.heads(self.names)
        return list(table.rendered(self.page.rows, heads, self.address_of, self._last_cell()))

    @cached_property
    def has_row_menu(self) -> bool:
        """Whether each row ends with what can be done with it."""
        may = not self.row_permission or self.row_permission in getattr(self.request, "permissions", ())
        return may if self.row_template else bool(self.row_bar)

    def _last_cell(self) -> Callable[[Any, str], str]:
        """By record and label: the row's own template, or the one menu of all rows."""
        if not self.has_row_menu:
            return lambda record, label: ""
        if self.row_template:
            draw, shared = get_template(self.row_template).render, {"request": self.request}
            return lambda record, label: draw({**shared, "record": record, "label": label})
        menu = render_to_string("ui/_row_menu.html", {"blade": self, "key": KEY, "label": LABEL})
        return lambda record, label: menu.replace(KEY, str(record.pk)).replace(LABEL, escape(label))

    @cached_property
    def headers(self) -> list[Any]:
        """The table's header cells."""
        return headers(self)

    @cached_property
    def pills(self) -> list[Any]:
        """The active filters."""
        return pills(self)

    @cached_property
    def filter_inputs(self) -> list[Any]:
        """The inputs of the filter pane."""
        return filter_inputs(self)

    @cached_property
    def column_choices(self) -> list[Any]:
        """The boxes of the column chooser."""
        return column_choices(self)

    @cached_property
    def bar(self) -> list[Placed]:
        """The command bar's commands."""
        return placed(self.commands, self.request)

    @cached_property
    def row_bar(self) -> list[Placed]:
        """The commands of a row's menu."""
        return placed(self.row_commands, self.request)

    @property
    def first_step(self) -> Placed | None:
        """The first command that needs no rows: what an empty list offers."""
        others = ("kit", "refused", "export")
        return next((each for each in self.bar if each.opens not in others and not each.selection), None)

    @cached_property
    def is_selectable(self) -> bool:
        """Whether any command acts on rows."""
        return any(each.selection for each in self.bar)

    def respond(self) -> HttpResponse:
        """The page, or the fragment that htmx asks for."""
        if self.sent.get("fragment") == "count":
            return self._count()
        htmx = getattr(self.request, "htmx", None)
        is_fragment = htmx is not None and bool(htmx) and htmx.target == "list"
        template = "ui/_list.html" if is_fragment else self.page_template
        response = render(self.request, template, self.context())
        if is_fragment:
            response["HX-Push-Url"] = self.current_url
        patch_vary_headers(response, ["HX-Request", "HX-Target"])
        return response

    def context(self) -> dict[str, Any]:
        """The context of page and fragment."""
        return {"blade": self, "title": self.title, "breadcrumb": self.breadcrumb, **self.get_context()}

    def _count(self) -> HttpResponse:
        try:
            with time_limit(is_limited=True):
                found = self.matching.order_by()[: COUNT_CAP + 1].count()
        except SearchTooSlow:
            return HttpResponse(_("Too many to count in time"))
        return render(self.request, "ui/_count.html", {"count": found, "cap": COUNT_CAP, "noun": self.noun})

    def export(self) -> HttpResponseBase:
        """The matching rows as CSV; raises BadSelection for parameters that make no sense."""
        if self.problems:
            raise BadSelection(" ".join(self.problems))
        table = self.table_class([], request=self.request)
        heads = table.heads(self.names)
        records = in_order(self.matching, self.sort).iterator(chunk_size=1000)
        return csv_response(
            name=self.export_name or self.url_name.rpartition(":")[2],
            header=[head.label for head in heads],
            rows=(table.texts(record, heads) for record in records),
        )
