"""Export a tenant's Autopilot devices: the blade's own columns and filters, or the import columns."""

from argparse import ArgumentParser
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.http import QueryDict

from devices.filters.autopilot_devices import AutopilotDeviceFilters
from devices.models import AutopilotDevice
from devices.services.autopilot import exporting
from devices.tables.autopilot_devices import AutopilotDeviceTable
from portal.ui.exports import csv_lines
from portal.ui.keyset import Sort, expression_of, in_order
from portal.ui.search import narrow
from tenants.models import Tenant
from tenants.permissions import Actor

USAGE = 2
MOST_CHOICES = 30
IN_ORDER = Sort("serial_number", expression_of("serial_number"))


class Command(BaseCommand):
    """`export_csv --tenant contoso [--with-hash] [filters]`; UTF-8 on standard output, exit 2 for usage."""

    help = "Write a tenant's Autopilot devices as CSV to standard output."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One option a filter of the blade, each repeatable."""
        parser.add_argument("--tenant", required=True, help="the tenant's address, such as contoso")
        parser.add_argument("--with-hash", action="store_true", help="exactly the five import columns")
        parser.add_argument("--search", default="", help="text as in the blade's search box")
        parser.add_argument("--columns", default="", help="column names, separated by commas")
        for name, each in AutopilotDeviceFilters.base_filters.items():
            flag = f"--{name.replace('_', '-')}"
            parser.add_argument(flag, action="append", default=[], metavar="VALUE", help=str(each.label))

    def handle(self, *args: Any, **options: Any) -> None:
        """Stream the lines."""
        tenant = Tenant.objects.filter(slug=options["tenant"]).first()
        if tenant is None:
            raise CommandError(f"There is no tenant {options['tenant']!r}.", returncode=USAGE)
        rows = _matching(tenant, options)
        if options["with_hash"]:
            lines = exporting.with_hash(tenant=tenant, actor=Actor.command(), rows=rows)
        else:
            lines = _visible(rows, _columns(options["columns"]))
        for text in lines:
            self.stdout.write(text, ending="")


def _matching(tenant: Tenant, options: dict[str, Any]) -> Any:
    sent = QueryDict(mutable=True)
    for name in AutopilotDeviceFilters.base_filters:
        if options[name]:
            sent.setlist(name, options[name])
    rows = AutopilotDevice.objects.of(tenant).live()
    filters = AutopilotDeviceFilters(data=sent, queryset=rows, request=SimpleNamespace(tenant=tenant))
    if not filters.form.is_valid():
        found = [_complaint(name, errors, filters.form) for name, errors in filters.form.errors.items()]
        raise CommandError("\n".join(found), returncode=USAGE)
    text = " ".join(options["search"].replace("\x00", "").split())
    found_rows = filters.filter_queryset(rows)
    return narrow(found_rows, text, column="search", prefix="serial_number", lookups=())


def _complaint(name: str, errors: list[str], form: Any) -> str:
    """What is wrong with an option, and the words it takes where these are few."""
    choices = list(getattr(form.fields[name], "choices", ()))[:MOST_CHOICES]
    words = ", ".join(f"{value} ({label})" for value, label in choices)
    return f"--{name.replace('_', '-')}: {' '.join(errors)}" + (f" It takes: {words}." if words else "")


def _columns(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    unknown = set(names) - set(AutopilotDeviceTable.column_names())
    if unknown:
        raise CommandError(f"There is no column {', '.join(sorted(unknown))}.", returncode=USAGE)
    return [name for name in AutopilotDeviceTable.column_names() if name in names]


def _visible(rows: Any, names: list[str]) -> Iterator[str]:
    table = AutopilotDeviceTable([])
    heads = table.heads(names or AutopilotDeviceTable.shown_names())
    records = in_order(rows.select_related("assigned_profile", "entra_device").with_managed(), IN_ORDER)
    cells = (table.texts(record, heads) for record in records.iterator(chunk_size=1000))
    return csv_lines([head.label for head in heads], cells)
