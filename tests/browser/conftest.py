"""Browser tests: a live site, a real worker, and people who sign in as people do."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from tenants.models import User
from tests import factories
from tests.real_worker import Worker

SignIn = Callable[..., Page]


@pytest.fixture
def sign_in(browser: Browser, live_server: LiveServer, real_worker: Worker) -> SignIn:
    """A page of a fresh browser window in which the person has signed in."""

    def enter(person: User, **options: object) -> Page:
        window = browser.new_context(base_url=live_server.url, **options)
        window.set_default_timeout(30_000)
        page = window.new_page()
        page.goto("/accounts/login/")
        page.locator("input[name=login]").fill(person.email)
        page.locator("input[name=password]").fill(factories.PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(lambda address: "/accounts/" not in address)
        return page

    return enter
