"""The ready rules are texts now; their columns go (apart, as one transaction cannot do both)."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("devices", "0007_group_rule_text")]

    operations = [
        migrations.RemoveIndex(model_name="group", name="group_by_rule"),
        migrations.RemoveField(model_name="group", name="rule"),
        migrations.RemoveField(model_name="group", name="rule_value"),
    ]
