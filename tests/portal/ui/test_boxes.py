"""The boxes of a form's choices, drawn without the widgets' templates."""

import re

import pytest
from django import forms

from portal.templatetags.hangar import box


class Sample(forms.Form):
    """Radios and boxes; the chosen, the empty and the hostile value."""

    one = forms.ChoiceField(choices=[("", "-"), ("a", "A")], widget=forms.RadioSelect)
    some = forms.MultipleChoiceField(
        choices=[("x", "X"), ('"><b>', "B")], widget=forms.CheckboxSelectMultiple, required=False
    )


def parts(html: str) -> list[str]:
    return sorted(re.findall(r'[\w-]+(?:="[^"]*")?', html))


@pytest.mark.parametrize("name", ["one", "some"])
def test_a_box_is_what_the_widget_draws(name: str) -> None:
    options = list(Sample(initial={"one": "a", "some": ['"><b>']})[name])
    assert [parts(box(each)) for each in options] == [parts(each.tag()) for each in options]
