"""Browser tests: a live site, and people who sign in as people do."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer
from pytest_playwright.pytest_playwright import CreateContextCallback

from tenants.models import User
from tests import factories

Window = Callable[..., Page]
SignIn = Callable[..., Page]


@pytest.fixture
def window(new_context: CreateContextCallback, live_server: LiveServer) -> Window:
    """Opens fresh browser windows on the site; they close with the test, so nothing polls on."""

    def fresh(**options: Any) -> Page:
        return new_context(base_url=live_server.url, **options).new_page()

    return fresh


@pytest.fixture
def sign_in(window: Window) -> SignIn:
    """A page of a fresh browser window in which the person has signed in."""

    def enter(person: User, **options: Any) -> Page:
        page = window(**options)
        page.goto("/accounts/login/")
        page.locator("input[name=login]").fill(person.email)
        page.locator("input[name=password]").fill(factories.PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(lambda address: "/accounts/" not in address)
        return page

    return enter
