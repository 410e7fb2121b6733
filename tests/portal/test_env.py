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
        ("HANGAR_TRUSTED_PROXIES", "one"),
        ("HANGAR_TRUSTED_PROXIES", "-1"),
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


@pytest.mark.parametrize(
    ("given", "running", "base"),
    [
        (
            "https://hangar.example.org/",
            {"public_url": "http://127.0.0.1:9000"},
            "https://hangar.example.org",
        ),
        ("", {"public_url": "http://127.0.0.1:9000"}, "http://127.0.0.1:9000"),
        ("", {}, "http://127.0.0.1:8000"),
    ],
)
def test_a_command_beside_a_running_up_links_to_its_pages(
    monkeypatch: pytest.MonkeyPatch, given: str, running: dict[str, str], base: str
) -> None:
    monkeypatch.setenv("HANGAR_PUBLIC_URL", given)
    monkeypatch.delenv("PORT", raising=False)
    monkeypatch.setattr(env, "services", lambda: running)

    assert env.public_url() == base


@pytest.mark.parametrize(
    ("url", "given", "count"),
    [
        ("https://hangar.example.org", "", 1),
        ("http://hangar.lan:8000", "", 0),
        ("https://hangar.example.org", "0", 0),
        ("https://hangar.example.org", "2", 2),
    ],
)
def test_an_https_address_means_a_proxy_in_front(
    monkeypatch: pytest.MonkeyPatch, url: str, given: str, count: int
) -> None:
    monkeypatch.setenv("HANGAR_PUBLIC_URL", url)
    monkeypatch.setenv("HANGAR_TRUSTED_PROXIES", given)

    assert env.trusted_proxies() == count


def test_a_database_that_has_gone_is_waited_for_as_long_as_its_address_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://user:password@host/hangar?connect_timeout=3")

    options = env.database()["OPTIONS"]

    assert str(options["connect_timeout"]) == "3"
    assert options["tcp_user_timeout"] == env.PATIENCE["tcp_user_timeout"]
