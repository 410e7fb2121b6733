"""Take no statistics of an import's cells, hashes and keys.

No query is planned by them, and of the wide ones the server kept every sampled value: analysing 30,000
rows took a process of 330 MB, and takes one of 150 MB without.
"""

from django.db import migrations

COLUMNS = ("cells", "blob", "identity_keys")


def sample(target: int) -> str:
    """The statement that sets the statistics target of the columns; 0 is none, -1 the default."""
    parts = ", ".join(f"ALTER COLUMN {name} SET STATISTICS {target}" for name in COLUMNS)
    return f"ALTER TABLE devices_importrow {parts}"


class Migration(migrations.Migration):
    dependencies = [("devices", "0011_partner_submissions")]

    operations = [migrations.RunSQL(sample(0), reverse_sql=sample(-1))]
