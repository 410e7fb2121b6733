"""Settle the verdicts that depend on the import's options, in one statement, and count the plan."""

from typing import Any

from django.db import connection
from django.db.models import Count

from devices.models import Import, ImportRow

from .. import verdicts

Verdict = ImportRow.Verdict
OPEN = (
    "",
    Verdict.NEW,
    Verdict.UPDATE,
    Verdict.UNCHANGED,
    Verdict.ALREADY_REGISTERED,
    Verdict.NEEDS_DECISION,
)

SETTLE = """
WITH open AS (
    SELECT r.id, r.decision, r.code_name = %(here)s AS is_here,
        coalesce(nullif(r.group_tag, ''), %(default_tag)s) AS tag, r.assigned_user AS upn,
        g.group_tag AS old_tag, g.user_principal_name AS old_upn
    FROM devices_importrow r
    LEFT JOIN devices_registration g
        ON g.id = r.existing_device AND g.tenant_id = %(tenant)s AND g.ended_at IS NULL
    WHERE r.of_id = %(import)s AND r.number BETWEEN %(first)s AND %(last)s AND r.verdict = ANY(%(open)s)
        AND r.outcome = ''
), change AS (
    SELECT id, decision, is_here, jsonb_strip_nulls(jsonb_build_object(
        'group_tag', CASE WHEN is_here AND %(tags)s AND tag <> '' AND tag <> old_tag
            THEN jsonb_build_array(old_tag, tag) END,
        'user_principal_name', CASE WHEN is_here AND %(users)s AND upn <> '' AND lower(upn) <> lower(old_upn)
            THEN jsonb_build_array(old_upn, upn) END)) AS changes
    FROM open
), settled AS (
    SELECT id, changes, CASE
        WHEN is_here AND changes <> '{}' AND decision <> '' THEN 'needs_decision'
        WHEN is_here AND changes <> '{}' THEN 'update'
        WHEN is_here AND (%(tags)s OR %(users)s) THEN 'unchanged'
        WHEN is_here THEN 'already_registered'
        WHEN decision <> '' THEN 'needs_decision'
        ELSE 'new' END AS verdict
    FROM change
)
UPDATE devices_importrow r SET verdict = s.verdict, changes = s.changes FROM settled s
WHERE r.id = s.id AND (r.verdict, r.changes) IS DISTINCT FROM (s.verdict, s.changes)
"""


def settle(import_: Import, *, first: int = 1, last: int | None = None) -> int:
    """Write verdict and changes of the rows first…last by the import's options; the rows changed."""
    with connection.cursor() as cursor:
        cursor.execute(
            SETTLE,
            {
                "here": verdicts.ALREADY_ASSIGNED,
                "default_tag": import_.default_group_tag,
                "tags": import_.updates_group_tag,
                "users": import_.updates_user,
                "tenant": import_.tenant_id,
                "import": import_.pk,
                "first": first,
                "last": import_.row_count if last is None else last,
                "open": list(OPEN),
            },
        )
        return cursor.rowcount


def count(import_: Import) -> None:
    """Write the counts per verdict and how many values would be overwritten."""
    rows = ImportRow.objects.filter(of=import_)
    counts: Any = rows.order_by().values_list("verdict").annotate(count=Count("id"))
    import_.verdicts = dict(counts)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM devices_importrow r, jsonb_each(r.changes) AS c(field, pair) "
            "WHERE r.of_id = %s AND c.pair ->> 0 <> ''",
            [import_.pk],
        )
        import_.overwrite_count = cursor.fetchone()[0]
    import_.save(update_fields=["verdicts", "overwrite_count"])
