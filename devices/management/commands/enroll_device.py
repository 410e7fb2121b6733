"""`manage.py enroll_device --tenant T --serial S [--user UPN]`: a simulated first sign-in on a device."""

from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from devices.models import AutopilotDevice
from devices.services.autopilot import enrolment
from devices.services.autopilot.enrolment import simulating
from portal.errors import Refused
from tenants.models import DirectoryUser, Tenant
from tenants.permissions import Actor

USAGE = 2


class Command(BaseCommand):
    """Enroll a registered device, as its first sign-in would; labelled as simulated."""

    help = "Simulate the first sign-in of a licensed user on a registered device of a local tenant."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The tenant's address, the device by serial or id, the user."""
        parser.add_argument("--tenant", required=True, help="the tenant's address, such as contoso")
        device = parser.add_mutually_exclusive_group(required=True)
        device.add_argument("--serial", help="the serial number, exactly")
        device.add_argument("--id", type=UUID, help="the device's id, where several share a serial")
        parser.add_argument(
            "--user", default="", help="the user principal name; left out for a self-deploying device"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit 0 when the device enrolled, 1 with a sentence when not, 2 for usage."""
        tenant = Tenant.objects.filter(slug=options["tenant"]).first()
        if tenant is None:
            sentence = _("There is no tenant “%(slug)s”.") % {"slug": options["tenant"]}
            raise CommandError(sentence, returncode=USAGE)
        device = self.find(tenant, options)
        try:
            managed = enrolment.enroll(
                tenant=tenant,
                actor=Actor.command(),
                device=device,
                user=self.user(tenant, device, options["user"]),
                simulated=True,
                now=timezone.now(),
            )
        except Refused as refusal:
            raise CommandError(f"{refusal} ({refusal.code})") from refusal
        self.stdout.write(
            _("Enrolled %(serial)s as %(name)s for %(user)s (%(id)s).")
            % {
                "serial": managed.serial_number,
                "name": managed.device_name,
                "user": managed.user_principal_name or _("nobody"),
                "id": managed.pk,
            }
        )

    def user(self, tenant: Tenant, device: AutopilotDevice, upn: str) -> DirectoryUser | None:
        """Who signs in; nobody on a device that deploys itself."""
        if not upn and simulating.deploys_itself(device):
            return None
        if not upn:
            raise CommandError(_("Say with --user who signs in: this device does not deploy itself."))
        return enrolment.find_user(tenant=tenant, upn=upn)

    def find(self, tenant: Tenant, options: dict[str, Any]) -> AutopilotDevice:
        """The one device meant; a serial that several share lists their ids."""
        rows = AutopilotDevice.objects.of(tenant).live().select_related("assigned_profile")
        if options["id"]:
            rows = rows.filter(pk=options["id"])
        else:
            rows = rows.filter(serial_number=options["serial"].replace("\x00", ""))
        found: list[AutopilotDevice] = list(rows.order_by("registered_at", "pk")[:50])
        if not found:
            raise CommandError(_("This device is not registered in this tenant. (not_registered)"))
        if len(found) > 1:
            lines = [f"  {row.pk}  {row.manufacturer} {row.model}" for row in found]
            head = _("Several devices have this serial number. Name one by --id:")
            raise CommandError("\n".join([head, *lines]))
        return found[0]
