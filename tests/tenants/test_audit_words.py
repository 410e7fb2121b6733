"""Every name that the services keep, in the audit log and on jobs, has a word to translate."""

import ast
import re
from collections.abc import Iterator

from django.db.models.fields.reverse_related import ForeignObjectRel

from devices.models import Orphan
from portal.env import CLONE
from tenants.models import AuditEvent, AuditTarget, Tenant
from tenants.models.activities import ACTIVITIES, KINDS
from tenants.permissions import PARTNER_PERMISSIONS, PERMISSIONS
from tenants.services.kept_values import COUNTERS
from tenants.services.tenants import GOES_ALONG, HELD

SPELLED = re.compile(r"([a-z_]+)\.([a-z_]+)")
KIND = re.compile(r"""(?:Target\(\s*|kind=)"([a-z_]+)"|SELECT '([a-z_]+)'""")


def services() -> Iterator[str]:
    for app in ("tenants", "devices"):
        for path in (CLONE / app / "services").rglob("*.py"):
            yield path.read_text()


def test_every_activity_has_words() -> None:
    nouns = {activity.partition(".")[0] for activity in ACTIVITIES} - {"devices"}
    nodes = (node for text in services() for node in ast.walk(ast.parse(text)))
    texts = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    spelled = {text for text in texts if (found := SPELLED.fullmatch(text)) and found[1] in nouns}
    assert spelled - {*PERMISSIONS, *PARTNER_PERMISSIONS} <= set(ACTIVITIES)
    assert set(ACTIVITIES) <= texts


def test_every_kind_of_target_has_a_word() -> None:
    kinds = {kind for text in services() for pair in KIND.findall(text) for kind in pair if kind}
    assert kinds - {"product_key_id"} <= set(KINDS)


def test_an_activity_of_another_day_reads_as_it_is_spelled() -> None:
    assert AuditEvent(activity="device.left_town").heading == "Device left town"
    assert AuditTarget(kind="old_thing").kind_word == "Old thing"


def test_a_check_counts_its_defects_in_words() -> None:
    assert set(Orphan.Defect.values) <= set(COUNTERS)


def test_whatever_keeps_a_tenant_from_being_deleted_has_words() -> None:
    relations = Tenant._meta.get_fields(include_hidden=True)
    models = {each.related_model for each in relations if isinstance(each, ForeignObjectRel)}
    assert {each._meta.label for each in models - set(GOES_ALONG)} == set(HELD)
