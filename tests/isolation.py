"""Loaded before the settings: each xdist worker has its own broker number; --no-browser."""

import os
from urllib.parse import urlsplit

import pytest

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

if "PYTEST_XDIST_WORKER" in os.environ and "REDIS_URL" in os.environ:
    number = int(os.environ["PYTEST_XDIST_WORKER"].removeprefix("gw")) + 1
    address = urlsplit(os.environ["REDIS_URL"])
    os.environ["REDIS_URL"] = address._replace(path=f"/{number}").geturl()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Leaving the browser tests out takes this word: they are never skipped silently."""
    parser.addoption("--no-browser", action="store_true", help="leave out the Chromium tests")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect the browser tests where that was asked for."""
    if not config.getoption("--no-browser"):
        return
    left_out = [item for item in items if item.get_closest_marker("browser")]
    items[:] = [item for item in items if item not in left_out]
    config.hook.pytest_deselected(items=left_out)
