"""Fill a tenant with made-up devices through COPY, as fast as PostgreSQL takes them."""

import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from devices.hardware.encode import encode
from devices.hardware.identity import HardwareIdentity, identity_keys
from devices.hardware.synthetic import machine as synthetic_machine
from devices.models import Registration
from devices.registry import physical_ids
from devices.registry.claims import exclusive_keys
from tenants.models import Tenant

MODELS = (
    ("Contoso", "Book 14"),
    ("Contoso", "Book 16 Pro"),
    ("Fabrikam", "Slate 10"),
    ("Northwind", "Tower 900"),
    ("Tailwind", "Mini Kiosk"),
)
TAGS = ("", "KIOSK", "SALES", "LAB", "SCHOOL-1", "SCHOOL-2")
STATUSES = ("assigned", "not_assigned", "assigning", "failed")

REGISTRATION = (
    "id tenant_id authority serial_number manufacturer model product_key sku_number system_family "
    "group_tag purchase_order user_principal_name addressable_user_name display_name channel "
    "registered_by registered_at changed_at end_reason"
).split()
ENTRA = (
    "id tenant_id device_id display_name ztdid physical_ids serial_number is_enabled trust_type "
    "is_company_owned has_enrolled registered_at revision"
).split()
AUTOPILOT = (
    "id tenant_id serial_number manufacturer model product_key sku_number system_family group_tag "
    "purchase_order display_name user_principal_name addressable_user_name assignment_status "
    "remediation_state profile_reason enrollment_state userless_enrollment last_contacted_at "
    "registered_by registered_at entra_device_id removal_reason revision synced_at"
).split()
KEY = "registration_id authority kind value is_exclusive is_live".split()
HASH = ["registration_id", "blob"]


def seed(*, tenant: Tenant, count: int, now: datetime, hashes: bool = False) -> None:
    """Add `count` registrations with Entra objects, list rows and identity keys; one transaction.

    With `hashes` each is a whole synthetic machine, found again by every kind of key.
    """
    first = Registration.objects.of(tenant).count()
    machines = [(uuid.uuid4(), uuid.uuid4(), number) for number in range(first, first + count)]
    with transaction.atomic():
        copy("devices_registration", REGISTRATION, (registration(tenant, m, now) for m in machines))
        copy("devices_entradevice", ENTRA, (entra(tenant, m, now) for m in machines))
        copy("devices_autopilotdevice", AUTOPILOT, (listed(tenant, m, now) for m in machines))
        if hashes:
            copy("devices_registrationhash", HASH, ((m[0], encode(hardware(m))) for m in machines))
            copy("devices_identitykey", KEY, (key for m in machines for key in hardware_keys(tenant, m)))
        else:
            copy("devices_identitykey", KEY, (key for m in machines for key in keys(tenant, m)))


def copy(table: str, columns: list[str], rows: Iterator[tuple[Any, ...]]) -> None:
    """COPY rows into a table."""
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as target,
    ):
        for row in rows:
            target.write_row(row)


Machine = tuple[uuid.UUID, uuid.UUID, int]


def facts(machine: Machine) -> tuple[str, str, str, str]:
    """Serial number, manufacturer, model and group tag of a machine."""
    key, _entra, number = machine
    manufacturer, model = MODELS[number % len(MODELS)]
    return f"BENCH-{key.hex[:6].upper()}-{number:07d}", manufacturer, model, TAGS[number % len(TAGS)]


def registration(tenant: Tenant, machine: Machine, now: datetime) -> tuple[Any, ...]:
    """A row of REGISTRATION."""
    serial, manufacturer, model, tag = facts(machine)
    head = (machine[0], tenant.pk, tenant.authority, serial, manufacturer, model, "", "", "")
    return (*head, tag, "", "", "", "", "command", "Benchmark", now, now, "")


def entra(tenant: Tenant, machine: Machine, now: datetime) -> tuple[Any, ...]:
    """A row of ENTRA."""
    serial, _manufacturer, _model, tag = facts(machine)
    ids = physical_ids.compose(ztdid=machine[0], group_tag=tag)
    head = (machine[1], tenant.pk, uuid.uuid4(), serial, machine[0], ids, serial)
    return (*head, True, "", True, False, now, 1)


def listed(tenant: Tenant, machine: Machine, now: datetime) -> tuple[Any, ...]:
    """A row of AUTOPILOT."""
    serial, manufacturer, model, tag = facts(machine)
    number = machine[2]
    contacted = now - timedelta(minutes=number) if number % 3 else None
    status = STATUSES[number % len(STATUSES)]
    registered_at = now - timedelta(seconds=number)
    head = (machine[0], tenant.pk, serial, manufacturer, model, "", "", "", tag, "", "", "", "")
    middle = (status, "none", "", "not_contacted", "unknown", contacted, "Benchmark", registered_at)
    return (*head, *middle, machine[1], "", 1, now)


def keys(tenant: Tenant, machine: Machine) -> Iterator[tuple[Any, ...]]:
    """The rows of KEY: the SMBIOS UUID, and manufacturer with serial."""
    serial, manufacturer, _model, _tag = facts(machine)
    yield machine[0], tenant.authority, "uuid", str(uuid.uuid4()), True, True
    joined = f"{manufacturer}|{serial}".upper()
    yield machine[0], tenant.authority, "manufacturer_serial", joined, False, True


def hardware(machine: Machine) -> HardwareIdentity:
    """The whole machine behind a number, under the serial number it is listed by."""
    serial, manufacturer, model, _tag = facts(machine)
    return synthetic_machine(
        seed=f"bench {machine[2]}", serial=serial, manufacturer=manufacturer, model=model
    )


def hardware_keys(tenant: Tenant, machine: Machine) -> Iterator[tuple[Any, ...]]:
    """The rows of KEY of a whole machine."""
    found = identity_keys(hardware(machine))
    alone = set(exclusive_keys(found))
    for key in found:
        yield machine[0], tenant.authority, key.kind, key.value, key in alone, True
