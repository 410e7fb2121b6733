"""Print a one-time set-up link for an installation without administrator."""

from typing import Any

from django.core.management.base import BaseCommand
from django.urls import reverse

from tenants.services import links, set_up


class Command(BaseCommand):
    """Each run closes the links printed before."""

    help = "Print a one-time link that makes the first administrator and tenant; earlier links are closed."

    def handle(self, *args: Any, **options: Any) -> None:
        """The link, or one sentence when there is an administrator."""
        try:
            token = set_up.make_link()
        except set_up.AlreadySetUp as refusal:
            self.stdout.write(str(refusal))
            return
        address = links.absolute(reverse("tenants:set_up_link", args=[token]))
        self.stdout.write(f"Set up Hangar within 7 days at {address}")
