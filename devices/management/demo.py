"""The demo: two made-up organizations, built through the services only, from synthetic hashes."""

import io
from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from django.core.files.base import File
from django.db import transaction

from devices.hardware import encode, synthetic
from devices.management import demo_partners
from devices.models import AutopilotDevice, Import
from devices.services.autopilot import enrolment
from devices.services.autopilot.enrolment import simulating
from devices.services.directory import groups
from devices.services.imports import committing, uploading
from devices.services.profiles import assigning, profiles
from devices.services.profiles.rules import templates
from portal.celery import app
from tenants import permissions
from tenants.models import DirectoryUser, Job, Tenant, User
from tenants.permissions import Actor
from tenants.services import directory_users, invitations, links, tenants

ADMINISTRATOR = "admin@contoso.example"
HEADER = "Device Serial Number,Windows Product ID,Hardware Hash,Group Tag,Assigned User"
PEOPLE = (
    "Alex Wilber, Adele Vance, Christie Cline, Debra Berger, Diego Siciliani, Grady Archie, "
    "Henrietta Mueller, Irvin Sayers, Isaiah Langer, Johanna Lorenz, Joni Sherman, Lee Gu, "
    "Lidia Holloway, Lynne Robbins, Megan Bowen, Miriam Graham, Nestor Wilke, Patti Fernandez, "
    "Pradeep Gupta, Raul Razo, Rene Magi, Sonia Rees, Tamara Petersen, Zoe Hartmann"
).split(", ")
COLLEAGUES = {
    "intune": ("Irvin Sayers", permissions.INTUNE_ADMINISTRATOR),
    "profiles": ("Patti Fernandez", permissions.POLICY_AND_PROFILE_MANAGER),
    "school": ("Sonia Rees", permissions.SCHOOL_ADMINISTRATOR),
    "helpdesk": ("Henrietta Mueller", permissions.HELP_DESK_OPERATOR),
    "reader": ("Rene Magi", permissions.READ_ONLY_OPERATOR),
}
TAGS = ("KIOSK", "SALES", "SALES", "OFFICE", "OFFICE", "OFFICE", "LAB", "")
PROFILES = {
    "KIOSK": {
        "display_name": "Kiosks (self-deploying)",
        "description": "Shared devices in shops; nobody signs in during the first start.",
        "device_usage_type": "shared",
        "locale": "en-US",
        "keyboard_selection_page_skipped": True,
        "device_name_template": "KIOSK-%RAND:5%",
    },
    "SALES": {
        "display_name": "Sales laptops",
        "description": "User-driven, standard users, pre-provisioning by the reseller.",
        "user_type": "standard",
        "eula_hidden": True,
        "privacy_settings_hidden": True,
        "preprovisioning_allowed": True,
        "device_name_template": "SALES-%SERIAL%",
    },
    "OFFICE": {
        "display_name": "Office PCs",
        "description": "User-driven, standard users.",
        "user_type": "standard",
        "eula_hidden": True,
        "device_name_template": "PC-%RAND:6%",
    },
}


def seed(*, password: str, now: datetime) -> None:
    """Contoso (240 devices) and Fabrikam (40), the administrator a member of both; a reseller, an OEM."""
    admin = User.objects.create_superuser(ADMINISTRATOR, password, name="MOD Administrator")
    for name, first_seed, count in (("Contoso", 1, 240), ("Fabrikam", 5001, 40)):
        organization(admin, name, first_seed, count, password, now)
    contoso = Tenant.objects.get(slug="contoso")
    demo_partners.seed(admin=admin, customer=contoso, password=password, work_off=work_off, now=now)


def organization(admin: User, name: str, first_seed: int, count: int, password: str, now: datetime) -> None:
    """One tenant from its domain to its first enrolled devices."""
    actor = Actor.command(admin)
    domain = f"{name.lower()}.example"
    with transaction.atomic():
        tenant = tenants.create(actor=actor, name=name, slug=name.lower(), administrator=admin)
        tenants.add_domain(tenant=tenant, actor=actor, name=domain)
        users = directory(tenant, actor, domain)
        colleagues(tenant, actor, domain, password)
        rules(tenant, actor, now)
    import_machines(tenant, actor, first_seed, count, users)
    enroll_some(tenant, actor, users, now)
    work_off(tenant)


def directory(tenant: Tenant, actor: Actor, domain: str) -> list[DirectoryUser]:
    """The directory users; the last three have no licence. Returns the licensed ones."""
    users = [
        directory_users.add(
            tenant=tenant,
            actor=actor,
            user_principal_name=f"{person.replace(' ', '.').lower()}@{domain}",
            display_name=person,
            is_licensed=number < len(PEOPLE) - 3,
        )
        for number, person in enumerate(PEOPLE)
    ]
    return [user for user in users if user.is_licensed]


def colleagues(tenant: Tenant, actor: Actor, domain: str, password: str) -> None:
    """One member for each of Intune's roles, signing in with the administrator's password."""
    for word, (name, role) in COLLEAGUES.items():
        invitation = invitations.invite(into=tenant, actor=actor, email=f"{word}@{domain}", roles=[role])
        digest = links.digest_of(invitations.token_of(invitation))
        invitations.accept_as_new(digest=digest, name=name, password=password, address=None)


def rules(tenant: Tenant, actor: Actor, now: datetime) -> None:
    """Tag → group → profile, as an administrator sets it up."""
    groups.create(
        tenant=tenant,
        actor=actor,
        name="All Windows Autopilot devices",
        rule_text=templates.all_autopilot(),
        now=now,
    )
    groups.create(tenant=tenant, actor=actor, name="Pilot ring", description="First to try", now=now)
    for tag, values in PROFILES.items():
        group, _job = groups.create(
            tenant=tenant,
            actor=actor,
            name=f"Autopilot {tag.lower()}",
            rule_text=templates.order_id(tag),
            now=now,
        )
        profile = profiles.create(tenant=tenant, actor=actor, values=dict(values), now=now)
        assigning.assign(
            tenant=tenant,
            actor=actor,
            profile=profile,
            include=[group.pk],
            exclude=[],
            is_for_all_devices=False,
            revision=None,
            now=now,
        )


def import_machines(
    tenant: Tenant, actor: Actor, first_seed: int, count: int, users: list[DirectoryUser]
) -> None:
    """Upload a CSV, check it and import it, as the pane does."""
    lines = "\r\n".join([HEADER, *rows(first_seed, count, users)])
    file = File(io.BytesIO(lines.encode()), name=f"{tenant.name} devices.csv")
    import_ = uploading.accept(tenant=tenant, actor=actor, files=[file])
    work_off(tenant)
    committing.start(import_=Import.objects.of(tenant).get(pk=import_.pk), actor=actor)
    work_off(tenant)


def rows(first_seed: int, count: int, users: list[DirectoryUser]) -> Iterator[str]:
    """CSV lines of made-up machines; every sixth has a user."""
    for number in range(count):
        machine = synthetic.machine(seed=first_seed + number)
        user = users[number // 6 % len(users)].user_principal_name if number % 6 == 0 else ""
        tag = TAGS[number % len(TAGS)]
        yield f"{machine.serial},,{encode.encode_base64(machine)},{tag},{user}"


def enroll_some(tenant: Tenant, actor: Actor, users: list[DirectoryUser], now: datetime) -> None:
    """Sign in on every seventh device, simulated; those that deploy themselves need nobody."""
    devices = AutopilotDevice.objects.of(tenant).live().order_by("serial_number")
    devices = devices.select_related("assigned_profile", "user")
    for number, device in enumerate(islice(devices.iterator(), 0, None, 7)):
        signs_in = device.user or users[number % len(users)]
        user = None if simulating.deploys_itself(device) else signs_in
        enrolment.enroll(tenant=tenant, actor=actor, device=device, user=user, simulated=True, now=now)


def work_off(tenant: Tenant) -> None:
    """Run the tenant's jobs in this process, as a worker would, until none is left."""
    while job := Job.objects.of(tenant).unfinished().order_by("created_at").first():
        app.tasks[job.task](str(job.pk))
