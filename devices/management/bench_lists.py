"""The other lists of the tenant “bench”: filled by SQL around its devices, and their addresses."""

from collections.abc import Iterator

from django.db import connection, transaction

from devices.models import DeploymentProfile, Group
from tenants.models import Tenant

# Each fills one table of %(tenant)s, some by %(unit)s rows; the devices of `bench seed` are numbered as r.
NUMBERED = """(SELECT *, row_number() OVER (ORDER BY id) AS r FROM devices_autopilotdevice
    WHERE tenant_id = %(tenant)s AND removed_at IS NULL)"""
FILL = {
    "users": """
        INSERT INTO tenants_directoryuser
            (id, tenant_id, user_principal_name, display_name, is_licensed, revision, created_at)
        SELECT gen_random_uuid(), %(tenant)s, 'user' || g || '@bench.example', 'Person ' || g, g %% 5 > 0, 1,
            now() FROM generate_series(1, 2 * %(unit)s) g ON CONFLICT DO NOTHING""",
    "Windows devices": f"""
        INSERT INTO devices_manageddevice
            (id, tenant_id, device_name, managed_by, ownership, compliance, operating_system, os_version,
            last_check_in_at, enrolled_at, user_principal_name, serial_number, manufacturer, model,
            enrollment_profile, is_simulated, revision, autopilot_device_id, entra_device_id)
        SELECT gen_random_uuid(), %(tenant)s, 'PC-' || serial_number, 'Intune', 'company',
            (ARRAY['compliant', 'noncompliant', 'unknown'])[1 + r %% 3], 'Windows', '10.0.26100',
            now() - r * interval '37 seconds', now(), 'user' || r %% 20000 || '@bench.example',
            serial_number, manufacturer, model, '', false, 1, id, entra_device_id
        FROM {NUMBERED} d WHERE r %% 10 > 0 ON CONFLICT DO NOTHING""",
    "groups": """
        INSERT INTO devices_group
            (id, tenant_id, name, description, membership, rule_text, evaluation, created_at, revision)
        SELECT gen_random_uuid(), %(tenant)s, 'Bench list ' || lpad(g::text, 3, '0'), '', 'assigned', '', '',
            now(), 1 FROM generate_series(1, 300) g ON CONFLICT DO NOTHING""",
    "members": f"""
        INSERT INTO devices_groupmember (group_id, device_id, added_at)
        SELECT g.id, d.entra_device_id, now() FROM {NUMBERED} d JOIN devices_group g
            ON g.tenant_id = %(tenant)s AND g.name = 'Bench list ' || lpad((1 + d.r %% 2)::text, 3, '0')
        ON CONFLICT DO NOTHING""",
    "profiles": """
        INSERT INTO devices_deploymentprofile
            (id, tenant_id, display_name, description, device_type, hardware_hash_extraction_enabled,
            device_usage_type, join_type, skip_connectivity_check, eula_hidden, privacy_settings_hidden,
            escape_link_hidden, user_type, preprovisioning_allowed, locale, keyboard_selection_page_skipped,
            device_name_template, is_for_all_devices, created_at, modified_at, revision)
        SELECT gen_random_uuid(), %(tenant)s, 'Bench list ' || lpad(g::text, 3, '0'), '', 'windowsPc', false,
            'singleUser', 'entra', false, false, false, false, 'standard', false, 'os-default', false, '',
            false, now() + g * interval '1 millisecond', now(), 1 FROM generate_series(1, 300) g
        ON CONFLICT DO NOTHING""",
    "assigned devices": """
        UPDATE devices_autopilotdevice d SET assigned_profile_id = p.id FROM devices_deploymentprofile p
        WHERE d.tenant_id = %(tenant)s AND d.removed_at IS NULL AND p.tenant_id = d.tenant_id
            AND p.display_name = 'Bench list 001' AND d.group_tag <> 'KIOSK'""",
    "orphans": f"""
        INSERT INTO devices_orphan
            (id, tenant_id, defect, record, object_id, label, detail, is_fixable, found_at)
        SELECT gen_random_uuid(), %(tenant)s, (ARRAY['tag_differs', 'disabled', 'user_gone'])[1 + r %% 3],
            'autopilot_device', id, serial_number, '', true, now() FROM {NUMBERED} d WHERE r <= 2 * %(unit)s
        ON CONFLICT DO NOTHING""",
    "enrollment failures": """
        INSERT INTO devices_enrollmentfailure
            (id, tenant_id, at, serial_number, manufacturer, model, mode, user_principal_name, reason,
            error_code, sentence, next_step)
        SELECT gen_random_uuid(), %(tenant)s, now() - g * interval '1 minute', 'FAIL-' || g, 'Contoso',
            'Book 14', 'user_driven', 'user' || g %% 20000 || '@bench.example', 'unlicensed_user',
            '0x80180018', 'The user has no license.', '' FROM generate_series(1, 5 * %(unit)s) g""",
    "jobs": """
        INSERT INTO tenants_job
            (id, tenant_id, task, state, phase, done, total, arguments, cursor, counters, error_code,
            error_message, attempts, run_after, created_at, title, via, permission)
        SELECT gen_random_uuid(), %(tenant)s, 'bench', 'succeeded', '', 1, 1, '{}', '{}', '{}', '', '', 1,
            now(), now() - g * interval '3 minutes', 'Bench ' || g, 'command', ''
        FROM generate_series(1, 2 * %(unit)s) g""",
    "audit events": """
        WITH acts AS (
            INSERT INTO tenants_auditevent
                (id, tenant_id, at, actor_label, via, activity, result, summary, target_count)
            SELECT gen_random_uuid(), %(tenant)s, now() - g * interval '20 seconds',
                'person' || g %% 50 || '@bench.example', 'browser',
                (ARRAY['device.updated', 'device.imported', 'group.created'])[1 + g %% 3], 'success',
                'Bench ' || g, 1 FROM generate_series(1, 30 * %(unit)s) g RETURNING id, summary)
        INSERT INTO tenants_audittarget (event_id, kind, label)
        SELECT id, 'device', summary FROM acts""",
}

LISTS = {
    "overview": ("", [""]),
    "Windows devices": ("windows-devices/", ["", "q=0042", "q=zzzzqq", "sort=-last_check_in_at"]),
    "Entra devices": ("entra-devices/", ["", "q=0042", "q=zzzzqq", "sort=-registered_at"]),
    "orphans": ("orphans/", ["", "q=0042", "defect=tag_differs"]),
    "groups": ("groups/", ["", "q=299"]),
    "members of a group": ("groups/{group}/", ["", "q=0042", "sort=-registered_at"]),
    "profiles": ("deployment-profiles/", ["", "q=299"]),
    "a profile's assignments": ("deployment-profiles/{profile}/assignments/", [""]),
    "a profile's devices": ("deployment-profiles/{profile}/devices/", ["", "q=0042", "sort=-group_tag"]),
    "enrollment failures": ("enrollment-failures/", ["", "q=0042", "q=zzzzqq", "sort=serial_number"]),
    "jobs": ("jobs/", ["", "q=0042", "state=failed"]),
    "audit log": ("audit/", ["", "q=person7", "q=zzzzqq", "target=0042", "actor_label=nobody"]),
    "users": ("users/", ["", "q=0042", "sort=-display_name"]),
}


def fill(*, tenant: Tenant, unit: int = 10_000) -> Iterator[tuple[str, int]]:
    """Fill each list, table by table; yields its name and the rows added."""
    for name, statement in FILL.items():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, {"tenant": tenant.pk, "unit": unit})
            yield name, cursor.rowcount


def addresses(*, tenant: Tenant) -> Iterator[tuple[str, str]]:
    """Each page to time: its name and address; raises DoesNotExist where the lists were not filled."""
    group = Group.objects.of(tenant).get(name="Bench list 001").pk
    profile = DeploymentProfile.objects.of(tenant).get(display_name="Bench list 001").pk
    for name, (path, queries) in LISTS.items():
        base = f"/t/{tenant.slug}/{path.format(group=group, profile=profile)}"
        for query in queries:
            yield f"{name} {query}".strip(), f"{base}?{query}"
