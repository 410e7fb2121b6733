"""The demo's partners: a reseller with a customer, and a manufacturer, through the services only."""

from collections.abc import Callable
from datetime import datetime

from devices.hardware import encode, synthetic
from devices.hardware.identity import HardwareIdentity
from devices.services.partners import reporting, submitting
from devices.services.partners.lines import Line
from tenants import permissions
from tenants.models import Partner, Region, Tenant, User
from tenants.permissions import Actor
from tenants.services import invitations, links
from tenants.services.partners import accounts, requests

Kind = Partner.Kind
FIRST_SEED, COUNT = 9001, 12


def seed(
    *, admin: User, customer: Tenant, password: str, work_off: Callable[[Tenant], None], now: datetime
) -> None:
    """Tailwind Resellers with a consent, an open request and a batch; Litware, which reported the hashes."""
    reseller, ada = partner("Tailwind Resellers", "tailwind", Kind.DIRECT_CSP, "Ada Russell", password)
    machines = [synthetic.machine(seed=FIRST_SEED + number) for number in range(COUNT)]
    oem, max_ = partner("Litware", "litware", Kind.OEM, "Max Benson", password)
    report(oem, max_, machines, now)
    asked = requests.create(partner=reseller, actor=ada, note=customer.name)
    digest = links.digest_of(requests.token_of(asked))
    requests.accept(digest=digest, actor=Actor.command(admin), tenant=customer, region=Region.EUROPE)
    requests.create(partner=reseller, actor=ada, note="Fabrikam")
    submitting.submit(
        partner=reseller,
        tenant=Tenant.objects.get(pk=customer.pk),
        actor=ada,
        lines=[by_tuple(machine) for machine in machines],
        batch="First delivery",
        purchase_order="PO-2026-001",
        group_tag="OFFICE",
    )
    work_off(customer)


def partner(name: str, slug: str, kind: Kind, person: str, password: str) -> tuple[Partner, Actor]:
    """A partner and its administrator, who signs in with the demo's password."""
    region = "" if kind == Kind.OEM else Region.EUROPE
    made = accounts.create(
        actor=Actor.command(),
        name=name,
        slug=slug,
        kind=kind,
        sales_region=region,
        manufacturers=list(synthetic.MODELS),
    )
    email = f"{person.partition(' ')[0].lower()}@{slug}.example"
    invitation = invitations.invite(
        into=made, actor=Actor.command(), email=email, roles=[permissions.PARTNER_ADMINISTRATOR]
    )
    digest = links.digest_of(invitations.token_of(invitation))
    user = invitations.accept_as_new(digest=digest, name=person, password=password, address=None)
    return made, Actor(user=user, via=Actor.PARTNER, partner=made)


def report(oem: Partner, actor: Actor, machines: list[HardwareIdentity], now: datetime) -> None:
    """What the manufacturer reports before it ships."""
    lines = [Line(hardware_hash=encode.encode_base64(machine)) for machine in machines]
    reporting.report(partner=oem, actor=actor, lines=lines, name="cbr.csv", headers=[], key=None, now=now)


def by_tuple(machine: HardwareIdentity) -> Line:
    """A machine by the name its manufacturer gave it."""
    return Line(
        serial=machine.serial or "", manufacturer=machine.manufacturer or "", model=machine.model or ""
    )
