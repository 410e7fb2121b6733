"""Import CSV files of hardware hashes, by the same service and the same jobs as the page."""

import json
import sys
from argparse import ArgumentParser
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from django.core.files.base import File
from django.core.management.base import BaseCommand, CommandError

from devices.management.following import ProgressBar, follow
from devices.models import Import, ImportRow
from devices.services.imports import uploading
from devices.services.imports.downloads import FAILING, failing
from devices.services.imports.uploading import Options, UploadRefused
from tenants.models import Tenant
from tenants.permissions import Actor

SOME_FAILED = 1
USAGE = 2
MOST_SHOWN = 20


class Command(BaseCommand):
    """`import_csv --tenant contoso FILE…`; exit 0 when no row failed, 1 when some did, 2 for usage."""

    help = "Check CSV files of hardware hashes and import them into a tenant."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("files", nargs="+", metavar="FILE")
        parser.add_argument("--tenant", required=True, help="the tenant's address, such as contoso")
        parser.add_argument("--dry-run", action="store_true", help="check only; register nothing")
        parser.add_argument("--group-tag", default="", help="group tag for rows without one")
        parser.add_argument("--update-tag", action="store_true", help="update tags of devices already here")
        parser.add_argument("--update-user", action="store_true", help="update users of devices already here")
        parser.add_argument(
            "--yes-tenant", action="store_true", help="import although most rows seem to be another tenant's"
        )
        parser.add_argument("--json", action="store_true", help="one JSON line a row on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        """Upload, follow the check and the commit, and report."""
        tenant = Tenant.objects.filter(slug=options["tenant"]).first()
        if tenant is None:
            raise CommandError(f"There is no tenant {options['tenant']!r}.", returncode=USAGE)
        import_ = self._accept(tenant, options)
        bar = ProgressBar(sys.stderr)
        if import_.check_job is not None:
            follow(import_.check_job, show=bar.show)
        import_.refresh_from_db()
        if import_.commit_job is not None:
            follow(import_.commit_job, show=bar.show)
            import_.refresh_from_db()
        self._end(import_, options)

    def _accept(self, tenant: Tenant, options: dict[str, Any]) -> Import:
        wishes = Options(
            default_group_tag=options["group_tag"].strip(),
            updates_group_tag=options["update_tag"],
            updates_user=options["update_user"],
        )
        with ExitStack() as opened:
            try:
                files = [_open(opened, name) for name in options["files"]]
                return uploading.accept(
                    tenant=tenant,
                    actor=Actor.command(),
                    files=files,
                    options=wishes,
                    commits=not options["dry_run"],
                    accepts_foreign=options["yes_tenant"],
                )
            except UploadRefused as error:
                raise CommandError(str(error), returncode=USAGE) from error
            except OSError as error:
                raise CommandError(f"The files could not be stored: {error.strerror}") from error

    def _end(self, import_: Import, options: dict[str, Any]) -> None:
        """Report the rows and leave with the exit code they deserve."""
        if options["json"]:
            self._print_json(import_)
        elif import_.row_count:
            self._print_table(import_, is_plan=import_.commit_job_id is None)
        if import_.error_message:
            raise CommandError(import_.error_message, returncode=SOME_FAILED)
        if not options["dry_run"] and import_.commit_job_id is None and import_.needs_tenant_typed:
            sentence = "Most of these rows seem to belong to another tenant; nothing was imported. "
            raise CommandError(
                f"{sentence}Add --yes-tenant to import them into {import_.tenant.name}.", returncode=USAGE
            )
        failed = sum(import_.verdicts.get(word, 0) for word in FAILING)
        if import_.commit_job_id is not None:
            failed = import_.failed
        if failed or import_.state in (Import.State.FAILED, Import.State.CANCELLED):
            sys.exit(SOME_FAILED)

    def _print_json(self, import_: Import) -> None:
        names = {file.position: file.name for file in import_.files.all()}
        rows = ImportRow.objects.filter(of=import_).order_by("number").defer("cells", "blob", "identity_keys")
        before: dict[int, int] = {}
        for row in rows.iterator(chunk_size=1000):
            first = before.setdefault(row.file, row.number - 1)
            is_here = row.existing_tenant == import_.tenant_id
            device = row.device_id or (row.existing_device if is_here else None)
            line = {
                "file": names[row.file],
                "row": row.number - first,
                "serial": row.serial_number or row.csv_serial,
                "verdict": row.verdict,
                "code": row.code,
                "name": row.code_name or None,
                "reason": row.reason,
                "device_id": str(device) if device else None,
            }
            self.stdout.write(json.dumps(line, ensure_ascii=False))

    def _print_table(self, import_: Import, *, is_plan: bool) -> None:
        labels = dict(ImportRow.Verdict.choices)
        lines = [(str(labels[word]), count) for word, count in sorted(import_.verdicts.items())]
        if not is_plan:
            lines = [
                ("Added", import_.added),
                ("Updated", import_.updated),
                ("Already here", import_.already_here),
                ("Failed", import_.failed),
                ("Left out", import_.left_out),
            ]
        for label, count in [*lines, ("Rows", import_.row_count)]:
            self.stdout.write(f"{label:<20}{count:>8,}")
        names = {file.position: file.name for file in import_.files.all()}
        undecided = ImportRow.objects.filter(of=import_, verdict=ImportRow.Verdict.NEEDS_DECISION)
        rows = (failing(import_) | undecided).order_by("number")
        for row in rows.defer("cells", "blob")[:MOST_SHOWN]:
            place = f" ({names[row.file]}, line {row.line})" if len(names) > 1 else ""
            code = f"{row.code or ''} {row.code_name}".strip() or labels[row.verdict]
            serial = row.serial_number or row.csv_serial or "–"
            self.stdout.write(f"  row {row.number}{place}: {serial}: {code}: {row.reason}")
        if (more := rows.count() - MOST_SHOWN) > 0:
            self.stdout.write(f"  and {more:,} more; --json and the import's page have them all")


def _open(opened: ExitStack, name: str) -> File:
    """A file as the service takes uploads; closed by the stack."""
    try:
        return File(opened.enter_context(Path(name).open("rb")), name=Path(name).name)
    except OSError as error:
        raise CommandError(f"{name} cannot be read: {error.strerror}", returncode=USAGE) from error
