"""Rules of groups become texts of the rule language; the three ready ones are written out."""

import django.db.models.deletion
import django.db.models.manager
from django.db import migrations, models
from django.utils import timezone

# Lower case letter by letter, whatever the locale of the database: PostgreSQL 17 brings its own, older
# ones take it from the C library, else from ICU.
FOLD = """
DO $$ BEGIN
    IF current_setting('server_version_num')::int >= 170000 THEN
        CREATE COLLATION IF NOT EXISTS hangar_fold (provider = builtin, locale = 'C.UTF-8');
    ELSE
        BEGIN
            CREATE COLLATION IF NOT EXISTS hangar_fold (provider = libc, locale = 'C.UTF-8');
        EXCEPTION WHEN OTHERS THEN
            CREATE COLLATION IF NOT EXISTS hangar_fold (provider = icu, locale = 'und');
        END;
    END IF;
END $$
"""
KEYS = {"order_id": "[OrderID]:", "purchase_order": "[PurchaseOrderId]:"}


def write_out(apps, schema_editor):
    """Ready rules as texts, with the physical ids they ask for."""
    Group = apps.get_model("devices", "Group")
    GroupRuleKey = apps.get_model("devices", "GroupRuleKey")
    now = timezone.now()
    for group in Group._base_manager.filter(membership="dynamic"):
        if group.rule == "all_autopilot":
            group.rule_text = '(device.devicePhysicalIDs -any (_ -startsWith "[ZTDid]"))'
            group.evaluation = "every"
        else:
            key = KEYS[group.rule] + group.rule_value
            escaped = key.replace("`", "``").replace('"', '`"')
            group.rule_text = f'(device.devicePhysicalIds -any (_ -eq "{escaped}"))'
            group.evaluation = "lookup"
            folded = "".join("i" if letter == "\u0130" else letter.lower() for letter in key)
            GroupRuleKey._base_manager.create(tenant_id=group.tenant_id, group=group, value=folded)
        group.evaluated_at = now
        group.save(update_fields=["rule_text", "evaluation", "evaluated_at"])


class Migration(migrations.Migration):
    dependencies = [
        ("devices", "0006_deregistration"),
        ("tenants", "0002_partner"),
    ]

    operations = [
        migrations.RunSQL(FOLD, "DROP COLLATION hangar_fold"),
        migrations.AddField(
            model_name="group",
            name="rule_text",
            field=models.TextField(blank=True, default="", verbose_name="Rule"),
        ),
        migrations.AddField(
            model_name="group",
            name="evaluation",
            field=models.CharField(
                blank=True,
                choices=[
                    ("", "No rule"),
                    ("lookup", "By physical id"),
                    ("narrowed", "By physical id, then by the rule"),
                    ("every", "By the rule"),
                ],
                default="",
                max_length=10,
            ),
        ),
        migrations.AddField(model_name="group", name="evaluated_at", field=models.DateTimeField(null=True)),
        migrations.AddField(
            model_name="group", name="members_changed_at", field=models.DateTimeField(null=True)
        ),
        migrations.AddIndex(
            model_name="group",
            index=models.Index(fields=["tenant", "evaluation"], name="group_by_evaluation"),
        ),
        migrations.CreateModel(
            name="GroupRuleKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("value", models.CharField(db_collation="C", max_length=600)),
                (
                    "group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rule_keys",
                        to="devices.group",
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenants.tenant"
                    ),
                ),
            ],
            options={"base_manager_name": "unscoped", "default_manager_name": "unscoped"},
            managers=[("unscoped", django.db.models.manager.Manager())],
        ),
        migrations.AddIndex(
            model_name="grouprulekey",
            index=models.Index(fields=["tenant", "value", "group"], name="group_by_rule_key"),
        ),
        migrations.RunPython(write_out, migrations.RunPython.noop),
    ]
