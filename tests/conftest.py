"""What every test shares; the people and tenants of the tests are in cast.py."""

import os
import shutil
from pathlib import Path

import pytest
from django.conf import settings
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis
from playwright.sync_api import expect

from portal.management.commands.test import CHROMIUM

pytest_plugins = ["tests.cast", "tests.lost_database", "tests.quiet_end", "tests.real_worker"]

hypothesis.register_profile(
    "suite", max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis.register_profile(
    "thorough", max_examples=10_000, deadline=None, suppress_health_check=list(HealthCheck)
)
hypothesis.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))


def pytest_configure(config: pytest.Config) -> None:
    """Cheap password hashes, static files without a collected manifest, and patient expectations."""
    expect.set_options(timeout=30_000)
    cheap = "django.contrib.auth.hashers.MD5PasswordHasher"
    settings.PASSWORD_HASHERS = [cheap, "portal.random_secrets.RandomSecretHasher"]
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}


@pytest.fixture(autouse=True)
def _own_uploads(tmp_path: Path, settings: object) -> None:
    """Uploads of one test are not seen by another."""
    settings.MEDIA_ROOT = tmp_path / "uploads"


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, object]) -> dict[str, object]:
    """The system's Chromium, without look-ups of its own."""
    found = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if found is None:
        pytest.fail("Chromium is missing: install it with `apt-get install chromium`.")
    quiet = ["background-networking", "component-update", "sync"]
    flags = [f"--disable-{name}" for name in quiet]
    return {
        **browser_type_launch_args,
        "executable_path": found,
        "args": [*flags, "--no-first-run", "--disable-quic"],
    }
