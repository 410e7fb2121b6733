"""The list with its hashes, in exactly the five columns an import takes."""

import base64
from collections.abc import Iterator

from django.db.models import OuterRef, QuerySet, Subquery

from devices.models import AutopilotDevice, RegistrationHash
from devices.services.imports.reader.headers import IMPORT_COLUMNS
from portal.ui.exports import csv_lines
from tenants.models import Tenant
from tenants.permissions import Actor, missing
from tenants.services import audit

VALUES = ("serial_number", "product_key", "blob", "group_tag", "user_principal_name")


def with_hash(*, tenant: Tenant, actor: Actor, rows: QuerySet[AutopilotDevice]) -> Iterator[str]:
    """The file in pieces, after an audit event; raises Forbidden without devices.export_hash.

    A device whose hash is not held has an empty one. Values with a comma are quoted, which our own
    reader takes and Intune's does not; leaving such rows out would lose them silently.
    """
    if not actor.can("devices.export_hash", tenant=tenant):
        raise missing("devices.export_hash")
    count = rows.order_by().count()
    audit.record(tenant=tenant, actor=actor, activity="device.hash_exported", target_count=count)
    return csv_lines(IMPORT_COLUMNS, _read(rows))


def _read(rows: QuerySet[AutopilotDevice]) -> Iterator[tuple[str, str, str, str, str]]:
    held = RegistrationHash.objects.filter(registration=OuterRef("pk")).values("blob")[:1]
    ordered = rows.annotate(blob=Subquery(held)).order_by("serial_number", "pk")
    for serial, key, blob, tag, user in ordered.values_list(*VALUES).iterator(chunk_size=200):
        text = base64.b64encode(bytes(blob)).decode() if blob else ""
        yield serial, key, text, tag, user
