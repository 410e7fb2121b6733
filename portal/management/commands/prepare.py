"""`manage.py prepare`: bring database and static files up to date and make the first sign-in."""

import errno
import hashlib
import json
import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor
from psycopg.errors import DiskFull

from portal import env
from portal.bootstrap import explain, say
from portal.embedded.hangar import ADMINISTRATOR

# Two machines that start on one database must not migrate it at the same time.
ONE_AT_A_TIME = 0x48414E47


class Command(BaseCommand):
    """What must be done before web server and workers start; safe to repeat."""

    help = "Migrate, collect static files, and make the demo or the one-time set-up link."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """--report FILE: where to write what came out, as JSON."""
        parser.add_argument("--report", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError when the database cannot be reached or a disk is full."""
        try:
            connection.ensure_connection()
        except OperationalError as error:
            raise CommandError(f"The database cannot be reached: {error}") from None
        try:
            report = self._prepare_alone()
            if options["report"]:
                options["report"].touch(mode=0o600)
                options["report"].write_text(json.dumps(report))
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
            raise CommandError(explain(error, env.data_folder())) from None
        except OperationalError as error:
            if not isinstance(error.__cause__, DiskFull):
                raise
            raise CommandError("The database's disk is full: free some space and start again.") from None

    def _prepare_alone(self) -> dict[str, bool]:
        """Prepare under a lock, which the database drops when this process ends."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [ONE_AT_A_TIME])
            report = self._prepare()
            cursor.execute("SELECT pg_advisory_unlock(%s)", [ONE_AT_A_TIME])
        return report

    def _prepare(self) -> dict[str, bool]:
        migrate()
        collect_static_files()
        had_administrator = has_administrator()
        if not env.is_demo():
            call_command("setup_link")
        elif not had_administrator:
            say("Building the demo …")
            call_command("seed_demo", password=os.environ.get("HANGAR_ADMIN_PASSWORD", ""))
        has = has_administrator()
        return {"has_administrator": has, "is_administrator_new": has and not had_administrator}


def has_administrator() -> bool:
    """Whether the demo's administrator exists."""
    return get_user_model()._default_manager.filter(email=ADMINISTRATOR).exists()


def migrate() -> None:
    """Apply the migrations that the database lacks."""
    executor = MigrationExecutor(connection)
    wanted = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if wanted:
        say(f"Migrating the database ({len(wanted)} steps) …")
        call_command("migrate", interactive=False, verbosity=0)


def collect_static_files() -> None:
    """Collect and compress the static files when one of them changed."""
    stamp = Path(settings.STATIC_ROOT) / ".collected"
    wanted = static_fingerprint()
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    say("Collecting the static files …")
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    stamp.write_text(wanted)


def static_fingerprint() -> str:
    """A digest of the names, sizes and times of all static files."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list([]):
            seen = Path(storage.path(name)).stat()
            digest.update(f"{name} {seen.st_size} {seen.st_mtime_ns}\n".encode())
    return digest.hexdigest()
