"""Which steps a device goes through: by the way chosen and by how it is joined."""

from datetime import datetime

from django.db import connection
from django.utils.translation import gettext_lazy as _

from devices.models import Deregistration
from tenants.models import Job

KIT, INTUNE, USER, REGISTRATION, ENTRA = "undo_kit", "managed_device", "user", "registration", "entra_device"
TARGET, ON_PREMISES = "target", "on_premises"

LABELS = {
    KIT: _("Undo kit"),
    INTUNE: _("Intune record"),
    USER: _("Assigned user"),
    REGISTRATION: _("Windows Autopilot registration"),
    ENTRA: _("Microsoft Entra object"),
    TARGET: _("Registration in the other tenant"),
    ON_PREMISES: _("On-premises computer object"),
}

REGISTRATION_ONLY = [KIT, REGISTRATION, ENTRA]
FULL = [KIT, INTUNE, USER, REGISTRATION, ENTRA]

# By the object made at registration, its twin, and the object the Intune record belongs to.
JOIN_TYPE = """
    CASE WHEN 'ServerAd' IN (e.trust_type, m.trust_type) OR EXISTS (
             SELECT 1 FROM devices_entradevice t
             WHERE t.twin_of_id = e.id AND t.tenant_id = e.tenant_id AND t.deleted_at IS NULL
         ) THEN 'hybrid'
         WHEN 'AzureAd' IN (e.trust_type, m.trust_type) THEN 'entra' ELSE '' END
"""
PLAN = f"""
INSERT INTO devices_deregistration (tenant_id, job_id, position, device_id, serial_number, way, join_type,
    plan, state, step, phase, tries, next_try_at, code, message, steps, created_at)
SELECT j.tenant_id, j.id, i.position, a.id, a.serial_number, %s, x.join_type,
    %s::varchar[] || CASE WHEN %s AND x.join_type = 'hybrid' THEN ARRAY['{ON_PREMISES}'] ELSE '{{}}' END
        ::varchar[],
    'active', '{KIT}', 'due', 0, %s, '', '', '[]', %s
FROM tenants_jobitem i
JOIN tenants_job j ON j.id = i.job_id
JOIN devices_autopilotdevice a ON a.id = i.object_id
LEFT JOIN devices_entradevice e ON e.id = a.entra_device_id
LEFT JOIN LATERAL (
    SELECT o.trust_type FROM devices_manageddevice n JOIN devices_entradevice o ON o.id = n.entra_device_id
    WHERE n.autopilot_device_id = a.id AND n.removed_at IS NULL AND o.deleted_at IS NULL LIMIT 1
) m ON true
CROSS JOIN LATERAL (SELECT {JOIN_TYPE} AS join_type) x
WHERE i.job_id = %s
"""


def steps_of(*, way: str, is_full: bool) -> list[str]:
    """The steps before those that depend on the join type."""
    steps = FULL if is_full else REGISTRATION_ONLY
    return [*steps, TARGET] if way == Deregistration.Way.MOVE else list(steps)


def lay(*, job: Job, way: str, is_full: bool, now: datetime) -> None:
    """One active row for each device of the job's frozen set, standing before its first step."""
    with connection.cursor() as cursor:
        cursor.execute(PLAN, [way, steps_of(way=way, is_full=is_full), is_full, now, now, job.pk])
