"""`manage.py sync --tenant T`: ask for a sync as the *Sync* button does, and wait for it."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from devices.models import SyncRun
from devices.services.syncs import syncing
from portal.errors import Refused
from tenants.models import Tenant
from tenants.permissions import Actor

PAUSE = 0.5
USAGE = 2


class Command(BaseCommand):
    """Start a sync; a worker does it."""

    help = "Sync a tenant's list with its registration service; once in ten minutes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The tenant's address, and whether to wait."""
        parser.add_argument("--tenant", required=True, help="the tenant's address, such as contoso")
        parser.add_argument("--no-wait", action="store_true", help="return as soon as it was started")

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit 0 when it completed, 1 with a sentence when it was refused, failed or held, 2 for usage."""
        tenant = Tenant.objects.filter(slug=options["tenant"]).first()
        if tenant is None:
            sentence = _("There is no tenant “%(slug)s”.") % {"slug": options["tenant"]}
            raise CommandError(sentence, returncode=USAGE)
        try:
            run = syncing.request_sync(tenant=tenant, actor=Actor.command(), now=timezone.now())
        except Refused as refusal:
            raise CommandError(f"{refusal} ({refusal.code})") from refusal
        if options["no_wait"]:
            self.stdout.write(_("The sync was started."))
            return
        self.wait(run)

    def wait(self, run: SyncRun) -> None:
        """Poll the row until a worker has ended it."""
        while run.state == SyncRun.State.IN_PROGRESS:
            time.sleep(PAUSE)
            run.refresh_from_db()
        if run.state == SyncRun.State.HELD:
            sentence = _("The sync would remove %(count)d devices and waits for a confirmation on its page.")
            raise CommandError(sentence % {"count": run.would_remove})
        if run.state != SyncRun.State.COMPLETED:
            raise CommandError(run.message or _("The sync did not complete."))
        names = ("created", "updated", "unchanged", "removed")
        self.stdout.write(", ".join(f"{name} {getattr(run, name)}" for name in names))
