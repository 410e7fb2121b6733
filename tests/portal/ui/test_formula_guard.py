"""The formula guard is exactly undone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.ui.formula_guard import guard_formula, unguard_formula


@pytest.mark.parametrize("text", ["=1+1", "+49", "-1", "@SUM", "\tx", "\rx", "'=x"])
def test_a_formula_is_guarded(text: str) -> None:
    assert guard_formula(text) == "'" + text


@pytest.mark.parametrize("text", ["", "KIOSK", "'quoted", "''", "a=b"])
def test_plain_text_is_left_alone(text: str) -> None:
    assert guard_formula(text) == unguard_formula(text) == text


@given(st.text(st.sampled_from("'=+-@\t\rab"), max_size=6))
def test_the_guard_is_exactly_undone(text: str) -> None:
    assert unguard_formula(guard_formula(text)) == text
