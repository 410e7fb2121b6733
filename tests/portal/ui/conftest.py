"""The sample site and a signed-in browser for the tests of the kit."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tenants.models import Tenant, User


@pytest.fixture(autouse=True)
def _sample_site(settings: Any) -> None:
    """The sample list stands beside the real pages."""
    settings.ROOT_URLCONF = "tests.portal.ui.sample_site"


@pytest.fixture
def open_list(client: Client, admin: User, contoso: Tenant) -> Callable[..., Any]:
    """Get the sample list as the administrator; query and headers may be given."""
    client.force_login(admin)

    def get(query: str = "", **extra: Any) -> Any:
        return client.get(f"/t/contoso/sample/{query}", **extra)

    return get
