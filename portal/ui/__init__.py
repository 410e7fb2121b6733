"""The kit every page is made of.

ListBlade (list_blade.py) is a list page of a few attributes: a BladeTable (tables.py, columns.py), a
BladeFilterSet (filters.py), search columns, Commands. query.py reads the address, keyset.py pages,
search.py searches, selection.py says which rows a command acts on, exports.py streams CSV.
panels.py answers flyouts and dialogs as fragment or page, progress.py a running job's progress;
forms.py has the hidden fields.
navigation.py, context.py, theme.py, middleware.py, error_pages.py make the shell around them.

    class Jobs(ListBlade):
        permission = "jobs.read"
        title, url_name, object_url_name = _("Jobs"), "tenants:jobs", "tenants:job"
        table_class, filterset_class = JobTable, JobFilters
        search_lookups, default_sort = ("title__icontains",), "-created_at"
        commands = ("filter", "export", "refresh", "columns")

        def get_queryset(self):
            return Job.objects.of(self.request.tenant)

    path("t/<slug:tenant_slug>/jobs/", Jobs.as_view(), name="jobs")
    path("t/<slug:tenant_slug>/jobs/export.csv", Jobs.as_export(), name="jobs_export")

Commands that one row has at addresses of its own are a `row_template` (context: record, label), its last
cell, shown to whoever has `row_permission`.

A command on rows starts with `Jobs.selected(request)`, shows `render_dialog(…, blade=Jobs)` and acts
when `is_confirmed(request)`; an object's page is `render_flyout(request, Jobs, template, context)`.
"""
