"""The Python evaluator and the SQL condition of a rule say the same of every object."""

import pytest
from django.db import connection
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from devices.models import EntraDevice
from devices.services.profiles import membership
from devices.services.profiles.rules import attributes, keys, parser, sql, verdicts
from devices.services.profiles.rules.folding import fold, folded
from tests.devices.profiles.rules import rules_at_random

pytestmark = pytest.mark.django_db


def found_by_sql(tenant, condition):
    objects = membership.objects_of(tenant)
    with connection.cursor() as cursor:
        statement = f"SELECT e.id FROM ({objects.sql}) e WHERE {condition.sql}"
        cursor.execute(statement, [*objects.parameters, *condition.parameters])
        return {row[0] for row in cursor.fetchall()}


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    texts=st.lists(rules_at_random.rules, min_size=5, max_size=5),
    objects=st.lists(rules_at_random.fields, min_size=4, max_size=4),
)
def test_both_evaluators_agree_and_the_keys_of_a_rule_are_asked_for(contoso, texts, objects):
    EntraDevice.objects.of(contoso).delete()
    rows = EntraDevice.objects.bulk_create(EntraDevice(tenant=contoso, **fields) for fields in objects)
    for text in texts:
        tree = parser.parse(text)
        by_python = {row.pk for row in rows if verdicts.fulfils(tree, attributes.facts_of(row))}
        assert found_by_sql(contoso, sql.compiled(tree)) == by_python, text
        found = keys.keys_of(tree)
        if found is not None:
            held = {row.pk for row in rows if found.values & set(map(fold, row.physical_ids))}
            assert by_python <= held
            assert not found.is_all_it_asks or by_python == held


@given(text=st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_python_and_postgresql_fold_any_text_alike(db, text):
    assume(text.isascii() or all(ord(letter) < 0x10D00 for letter in text))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {folded('%s::text')}", [text])
        assert cursor.fetchone()[0] == fold(text)
