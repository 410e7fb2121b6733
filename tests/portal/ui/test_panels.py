"""A dialog opened over a page stays a dialog; one on a page of its own answers in that page."""

import pytest
from django.test import Client

from tenants.models import Tenant, User

ADDRESS = "/t/contoso/imports/new/"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("headers", "target"),
    [
        ({}, "#panel"),
        ({"HX-Request": "true", "HX-Target": "dialog"}, "#dialog"),
        ({"HX-Request": "true", "HX-Target": "panel"}, "#panel"),
    ],
)
def test_a_dialogs_form_answers_where_it_stands(
    client: Client, contoso: Tenant, admin: User, headers: dict[str, str], target: str
) -> None:
    client.force_login(admin)
    body = client.get(ADDRESS, headers=headers).content.decode()
    assert f'hx-target="{target}"' in body
