"""Build the demo in an empty installation."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from devices import tasks  # noqa: F401 - registers the tasks the demo works off
from devices.management import demo
from tenants.models import Tenant, User


class Command(BaseCommand):
    """Makes Contoso and Fabrikam; does nothing where a tenant exists already."""

    help = "Build the demo tenants Contoso and Fabrikam in an empty installation."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The administrator's password; without one, nobody can sign in until it is set."""
        parser.add_argument("--password", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        """Seed once, in one transaction: a start that was cut off leaves no half of a demo."""
        if User.objects.filter(email=demo.ADMINISTRATOR).exists() or Tenant.objects.exists():
            self.stdout.write("There are tenants already; the demo was not built.")
            return
        if not options["password"]:
            raise CommandError("Give the administrator's password with --password.")
        with transaction.atomic():
            demo.seed(password=options["password"], now=timezone.now())
        self.stdout.write("Built the demo tenants Contoso and Fabrikam.")
