"""The one query of which profile a device gets; *what if* asks it of rows that are not stored yet.

Ruling (design): among profiles whose included groups hold the device and whose excluded groups do
not, the oldest created wins; else the profile on All devices; else the built-in default.
"""

LIVE = "d.tenant_id = %s AND d.removed_at IS NULL"

EFFECTIVE = """
    SELECT d.id, coalesce(w.profile_id, a.id) AS profile_id, w.group_id,
        CASE WHEN w.profile_id IS NOT NULL THEN 'group'
             WHEN a.id IS NOT NULL THEN 'all_devices' ELSE 'default' END AS reason
    FROM devices_autopilotdevice d
    LEFT JOIN (
        SELECT DISTINCT ON (m.device_id) m.device_id, p.id AS profile_id, i.group_id
        FROM devices_autopilotdevice d
        JOIN {members} m ON m.device_id = d.entra_device_id
        JOIN {assignments} i ON i.group_id = m.group_id AND i.kind = 'include'
        JOIN {profiles} p ON p.id = i.profile_id AND p.tenant_id = d.tenant_id
        JOIN devices_group g ON g.id = i.group_id
        WHERE {scope} AND NOT EXISTS (
            SELECT 1 FROM {assignments} x
            JOIN {members} xm ON xm.group_id = x.group_id
            WHERE x.profile_id = p.id AND x.kind = 'exclude' AND xm.device_id = m.device_id)
        ORDER BY m.device_id, p.created_at, p.id, g.created_at, g.id
    ) w ON w.device_id = d.entra_device_id
    LEFT JOIN {whole} a ON a.tenant_id = d.tenant_id AND a.is_for_all_devices
    WHERE {scope}
"""


def effective(
    scope: str,
    *,
    members: str = "devices_groupmember",
    assignments: str = "devices_profileassignment",
    profiles: str = "devices_deploymentprofile",
    whole: str = "devices_deploymentprofile",
) -> str:
    """The query for the devices d in scope; its condition stands in it twice, so do its parameters.

    whole: where the profile on All devices is found.
    """
    return EFFECTIVE.format(
        scope=scope, members=members, assignments=assignments, profiles=profiles, whole=whole
    )
