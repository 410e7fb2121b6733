"""Every activity, kind and value that the services write into the audit log has a word to translate."""

import ast
import re
from collections.abc import Iterator

from portal.env import CLONE
from tenants.models import AuditEvent, AuditTarget
from tenants.models.activities import ACTIVITIES, KINDS
from tenants.permissions import PARTNER_PERMISSIONS, PERMISSIONS

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
