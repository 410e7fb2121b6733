"""What an OEM reported so far, it may go on reporting; the operator takes away what is not its own."""

from django.db import migrations

RECORD = """
UPDATE tenants_partner p SET manufacturers = s.names FROM (
    SELECT reported_by_id, array_agg(DISTINCT manufacturer ORDER BY manufacturer) AS names
    FROM devices_knownmachine WHERE manufacturer <> '' GROUP BY reported_by_id
) s
WHERE s.reported_by_id = p.id AND p.kind = 'oem' AND p.manufacturers = '{}'
"""


class Migration(migrations.Migration):
    dependencies = [
        ("devices", "0015_live_counts"),
        ("tenants", "0010_partner_manufacturers"),
    ]

    operations = [migrations.RunSQL(RECORD, migrations.RunSQL.noop)]
