"""Configuration by environment: what cannot be meant is one sentence that names its variable."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from portal import env


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "abc"),
        ("PORT", "99999"),
        ("HANGAR_PUBLIC_URL", "hangar.example.org"),
        ("EMAIL_URL", "nonsense"),
        ("EMAIL_URL", "smtp://host:port"),
        ("HANGAR_DEMO", "perhaps"),
        ("DATABASE_URL", "mysql://host/name"),
    ],
)
def test_a_value_that_cannot_be_meant_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.delenv("HANGAR_PUBLIC_URL", raising=False)
    monkeypatch.setenv(name, value)

    with pytest.raises(ImproperlyConfigured, match=f"^{name} must .*\\.$"):
        env.validate()


@pytest.mark.parametrize(("value", "is_on"), [("1", True), ("true", True), ("0", False), ("OFF", False)])
def test_the_demo_is_switched_by_word_or_number(
    monkeypatch: pytest.MonkeyPatch, value: str, is_on: bool
) -> None:
    monkeypatch.setenv("HANGAR_DEMO", value)

    assert env.is_demo() is is_on
